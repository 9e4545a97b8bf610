// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The certificates of these tests are made by the JDK's own keytool: EC and RSA, for 127.0.0.1. */
@Timeout(120)
class HttpsTest {
  @TempDir Path dir;
  private HttpRig rig;
  private SSLContext trusting;
  private List<TlsIdentity.Proof> proofs = List.of();

  @BeforeEach
  void start() throws Exception {
    proofs = List.of(OwnProof.make(dir, "EC", 256), OwnProof.make(dir, "RSA", 2048));
    trusting = OwnProof.trusting(proofs);
    rig =
        new HttpRig(
            dir,
            HttpSettings.on(InetAddress.getLoopbackAddress(), 0).with(new TlsIdentity(proofs)));
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private URI uri(String path) {
    return URI.create("https://127.0.0.1:" + rig.server.port() + path);
  }

  private HttpClient client() {
    return HttpClient.newBuilder()
        .sslContext(trusting)
        .version(HttpClient.Version.HTTP_1_1)
        .build();
  }

  private HttpResponse<byte[]> get(HttpClient client, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private Socket connect(String... protocols) throws IOException {
    Socket plain = rig.connect();
    var socket =
        (javax.net.ssl.SSLSocket)
            trusting.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    socket.setSoTimeout(10_000);
    return socket;
  }

  @Test
  void filesRangesAndScriptsArriveAsOverPlainHttp() throws Exception {
    try (HttpClient client = client()) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<byte[]> whole = get(client, "/big");
        assertEquals(200, whole.statusCode());
        assertArrayEquals(rig.big, whole.body());
        assertEquals("3000017", whole.headers().firstValue("content-length").orElseThrow());
      }
      HttpResponse<byte[]> part = get(client, "/big", "Range", "bytes=100000-299999");
      assertEquals(206, part.statusCode());
      assertArrayEquals(Arrays.copyOfRange(rig.big, 100_000, 300_000), part.body());
      assertEquals(416, get(client, "/big", "Range", "bytes=3000017-").statusCode());
      assertEquals(304, get(client, "/big", "If-None-Match", "\"d1\"").statusCode());
      assertEquals("#!ipxe\n", new String(get(client, "/script").body(), UTF_8));
    }
    assertEquals("GET kernel 200 3000017 bytes", rig.await("http.request").detail());
  }

  @Test
  void bothVersionsOfTlsAreSpokenAndTheConnectionIsKept() throws Exception {
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      try (Socket socket = connect(version)) {
        for (int i = 0; i < 5; i++) {
          HttpRig.send(socket, "GET /script HTTP/1.1\r\nHost: x\r\n\r\n");
          assertTrue(HttpRig.readUntil(socket, "#!ipxe\n").contains("200 OK"));
        }
        HttpRig.send(socket, "HEAD /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        String head = new String(socket.getInputStream().readAllBytes(), UTF_8);
        assertTrue(head.contains("Content-Length: 3000017\r\n"), head);
        assertTrue(head.endsWith("\r\n\r\n"), head);
      }
    }
  }

