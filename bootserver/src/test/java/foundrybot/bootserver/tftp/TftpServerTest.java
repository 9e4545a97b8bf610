// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.WireEvent;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@ParameterizedClass(name = "on one port: {0}")
@ValueSource(booleans = {false, true})
class TftpServerTest {
  @Parameter boolean onePort;
  @TempDir Path dir;
  private TftpRig rig;

  @BeforeEach
  void start() throws IOException {
    rig = new TftpRig(dir, onePort);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @ParameterizedTest
  @CsvSource({"512, 1", "1468, 1", "1468, 4", "1468, 16", "1468, 64", "8, 64", "1000, 7"})
  void aFileArrivesWhateverBlocksAndWindows(int block, int window) throws Exception {
    try (TestClient client = rig.client()) {
      byte[] file =
          client.get("file", block, window, "blksize", "" + block, "windowsize", "" + window);
      assertEquals(TftpRig.digest(rig.content), TftpRig.digest(file));
      assertEquals(Map.of("blksize", "" + block, "windowsize", "" + window), client.oack);
    }
    assertFalse(rig.server.counters().containsKey("segmentation-off"), "the kernel cut no run");
    WireEvent done = rig.await("tftp.done");
    assertEquals(TftpRig.MAC, done.mac().orElseThrow());
    assertTrue(done.detail().startsWith("file, 300017 bytes in "), done.detail());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, 512, 513, 1024})
  void contentOfEverySizeEndsWithAShortBlock(int size) throws Exception {
    try (TestClient client = rig.client()) {
      assertArrayEquals(Arrays.copyOf(rig.content, size), client.get("bytes-" + size, 512, 1));
    }
  }

  @Test
  void largeBlocksAreSentWhereTheyAreAllowed() throws Exception {
    rig.restart(TftpSettings.Limits.USUAL.withBlockSize(65_464));
    try (TestClient client = rig.client()) {
      byte[] file = client.get("file", 65_464, 4, "blksize", "65464", "windowsize", "4");
      assertEquals(TftpRig.digest(rig.content), TftpRig.digest(file));
    }
  }

  @Test
  void moreThan65535BlocksArrive() throws Exception {
    byte[] big = new byte[8 * 66_000 + 3];
    new Random(9).nextBytes(big);
    Files.write(dir.resolve("file"), big);
    rig.server.close();
    rig.server =
        rig.serve(
            TftpSettings.Limits.USUAL, _ -> TftpAnswer.File.of(dir.resolve("file"), big.length));
    try (TestClient client = rig.client()) {
      assertEquals(
          TftpRig.digest(big),
          TftpRig.digest(client.get("file", 8, 32, "blksize", "8", "windowsize", "32")));
    }
  }

  @Test
  void whatIsRefusedIsAnsweredWithAnErrorAndCounted() throws Exception {
    assertRefused(TestClient.request(1, "file", "netascii"), 4, "refused.netascii");
    assertRefused(TestClient.request(1, "file", "mail"), 4, "refused.mode");
    assertRefused(TestClient.request(2, "file", "octet"), 2, "refused.write");
    assertRefused(TestClient.request(1, "../file", "octet"), 2, "refused.name");
    assertRefused(TestClient.request(1, "nothing", "octet"), 1, "refused.not-found");
    assertRefused(TestClient.request(1, "missing", "octet"), 0, "refused.unreadable");
    assertRefused(TestClient.request(1, "throws", "octet"), 0, "refused.table");
    assertEquals(List.of("nothing", "missing", "throws"), rig.asked);
    assertFalse(rig.events.toString().contains("secret"));
  }

  /** RFC 2347 section 2; of two alike the RFC says nothing. Old ROMs fill their requests up. */
  @Test
  void theCaseOfModeAndOptionsMeansNothingNorDoesWhatFillsTheRequestUp() throws Exception {
    try (TestClient client = rig.client()) {
      client.toServer(
          TestClient.request(
              1, "file", "OcTeT", "TSIZE", "0", "BlkSize", "1024", "blksize", "8", "", "", ""));
      assertEquals(
          Map.of("tsize", "300017", "blksize", "1024"), TestClient.options(client.receive()));
    }
  }

  /** As smee takes it off a name (W3C trace context). */
  @Test
  void aNameWithATraceIdentifierGluedToItIsAnotherName() throws Exception {
    String trace = "-00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assertRefused(TestClient.request(1, "nothing" + trace, "octet"), 1, "refused.not-found");
    assertEquals(List.of("nothing" + trace), rig.asked);
  }

