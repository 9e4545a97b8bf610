// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.WireEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpLimitsTest {
  private static final HttpSettings.Limits QUICK =
      HttpSettings.Limits.USUAL.withTimes(
          Duration.ofMillis(300),
          Duration.ofMillis(400),
          Duration.ofMillis(600),
          Duration.ofMillis(300));

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

  private void restart(HttpSettings.Limits limits) throws IOException {
    rig.close();
    rig = new HttpRig(dir, limits);
  }

  @Test
  void longLinesAndHeadersAreRefused() throws Exception {
    String line = rig.raw("GET /" + "a".repeat(5000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    String headers =
        rig.raw("GET /script HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");

    assertTrue(line.startsWith("HTTP/1.1 414 "), line);
    assertTrue(headers.startsWith("HTTP/1.1 431 "), headers);
    assertTrue(rig.requests.isEmpty());
  }

  @Test
  void aLargeBodyIsRefusedAndTheClientCanReadWhy() throws Exception {
    String announced =
        rig.raw(
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n" + "a".repeat(65537));
    String chunks =
        rig.raw(
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + ("8000\r\n" + "a".repeat(0x8000) + "\r\n").repeat(3)
                + "0\r\n\r\n");

    assertTrue(announced.startsWith("HTTP/1.1 413 "), announced);
    assertTrue(chunks.startsWith("HTTP/1.1 413 "), chunks);
    assertEquals(2, rig.server.counters().get("refused.body"));
    String fits =
        rig.raw(
            "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 65536\r\n\r\n"
                + "a".repeat(65536));
    assertTrue(fits.startsWith("HTTP/1.1 201 "), fits.substring(0, 40));
    assertTrue(fits.endsWith("a".repeat(65536)));
  }

  @Test
  void whatIsRefusedBeforeItsBodyIsCountedAndEndsTheConnection() throws Exception {
    String large =
        rig.raw("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n");
    String strange = rig.raw("POST /echo HTTP/1.1\r\nExpect: tea\r\nContent-Length: 2\r\n\r\n");

    assertTrue(large.startsWith("HTTP/1.1 413 "), large);
    assertTrue(large.contains("Connection: close"), large);
    assertTrue(strange.startsWith("HTTP/1.1 417 "), strange);
    assertEquals(1, rig.server.counters().get("refused.body"));
    assertEquals(1, rig.server.counters().get("refused.expectation"));
  }

  @Test
  void aHandlerThatNeverAnswersIsAnswered503() throws Exception {
    restart(QUICK);

    assertTrue(rig.raw("GET /never HTTP/1.1\r\nHost: x\r\n\r\n").startsWith("HTTP/1.1 503 "));
  }

  @Test
  void aClientThatDribblesItsRequestIsCutOff() throws Exception {
    restart(QUICK);
    long start = System.nanoTime();
    try (Socket socket = rig.connect()) {
      String request = "GET /script HTTP/1.1\r\nHost: x\r\nX: y\r\n\r\n";
      assertThrows(
          IOException.class,
          () -> {
            for (int i = 0; i < 40; i++) {
              socket.getOutputStream().write(request.charAt(i % 20));
              HttpRig.pause(50);
            }
          });
    }
    assertTrue(System.nanoTime() - start < 2_000_000_000L);
    rig.await("http.timeout");
  }

  @Test
  void aClientThatSaysNothingIsCutOff() throws Exception {
    restart(QUICK);
    try (Socket socket = rig.connect()) {
      assertEquals(-1, socket.getInputStream().read());
    }
    assertEquals(1, rig.server.counters().get("timeout.receive"));
  }

  @Test
  void aRestingConnectionIsClosedInTime() throws Exception {
    restart(QUICK);
    String answer = rig.raw("GET /script HTTP/1.1\r\nHost: x\r\n\r\n");

    assertTrue(answer.endsWith("#!ipxe\n"), answer);
    assertEquals(1, rig.server.counters().get("timeout.idle"));
  }

  @Test
  void aClientThatStopsReadingIsCutOffAndRecordedAsAborted() throws Exception {
    restart(QUICK);
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.server.port()));
      HttpRig.send(socket, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20));
      WireEvent aborted = rig.await("http.aborted");
      assertTrue(
          aborted.detail().matches("GET kernel 200 at \\d+ of 3000017 bytes"), aborted.detail());
    }
    assertEquals(1, rig.server.counters().get("timeout.stall"));
  }

  @Test
  void oneConnectionTooManyIsAnswered503() throws Exception {
    restart(HttpSettings.Limits.USUAL.withConnections(10, 2));
    try (Socket one = rig.connect();
        Socket two = rig.connect()) {
      HttpRig.send(one, "GET /script HTTP/1.1\r\nHost: x\r\n\r\n");
      HttpRig.readUntil(one, "#!ipxe\n");
      HttpRig.send(two, "GET /script HTTP/1.1\r\nHost: x\r\n\r\n");
      HttpRig.readUntil(two, "#!ipxe\n");
      try (Socket three = rig.connect()) {
        // Bytes the server never asked for must not turn the answer into a reset.
        HttpRig.send(three, "GET /script HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(HttpRig.readUntil(three, "\r\n\r\n").startsWith("HTTP/1.1 503 "));
      }
    }
    assertEquals(1, rig.server.counters().get("refused.connections-of-peer"));
    for (int i = 0; i < 100 && !rig.raw("GET /script HTTP/1.0\r\n\r\n").contains("200"); i++) {
      HttpRig.pause(20);
    }
    assertTrue(rig.raw("GET /script HTTP/1.0\r\n\r\n").contains("200 OK"));
  }

  @Test
  void aBodyThatNobodyWantsIsNotTakenBeforeTheAnswer() throws Exception {
    try (Socket socket = rig.connect()) {
      HttpRig.send(socket, "POST /unwanted HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");
      String answer = HttpRig.readUntil(socket, "not found\n");
      assertTrue(answer.startsWith("HTTP/1.1 404 "), answer);
      assertTrue(answer.contains("Connection: close\r\n"), answer);
    }
    assertEquals(0, rig.requests.getLast().body().length);
    String asked =
        rig.raw(
            HttpRig.request(
                "POST /unwanted HTTP/1.1", "Expect: 100-continue", "Content-Length: 60000"));
    assertTrue(asked.startsWith("HTTP/1.1 404 "), asked);
  }

  @Test
  void aFloodOfPipelinedRequestsWaitsInTheKernelAndIsServedInOrder() throws Exception {
    int number = 5000;
    String flood = "GET /none HTTP/1.1\r\n\r\n".repeat(number);
    String answers = rig.raw(flood + "GET /script HTTP/1.1\r\nConnection: close\r\n\r\n");

    assertEquals(number, answers.split("204 No Content", -1).length - 1);
    assertTrue(answers.endsWith("#!ipxe\n"));
  }

  @Test
  void aFloodOfHeaderFieldsIsRefused() throws Exception {
    String fields = rig.raw("GET /script HTTP/1.1\r\n" + "A: b\r\n".repeat(5000) + "\r\n");

    assertTrue(fields.startsWith("HTTP/1.1 431 "), fields);
    assertTrue(rig.requests.isEmpty());
  }

  @Test
  void aClientThatEndsItsSideEarlyGetsWhatItAskedFor() throws Exception {
    for (String path : List.of("/later", "/big", "/script")) {
      try (Socket socket = rig.connect()) {
        HttpRig.send(socket, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
        socket.shutdownOutput();
        byte[] answer = socket.getInputStream().readAllBytes();
        int length = path.equals("/big") ? rig.big.length : 5;
        assertTrue(answer.length >= length, path + ": " + answer.length);
      }
    }
  }

  private long refusedOfPeer() {
    return rig.server.counters().getOrDefault("refused.connections-of-peer", 0L);
  }

  @Test
  void restingConnectionsOfOneAddressDoNotKeepAnotherOut() throws Exception {
    restart(HttpSettings.Limits.USUAL.withConnections(20, 8));
    List<Socket> resting = new ArrayList<>();
    try {
      for (int i = 0; i < 12; i++) {
        resting.add(rig.connect());
      }
      for (int i = 0; i < 500 && refusedOfPeer() < 4; i++) {
        HttpRig.pause(10);
      }
      assertEquals(4, refusedOfPeer());
      try (Socket other = new Socket()) {
        other.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0));
        other.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.server.port()));
        HttpRig.send(other, "GET /script HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(HttpRig.readUntil(other, "#!ipxe\n").contains("200 OK"));
      }
    } finally {
      for (Socket socket : resting) {
        socket.close();
      }
    }
  }
}
