// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.EventLoops;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** 300 connections pull one file of 60 MB; the file is sparse, the bytes on the wire are not. */
@Timeout(300)
class HttpFairnessTest {
  private static final int CLIENTS = 300;
  private static final long SIZE = 60L << 20;
  private static final int LATE_ENOUGH = 4 << 20;
  private static final int WINDOW = 256 << 10;

  @TempDir Path dir;
  private EventLoops loops = EventLoops.start(1);
  private HttpServer server = serve();
  private final List<SocketChannel> clients = new ArrayList<>();
  private final Map<SocketChannel, Long> taken = new ConcurrentHashMap<>();

  /** All on one loop, where a greedy connection would starve the others. */
  private HttpServer serve() {
    return HttpServer.start(
        HttpSettings.on(InetAddress.getLoopbackAddress(), 0),
        loops,
        request ->
            CompletableFuture.completedFuture(
                request.path().equals("/image")
                    ? HttpAnswer.File.of(dir.resolve("image"), SIZE, "x/y", "", "image")
                    : HttpAnswer.Body.text(200, "#!ipxe\n", "script")),
        event -> {});
  }

  @BeforeEach
  void makeImage() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(dir.resolve("image").toFile(), "rw")) {
      file.setLength(SIZE);
    }
  }

  @AfterEach
  void stop() throws IOException {
    for (SocketChannel client : clients) {
      client.close();
    }
    server.close();
    loops.close();
  }

  private void connect(Selector selector, int number) throws IOException {
    for (int i = 0; i < number; i++) {
      SocketChannel client = SocketChannel.open();
      // The same for all: windows that the kernel tunes grow faster for who was there first.
      client.setOption(StandardSocketOptions.SO_RCVBUF, WINDOW);
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
      client.write(
          ByteBuffer.wrap(
              "GET /image HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_READ);
      clients.add(client);
      taken.put(client, 0L);
    }
  }

  /** Takes all there is, from everybody, until all together have so many bytes. */
  private void drain(Selector selector, long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    for (long all = 0; all < bytes; ) {
      assertTrue(selector.select(10_000) > 0, "nothing came");
      for (SelectionKey key : selector.selectedKeys()) {
        buffer.clear();
        int read = ((SocketChannel) key.channel()).read(buffer);
        assertTrue(read >= 0, "ended early");
        taken.merge((SocketChannel) key.channel(), (long) read, Long::sum);
        all += read;
      }
      selector.selectedKeys().clear();
    }
  }

  @Test
  void hundredsOfConnectionsProgressAlikeAndAScriptIsAnsweredMeanwhile() throws Exception {
    try (Selector selector = Selector.open()) {
      connect(selector, CLIENTS);
      drain(selector, (long) CLIENTS * LATE_ENOUGH);
      try (Socket script = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        script.setSoTimeout(30_000);
        HttpRig.send(script, "GET /script HTTP/1.1\r\nHost: x\r\n\r\n");
        // While the images still flow.
        CompletableFuture<String> answer =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return HttpRig.readUntil(script, "#!ipxe\n");
                  } catch (IOException e) {
                    return e.toString();
                  }
                });
        long before = taken.values().stream().mapToLong(Long::longValue).sum();
        while (!answer.isDone()) {
          drain(selector, 1 << 20);
        }
        assertTrue(answer.join().endsWith("#!ipxe\n"), answer.join());
        long meanwhile = taken.values().stream().mapToLong(Long::longValue).sum() - before;
        assertTrue(meanwhile < (long) CLIENTS * LATE_ENOUGH, meanwhile + " bytes came before it");
      }
      // All have begun by now, some earlier than others; what counts is what each gets from here.
      Map<SocketChannel, Long> begun = Map.copyOf(taken);
      drain(selector, (long) CLIENTS * LATE_ENOUGH);
      LongSummaryStatistics shares =
          clients.stream()
              .mapToLong(c -> taken.getOrDefault(c, 0L) - begun.getOrDefault(c, 0L))
              .summaryStatistics();
      long least = shares.getMin();
      long most = shares.getMax();
      assertTrue(least > 0 && most / least < 4, "least " + least + ", most " + most);
    }
  }

  @Test
  void readersThatStopHoldNoMemoryAndNobodyUp() throws Exception {
    ByteBufAllocatorMetricProvider buffers =
        (ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT;
    try (Selector stopped = Selector.open();
        Selector reading = Selector.open()) {
      connect(stopped, CLIENTS);
      long before = buffers.metric().usedDirectMemory() + buffers.metric().usedHeapMemory();
      connect(reading, 1);
      SocketChannel reader = clients.getLast();
      drain(reading, SIZE);
      assertTrue(taken.getOrDefault(reader, 0L) >= SIZE, "all of it");
      long more = buffers.metric().usedDirectMemory() + buffers.metric().usedHeapMemory() - before;
      assertTrue(more < 16 << 20, more + " bytes of buffers");
      assertEquals(
          0, clients.stream().limit(CLIENTS).mapToLong(c -> taken.getOrDefault(c, 0L)).sum());
    }
  }
}
