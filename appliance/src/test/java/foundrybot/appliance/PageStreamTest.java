// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The stream that tells an open page what has changed, over real sockets. */
@Timeout(60)
class PageStreamTest {
  private static final String MAC = "52:54:00:cd:00:01";
  private static final String OTHER = "52:54:00:cd:00:02";
  private static final Pattern POLL = Pattern.compile("hx-get=\"(/ui/[^\"]*changes[^\"]+)\"");
  private static final Pattern PROOF = Pattern.compile("name=\"proof\" value=\"([0-9a-f]{64})\"");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private LoopbackAppliance appliance;
  private String cookie = "";

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    appliance =
        new LoopbackAppliance(folder)
            .node(MAC, "w1", "debian-12")
            .node(OTHER, "w2", "debian-12")
            .start();
    cookie = logIn();
  }

  @AfterEach
  void stop() {
    appliance.close();
    client.close();
    assertEquals(List.of(), appliance.fatal);
  }

  private String logIn() throws Exception {
    String token = OperatorAccess.of(appliance.data).token();
    String cookies =
        post("/ui/login", "token", token).headers().firstValue("set-cookie").orElse("");
    return cookies.substring(0, cookies.indexOf(';'));
  }

  private HttpResponse<String> post(String path, String name, String value) throws Exception {
    return client.send(
        HttpRequest.newBuilder(appliance.uri(path))
            .header("Cookie", cookie)
            .POST(BodyPublishers.ofString(name + "=" + URLEncoder.encode(value, UTF_8)))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(appliance.uri(path)).header("Cookie", cookie).build(),
        BodyHandlers.ofString());
  }

  private static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertTrue(matcher.find(), text);
    return matcher.group(1);
  }

  /** As a browser listens. */
  private final class Ear implements AutoCloseable {
    final Socket socket = new Socket(LoopbackAppliance.ADDRESS, appliance.port("http"));
    final BufferedReader in;

    Ear(String query) throws IOException {
      socket.setSoTimeout(20_000);
      String request =
          "GET /ui/stream%s HTTP/1.1\r\nHost: a\r\nCookie: %s\r\n\r\n".formatted(query, cookie);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      assertEquals("HTTP/1.1 200 OK", in.readLine());
      while (!in.readLine().isEmpty()) {
        // Header fields have a test of their own.
      }
    }

    /** The data of the next event of that name. */
    String next(String event) throws IOException {
      boolean right = false;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("event: ")) {
          right = line.equals("event: " + event);
        } else if (right && line.startsWith("data: ")) {
          return line.substring(6);
        }
      }
      return "ended";
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private void w1Moves() {
    assertEquals(200, appliance.get("/boot/" + MAC + "/bios.ipxe").status());
  }

  @Test
  void twoPagesHearOfOneChangeAndFetchIt() throws Exception {
    String poll = found(POLL, get("/ui/").body());
    String have = poll.substring(poll.indexOf('=') + 1);
    try (Ear one = new Ear("?have=" + have);
        Ear other = new Ear("?have=" + have)) {
      w1Moves();
      String mark = one.next("changed");
      assertNotEquals(have, mark);
      assertEquals(mark, other.next("changed"));
      String sent = get(poll).body();
      assertTrue(sent.contains("id=\"n-w1\"") && !sent.contains("id=\"n-w2\""), sent);
      assertTrue(sent.contains("data-mark=\"" + mark + "\""), sent);
    }
  }

  @Test
  void aNodesPageHearsOfItsNodeAloneAndOfTimeThatMakesItStuck() throws Exception {
    String page = get("/ui/node/w1").body();
    try (Ear ear =
            new Ear("?node=w1&have=" + found(Pattern.compile("data-mark=\"([^\"]+)"), page));
        Ear other = new Ear("?node=w2")) {
      String before = other.next("changed");
      w1Moves();
      assertFalse(ear.next("changed").isEmpty());
      assertTrue(get(found(POLL, page)).body().contains("token.minted"));
      appliance.clock.pass(Duration.ofMinutes(10));
      ear.next("changed");
      assertTrue(get(found(POLL, page)).body().contains("fetched no kernel"));
      assertEquals(200, appliance.get("/boot/" + OTHER + "/bios.ipxe").status());
      assertNotEquals(before, other.next("changed"));
    }
    assertEquals(404, get("/ui/stream?node=w9").statusCode());
  }

  @Test
  void aPageThatReadsNothingForAWhileIsToldTheNewestOnly() throws Exception {
    try (Ear slow = new Ear("");
        Ear quick = new Ear("")) {
      quick.next("changed");
      for (int i = 0; i < 3; i++) {
        appliance.send(
            appliance
                .asOperator("nodes/w1/" + (i % 2 == 0 ? "hold" : "resume"))
                .POST(BodyPublishers.noBody()));
        quick.next("changed");
      }
      String page = get("/ui/").body();
      String mark = found(Pattern.compile("data-mark=\"([^\"]+)"), page);
      int heard = 0;
      for (String told = ""; !told.equals(mark); heard++) {
        told = slow.next("changed");
        assertNotEquals("ended", told);
      }
      assertTrue(heard <= 5, "events: " + heard);
    }
  }

  @Test
  void afterARestartThePageIsTakenToTheLogInAndThenToAnotherPicture() throws Exception {
    String poll = found(POLL, get("/ui/").body());
    String have = poll.substring(poll.indexOf('=') + 1);
    try (Ear ear = new Ear("?have=" + have)) {
      ear.next("alive");
      appliance.stop();
      assertEquals("ended", ear.next("changed"));
    }
    appliance.startAgain();
    assertEquals(401, get("/ui/stream?have=" + have).statusCode(), "sessions are in memory");
    cookie = logIn();
    try (Ear ear = new Ear("?have=" + have)) {
      assertNotEquals(have, ear.next("changed"));
      assertEquals("true", get(poll).headers().firstValue("hx-refresh").orElse(""));
    }
  }

  @Test
  void aLogOutEndsTheStreamOfItsSessionAlone() throws Exception {
    String first = cookie;
    // Another browser: with the cookie the log-in would end that session.
    cookie = "";
    String second = logIn();
    cookie = first;
    try (Ear mine = new Ear("")) {
      cookie = second;
      try (Ear other = new Ear("")) {
        cookie = first;
        String proof = found(PROOF, get("/ui/").body());
        assertEquals(303, post("/ui/logout", "proof", proof).statusCode());
        mine.next("dropped");
        assertEquals("ended", mine.next("changed"));
        other.next("changed");
        w1Moves();
        assertNotEquals("ended", other.next("changed"));
      }
    }
  }
}
