// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A server on loopback with a table that has something of everything. */
final class TftpRig implements AutoCloseable {
  static final MacAddress MAC = new MacAddress(0x525400aa0001L);

  private final Path dir;
  final List<WireEvent> events = new CopyOnWriteArrayList<>();
  final List<String> asked = new CopyOnWriteArrayList<>();
  final EventLoops loops;
  final byte[] content = new byte[300_017];
  private final boolean onePort;
  TftpServer server;

  TftpRig(Path dir) throws IOException {
    this(dir, false);
  }

  TftpRig(Path dir, boolean onePort) throws IOException {
    this(dir, onePort, 2);
  }

  TftpRig(Path dir, boolean onePort, int threads) throws IOException {
    this.loops = EventLoops.start(threads);
    this.dir = dir;
    this.onePort = onePort;
    new Random(5).nextBytes(content);
    Files.write(dir.resolve("file"), content);
    server = serve(TftpSettings.Limits.USUAL);
  }

  @Override
  public void close() {
    server.close();
    loops.close();
  }

  /** Starts over with other limits. */
  void restart(TftpSettings.Limits limits) {
    server.close();
    server = serve(limits);
  }

  TftpServer serve(TftpSettings.Limits limits) {
    return serve(limits, this::find);
  }

  TftpServer serve(TftpSettings.Limits limits, TftpTable table) {
    TftpSettings settings =
        TftpSettings.on((Inet4Address) InetAddress.getLoopbackAddress(), 0).with(limits);
    return TftpServer.start(onePort ? settings.onOnePort() : settings, loops, table, events::add);
  }

  TftpAnswer find(TftpRequest request) {
    asked.add(request.name());
    if (request.name().startsWith("bytes-")) {
      int size = Integer.parseInt(request.name().substring(6));
      return TftpAnswer.Bytes.of(Arrays.copyOf(content, size));
    }
    return switch (request.name()) {
      case "file" -> new TftpAnswer.File(dir.resolve("file"), content.length, Optional.of(MAC));
      case "short" -> TftpAnswer.File.of(dir.resolve("file"), content.length + 5000L);
      case "missing" -> TftpAnswer.File.of(dir.resolve("missing"), 5);
      case "later" ->
          new TftpAnswer.Later(
              CompletableFuture.supplyAsync(
                  () -> TftpAnswer.Bytes.of(Arrays.copyOf(content, 600)),
                  CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS)));
      case "never" ->
          new TftpAnswer.Later(CompletableFuture.failedStage(new IllegalStateException("secret")));
      case "throws" -> throw new IllegalStateException("secret");
      default -> new TftpAnswer.NotFound("not in the table");
    };
  }

  TestClient client() throws IOException {
    return new TestClient(server.port());
  }

  WireEvent await(String kind) throws InterruptedException {
    for (int i = 0; i < 1000; i++) {
      for (WireEvent event : events) {
        if (event.kind().equals(kind)) {
          return event;
        }
      }
      Thread.sleep(10);
    }
    throw new AssertionError("no event " + kind + " in " + events);
  }

  static String digest(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
