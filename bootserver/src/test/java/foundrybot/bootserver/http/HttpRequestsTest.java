// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class HttpRequestsTest {
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

  @ParameterizedTest
  @CsvSource({
    "/script, /script",
    "//script, /script",
    "/a///b/, /a/b/",
    "/./a/./b, /a/b",
    "/52%3A54, /52:54",
    "/%C3%A4, /ä",
    "/a%20b+c, /a b+c",
    "http://host:80/x, /x",
    "http://host, /",
    "https://host:443/x, /x",
    "HTTP://host//x, /x",
    "http://host?a=/b, /",
    "http://[2001:db8::1]:8080/x, /x",
    "http://user:word@host/x, /x",
    "/, /",
  })
  void aPathIsDecodedAndNeverRedirected(String target, String path) throws Exception {
    String answer = rig.raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assertFalse(answer.contains(" 30"), answer);
    assertEquals(path, rig.requests.getLast().path());
  }

  @ParameterizedTest
  @CsvSource({
    "/../etc/passwd",
    "/a/../b",
    "/a/%2e%2e/b",
    "/a%2f..%2fb",
    "/a/..\\b",
    "/a%00b",
    "/a%0d%0ab",
    "/a%",
    "/a%4",
    "/a%zz",
    "/a%ff",
    "a",
    "*",
    "/a?x=%0",
  })
  void aPathThatLeadsAstrayIsABadRequest(String target) throws Exception {
    String answer = rig.raw("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");

    assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    assertTrue(rig.requests.isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "'\\0\\0\\0', 400",
    "'GET\\r\\n\\r\\n', 400",
    "'GET /a HTTP/9.9.9\\r\\n\\r\\n', 400",
    "'GET /a HTTP/1.1\\r\\nno colon\\r\\n\\r\\n', 400",
    "'GET /a HTTP/1.1\\r\\nContent-Length: 1\\r\\nContent-Length: 2\\r\\n\\r\\nab', 400",
    "'POST /a HTTP/1.1\\r\\nContent-Length: -1\\r\\n\\r\\n', 400",
    "'GET /a HTTP/1.1\\r\\nHost: a\\r\\nhost: a\\r\\n\\r\\n', 400",
    "'BREW /a HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n', 501",
  })
  void whatIsNoRequestIsAnsweredShortlyAndCounted(String bytes, int status) throws Exception {
    String answer =
        rig.raw(bytes.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0") + "\r\n\r\n");

    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    assertTrue(answer.length() < 300, answer);
    assertTrue(
        rig.server.counters().keySet().stream().anyMatch(reason -> reason.startsWith("malformed.")),
        rig.server.counters().toString());
  }

  /** U-Boot asks so (its {@code net/wget.c}), and needs the length, by that name. */
  @Test
  void aLoaderThatSaysNothingButThePathGetsTheFileAndItsLength() throws Exception {
    for (String version : List.of("1.0", "1.1")) {
      try (Socket socket = rig.connect()) {
        HttpRig.send(socket, "GET /script HTTP/" + version + "\r\n\r\n");
        String answer = HttpRig.readUntil(socket, "#!ipxe\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
        assertTrue(answer.contains("\r\nContent-Length: 7\r\n"), answer);
      }
    }
  }

  @Test
  void aClientThatAsksFirstIsToldToContinue() throws Exception {
    try (Socket socket = rig.connect()) {
      HttpRig.send(
          socket,
          "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
      assertTrue(HttpRig.readUntil(socket, "\r\n\r\n").startsWith("HTTP/1.1 100 "));
      HttpRig.send(socket, "abc");
      assertTrue(HttpRig.readUntil(socket, "abc").startsWith("HTTP/1.1 201 "));
    }
  }

  /** RFC 9110 section 10.1.1. */
  @Test
  void aClientOfHttp10GetsNoInterimAnswer() throws Exception {
    String answer =
        rig.raw(
            HttpRig.request("POST /echo HTTP/1.0", "Expect: 100-continue", "Content-Length: 3")
                + "abc");

    assertTrue(answer.startsWith("HTTP/1.1 201 "), answer);
    assertTrue(answer.endsWith("\r\n\r\nabc"), answer);
  }

  @Test
  void aChunkedBodyIsJoinedAndItsExtensionsAndTrailersMeanNothing() throws Exception {
    String answer =
        rig.raw(
            HttpRig.request(
                    "POST /echo HTTP/1.1",
                    "Host: x",
                    "Transfer-Encoding: chunked",
                    "Connection: close")
                + "2;x=y\r\nab\r\n1\r\nc\r\n0\r\nX-Trailer: z\r\n\r\n");

    assertTrue(answer.startsWith("HTTP/1.1 201 "), answer);
    assertTrue(answer.endsWith("\r\n\r\nabc"), answer);
  }

  @Test
  void headersAndParametersCanBeAskedFor() throws Exception {
    rig.raw(
        HttpRig.request(
            "GET /x?a=1&b=%20x&a=2&c HTTP/1.1",
            "Host: x", "X-Token: t1", "X-Token: t2", "Connection: close"));

    HttpRequestView request = rig.requests.getLast();
    assertEquals(
        Map.of("a", List.of("1", "2"), "b", List.of(" x"), "c", List.of("")), request.query());
    assertEquals("1", request.parameter("a").orElseThrow());
    assertEquals("t1, t2", request.header("X-TOKEN").orElseThrow());
    assertFalse(request.toString().contains("/x"));
  }

  @Test
  void aTokenInThePathIsInNoEvent() throws Exception {
    rig.get("/token-s3cret/preseed?key=s3cret");
    rig.get("/%2e%2e/s3cret");
    rig.raw("GET /s3cret" + "a".repeat(5000) + " HTTP/1.1\r\n\r\n");

    assertFalse(rig.events.isEmpty());
    assertFalse(rig.events.toString().contains("s3cret"), rig.events.toString());
    assertFalse(rig.server.counters().toString().contains("s3cret"));
  }

  @Test
  void randomRequestsGetShortAnswersAndTheServerGoesOn() throws Exception {
    Random random = new Random(11);
    String valid =
        HttpRig.request(
            "GET /script?a=%20b HTTP/1.1", "Host: x", "Range: bytes=0-1", "Connection: close");
    for (int i = 0; i < 500; i++) {
      StringBuilder request = new StringBuilder(valid);
      for (int n = random.nextInt(1, 6); n > 0; n--) {
        request.setCharAt(random.nextInt(request.length()), (char) random.nextInt(256));
      }
      try (Socket socket = rig.connect()) {
        socket
            .getOutputStream()
            .write(request.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        socket.shutdownOutput();
        assertTrue(socket.getInputStream().readAllBytes().length < 1000);
      }
    }
    assertEquals(200, rig.get("/script").statusCode());
  }
}