  @Test
  void anAnswerThatHasToWaitIsAskedForOnceHoweverOftenTheClientAsks() throws Exception {
    try (TestClient client = rig.client()) {
      byte[] request = TestClient.request(1, "later", "octet");
      for (int i = 0; i < 3; i++) {
        client.toServer(request);
      }
      byte[] first = client.receive();
      assertEquals(4 + 512, first.length);
      client.reply(TestClient.ack(1));
      assertEquals(4 + 88, client.receive().length);
      client.reply(TestClient.ack(2));
    }
    rig.await("tftp.done");
    assertEquals(List.of("later"), rig.asked);
    assertEquals(2, rig.server.counters().get("request-repeated"));
    assertRefused(TestClient.request(1, "never", "octet"), 0, "refused.table");
    assertFalse(rig.events.toString().contains("secret"));
  }

  @Test
  void aMalformedRequestNeverGetsMoreBytesThanItHad() throws Exception {
    byte[][] shorter = {{0, 1}, {0, 1, 'a'}, {0, 2}, {0, 1, 'a', 0, 'o', 'c', 't', 'e', 't'}};
    try (TestClient client = rig.client()) {
      for (byte[] request : shorter) {
        client.toServer(request);
      }
      // What comes back first is the answer to this one: long enough, and without its last NUL.
      client.toServer("\0\1a-file-with-a-name\0octet".getBytes(StandardCharsets.US_ASCII));
      assertEquals(22, client.receive().length);
      client.toServer(TestClient.request(1, "nothing", "octet"));
      assertEquals(1, client.receive()[3], "nothing came in between");
    }
    assertEquals(1, rig.server.counters().get("malformed.write"));
    assertEquals(2, rig.server.counters().get("malformed.name"));
    assertEquals(2, rig.server.counters().get("malformed.mode"));
  }

  private void assertRefused(byte[] request, int code, String counter) throws IOException {
    try (TestClient client = rig.client()) {
      client.toServer(request);
      byte[] answer = client.receive();
      assertEquals(5, answer[1]);
      assertEquals(code, answer[3], counter);
      assertEquals(1, rig.server.counters().get(counter));
    }
  }

  @Test
  void aFileThatEndsTooEarlyIsAnErrorNotAShortFile() throws Exception {
    try (TestClient client = rig.client()) {
      assertEquals(0, client.get("short", 1468, 4, "blksize", "1468", "windowsize", "4").length);
      assertEquals(0, client.errorCode);
    }
    rig.await("tftp.failed");
  }

  @Test
  void aServerOnOneInterfaceServesThere() throws Exception {
    rig.server.close();
    rig.server =
        TftpServer.start(
            TftpSettings.on((Inet4Address) InetAddress.getLoopbackAddress(), 0).onlyOn("lo"),
            rig.loops,
            rig::find,
            rig.events::add);
    try (TestClient client = rig.client()) {
      assertEquals(rig.content.length, client.get("file", 512, 1).length);
    }
    assertThrows(
        BindException.class,
        () ->
            TftpServer.start(
                TftpSettings.on((Inet4Address) InetAddress.getLoopbackAddress(), 0)
                    .onlyOn("nothere"),
                rig.loops,
                rig::find,
                rig.events::add));
  }

  @Test
  @Tag("slow")
  void curlFetchesAFile() throws Exception {
    Path target = dir.resolve("fetched");
    Process curl =
        new ProcessBuilder(
                "curl",
                "-sS",
                "--tftp-blksize",
                "1468",
                "-o",
                target.toString(),
                "tftp://127.0.0.1:" + rig.server.port() + "/file")
            .inheritIO()
            .start();
    assertEquals(0, curl.waitFor());
    assertEquals(TftpRig.digest(rig.content), TftpRig.digest(Files.readAllBytes(target)));
  }

  @Test
  void aPortInUseIsOneLineWithTheCure() {
    BindException fault =
        assertThrows(
            BindException.class,
            () ->
                TftpServer.start(
                    TftpSettings.on(
                        (Inet4Address) InetAddress.getLoopbackAddress(), rig.server.port()),
                    rig.loops,
                    rig::find,
                    rig.events::add));

    String message = String.valueOf(fault.getMessage());
    assertTrue(message.contains("ss -lunp sport = :" + rig.server.port()), message);
    assertFalse(message.contains("\n"), message);
  }
}