  @Test
  void aRequestWithABodyAndPipelinedOnesAreAnsweredInOrder() throws Exception {
    try (Socket socket = connect()) {
      HttpRig.send(
          socket,
          "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
              + "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
              + "GET /script HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      int later = answer.indexOf("\r\n\r\nlater");
      int echo = answer.indexOf("\r\n\r\nabc");
      assertTrue(later > 0 && echo > later && answer.endsWith("#!ipxe\n"), answer);
    }
  }

  @Test
  void aClientThatStopsReadingHoldsOneSliceAndNotTheFile() throws Exception {
    try (Socket stopped = connect();
        HttpClient client = client()) {
      HttpRig.send(stopped, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n".repeat(8));
      InputStream in = stopped.getInputStream();
      assertEquals('H', in.read());
      assertArrayEquals(rig.big, get(client, "/big").body());
      assertTrue(HttpRig.readUntil(stopped, "\r\n\r\n").contains("200 OK"));
      assertArrayEquals(rig.big, in.readNBytes(rig.big.length));
    }
  }

  @Test
  void moreRequestsInOneRecordThanMayWaitEndTheConnection() throws Exception {
    try (Socket socket = connect()) {
      HttpRig.send(socket, "GET /later HTTP/1.1\r\n\r\n".repeat(Ahead.MAX_REQUESTS * 2));
      int answered = HttpRig.readUntil(socket, "no end").split("200 OK", -1).length - 1;
      assertTrue(answered <= 1, answered + " were answered");
    } catch (IOException e) {
      // Reset.
    }
    rig.await("http.refused");
    assertEquals(1, rig.server.counters().get("refused.pipelined"));
  }

  @Test
  void whoDoesNotTrustTheCertificateIsToldOfWithTheCure() throws Exception {
    try (HttpClient distrusting = HttpClient.newHttpClient()) {
      assertThrows(SSLException.class, () -> get(distrusting, "/script"));
    }
    String detail = rig.await("http.refused").detail();
    assertTrue(detail.contains("bootserver ca"), detail);
    assertEquals(1, rig.server.counters().get("refused.tls"));
    assertTrue(rig.requests.isEmpty());
  }

  @Test
  void plainHttpOnThePortIsRefusedAndCounted() throws Exception {
    String answer = "";
    try {
      answer = rig.raw("GET /script HTTP/1.1\r\nHost: x\r\n\r\n");
    } catch (IOException e) {
      // Reset, as more was sent than was looked at.
    }
    assertFalse(answer.contains("#!ipxe"), answer);
    assertTrue(rig.await("http.refused").detail().contains("no TLS"));
  }

  @Test
  void aHandshakeThatIsNeverFinishedIsCutOff() throws Exception {
    HttpSettings.Limits quick =
        HttpSettings.Limits.USUAL.withTimes(
            java.time.Duration.ofMillis(300),
            java.time.Duration.ofMillis(400),
            java.time.Duration.ofMillis(600),
            java.time.Duration.ofMillis(300));
    rig.close();
    rig =
        new HttpRig(
            dir,
            HttpSettings.on(InetAddress.getLoopbackAddress(), 0)
                .with(quick)
                .with(new TlsIdentity(proofs)));
    try (Socket socket = rig.connect()) {
      socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0});
      assertEquals(-1, socket.getInputStream().read());
    }
  }

  @Test
  @Tag("slow")
  void opensslSpeaksEachVersionAndIsShownTheKeyThatItCanVerify() throws Exception {
    for (String[] options :
        new String[][] {
          {"EC", "-tls1_3"},
          {"RSA", "-tls1_3", "-sigalgs", "RSA-PSS+SHA256:RSA+SHA256"},
          {"EC", "-tls1_3", "-sigalgs", "RSA-PSS+SHA256:ECDSA+SHA256"},
          {"EC", "-tls1_2"},
          {"EC", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"},
          {"RSA", "-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"},
          {"RSA", "-tls1_2", "-cipher", "aRSA"},
          {"RSA", "-tls1_2", "-sigalgs", "RSA+SHA256"},
          // What iPXE of 2019 proposes.
          {"RSA", "-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"},
          // A suite for a key of a curve, from a client that knows no curve that the key is on.
          {"RSA", "-tls1_2", "-groups", "X448:X25519:P-521"}
        }) {
      String said = openssl(Arrays.copyOfRange(options, 1, options.length));
      String what = String.join(" ", options) + "\n" + said;
      assertTrue(said.contains("Verify return code: 0 (ok)"), what);
      assertTrue(said.contains("CN = " + options[0]), what);
    }
    assertTrue(openssl("-tls1_1", "-cipher", "ALL:@SECLEVEL=0").contains("Cipher is (NONE)"));
  }

  private String openssl(String... options) throws Exception {
    Path pem = dir.resolve("ca.pem");
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : new TlsIdentity(proofs).certificates()) {
      text.append("-----BEGIN CERTIFICATE-----\n")
          .append(java.util.Base64.getMimeEncoder().encodeToString(certificate.getEncoded()))
          .append("\n-----END CERTIFICATE-----\n");
    }
    Files.writeString(pem, text);
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:" + rig.server.port(),
                "-CAfile",
                pem.toString()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return said;
  }
}
