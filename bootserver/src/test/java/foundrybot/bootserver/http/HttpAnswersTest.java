// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.WireEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpAnswersTest {
  @TempDir Path dir;
  private HttpRig rig;

  @BeforeEach
  void start() throws IOException {
    rig = new HttpRig(dir, HttpSettings.Limits.USUAL);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @Test
  void aFileArrivesWithItsExactLengthAndIsRecordedByItsLabel() throws Exception {
    HttpResponse<byte[]> response = rig.get("/big");

    assertEquals(200, response.statusCode());
    assertArrayEquals(rig.big, response.body());
    assertEquals("3000017", response.headers().firstValue("content-length").orElseThrow());
    assertEquals("bytes", response.headers().firstValue("accept-ranges").orElseThrow());
    WireEvent event = rig.await("http.request");
    assertEquals("GET kernel 200 3000017 bytes", event.detail());
    assertEquals(HttpRig.MAC, event.mac().orElseThrow());
    assertEquals(3_000_017, rig.server.counters().get(Counters.SENT_BYTES));
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 206, 0, 1",
    "bytes=10-19, 206, 10, 10",
    "bytes=3000000-, 206, 3000000, 17",
    "bytes=-5, 206, 3000012, 5",
    "bytes=3000016-9999999, 206, 3000016, 1",
    "bytes=3000017-, 416, 0, 0",
    "bytes=-0, 416, 0, 0",
    "'bytes=0-1,5-6', 200, 0, 3000017",
    "bytes=9-3, 200, 0, 3000017",
    "lines=0-1, 200, 0, 3000017",
    "Bytes=0-1, 206, 0, 2",
    "bytes=-9999999, 206, 0, 3000017",
    "bytes=-, 200, 0, 3000017",
  })
  void aRangeIsServedOrTheWhole(String range, int status, int from, int length) throws Exception {
    HttpResponse<byte[]> response = rig.get("/big", "Range", range);

    assertEquals(status, response.statusCode());
    assertArrayEquals(Arrays.copyOfRange(rig.big, from, from + length), response.body());
    String contentRange = response.headers().firstValue("content-range").orElse("");
    assertEquals(
        switch (status) {
          case 206 -> "bytes " + from + "-" + (from + length - 1) + "/3000017";
          case 416 -> "bytes */3000017";
          default -> "";
        },
        contentRange);
  }

  @Test
  void aRangeOfAFileThatChangedGetsTheWhole() throws Exception {
    assertEquals(206, rig.get("/big", "Range", "bytes=0-9", "If-Range", "\"d1\"").statusCode());
    assertEquals(200, rig.get("/big", "Range", "bytes=0-9", "If-Range", "\"d0\"").statusCode());
  }

  @Test
  void aFileThatTheClientHasIsNotSentAgain() throws Exception {
    HttpResponse<byte[]> response = rig.get("/big", "If-None-Match", "\"x\", W/\"d1\"");

    assertEquals(304, response.statusCode());
    assertEquals("\"d1\"", response.headers().firstValue("etag").orElseThrow());
    assertEquals(200, rig.get("/big", "If-None-Match", "\"d2\"").statusCode());
  }

  /** RFC 9110 section 5.1 says that case means nothing; GRUB 2.12 sees no length otherwise. */
  @Test
  void fieldNamesHaveTheCaseThatGrubCompares() throws Exception {
    String answer =
        rig.raw("GET /big HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\nConnection: close\r\n\r\n");
    for (String field :
        List.of(
            "Content-Length: 10\r\n",
            "Content-Range: bytes 0-9/3000017\r\n",
            "Accept-Ranges: bytes\r\n",
            "ETag: \"d1\"\r\n",
            "Connection: close\r\n")) {
      assertTrue(answer.contains(field), field + " in " + answer);
    }
  }

  @Test
  void headTellsTheLengthAndSendsNothing() throws Exception {
    // Ranges are for GET: who asks for the length with one is told that of the whole.
    String answer =
        rig.raw(
            HttpRig.request(
                "HEAD /big HTTP/1.1", "Host: x", "Range: bytes=0-9", "Connection: close"));

    assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
    assertTrue(answer.contains("Content-Length: 3000017\r\n"), answer);
    assertTrue(answer.endsWith("\r\n\r\n"), answer);
    rig.await("http.request");
    assertEquals(0, rig.server.counters().get(Counters.SENT_BYTES));
    String script = rig.raw("HEAD /script HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertTrue(script.contains("Content-Length: 7\r\n"), script);
    assertTrue(script.endsWith("\r\n\r\n"), script);
  }

  @Test
  void anAnswerWithoutContentHasNoLengthAndKeepsTheConnection() throws Exception {
    String answer =
        rig.raw(
            HttpRig.request("GET /none HTTP/1.1", "Host: x")
                + HttpRig.request("GET /script HTTP/1.1", "Host: x", "Connection: close"));

    assertTrue(answer.startsWith("HTTP/1.1 204 No Content\r\n"), answer);
    assertTrue(answer.endsWith("#!ipxe\n"), answer);
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    String answer =
        rig.raw(
            "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
                + "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                + "GET /script HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    int later = answer.indexOf("\r\n\r\nlater");
    int echo = answer.indexOf("\r\n\r\nabc");
    assertTrue(later > 0 && echo > later && answer.endsWith("#!ipxe\n"), answer);
  }

  @Test
  void aConnectionIsKeptForTheNextRequest() throws Exception {
    try (Socket socket = rig.connect()) {
      for (int i = 0; i < 50; i++) {
        HttpRig.send(socket, "GET /script HTTP/1.1\r\nHost: x\r\n\r\n");
        String answer = HttpRig.readUntil(socket, "#!ipxe\n");
        assertTrue(answer.contains("200 OK"), answer);
      }
    }
  }

  @Test
  void aHandlerThatFailsIsAnsweredWithoutItsSecrets() throws Exception {
    for (String path : List.of("/throws", "/fails")) {
      HttpResponse<byte[]> response = rig.get(path);
      assertEquals(500, response.statusCode());
      assertFalse(new String(response.body(), UTF_8).contains("secret"));
    }
    assertEquals(200, rig.get("/script").statusCode());
  }

  @Test
  void aFileThatIsMissingOrTooShortIsAnInternalErrorNotAShortAnswer() throws Exception {
    assertEquals(500, rig.get("/missing").statusCode());
    assertEquals(500, rig.get("/short").statusCode());
    assertEquals(2, rig.server.counters().get("failed.file"));
  }

  @Test
  void anAnswerWithALineBreakInAHeaderIsNotSent() throws Exception {
    assertEquals("", rig.raw("GET /split HTTP/1.1\r\nHost: x\r\n\r\n"));
    assertEquals(1, rig.server.counters().get("failed.answer"));
  }

  @Test
  void aPortInUseIsOneLineWithTheCure() {
    BindException fault =
        assertThrows(
            BindException.class,
            () ->
                HttpServer.start(
                    HttpSettings.on(InetAddress.getLoopbackAddress(), rig.server.port()),
                    rig.loops,
                    rig::handle,
                    rig.events::add));

    assertTrue(String.valueOf(fault.getMessage()).contains("ss -ltnp"), fault.getMessage());
    assertTrue(String.valueOf(fault.getMessage()).contains(Integer.toString(rig.server.port())));
    assertFalse(String.valueOf(fault.getMessage()).contains("\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"curl -fsS -C - -o", "wget -q -c -O", "busybox wget -q -c -O"})
  @Tag("slow")
  void aToolResumesAFetchThatWasCut(String tool) throws Exception {
    Path target = dir.resolve("fetched");
    Files.write(target, Arrays.copyOf(rig.big, 1_000_000));
    List<String> command = new ArrayList<>(List.of(tool.split(" ")));
    command.add(target.toString());
    command.add("http://127.0.0.1:" + rig.server.port() + "/big");
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertEquals(0, process.waitFor());
    assertArrayEquals(rig.big, Files.readAllBytes(target));
    String detail = rig.await("http.request").detail();
    assertTrue(detail.contains(" 206 2000017 bytes"), detail);
  }
}
