// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.operator.Scope;
import foundrybot.bootserver.http.HttpRequestView;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageRoutesTest {
  private static final String MAC = "52:54:00:cc:00:01";
  private static final Pattern PROOF = Pattern.compile("name=\"proof\" value=\"([0-9a-f]{64})\"");

  private LoopbackAppliance appliance;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance =
        new LoopbackAppliance(folder)
            .node(MAC, "w1", "debian-12")
            .node("52:54:00:cc:00:02", "w2", "debian-12")
            .start();
  }

  @AfterEach
  void stop() {
    appliance.close();
    client.close();
    assertEquals(List.of(), appliance.fatal);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder at(String path, String cookie) {
    HttpRequest.Builder request = HttpRequest.newBuilder(appliance.uri(path));
    return cookie.isEmpty() ? request : request.header("Cookie", cookie);
  }

  private HttpResponse<String> get(String path, String cookie) throws Exception {
    return send(at(path, cookie));
  }

  private HttpResponse<String> post(String path, String cookie, String... fields) throws Exception {
    StringBuilder form = new StringBuilder();
    for (int i = 0; i < fields.length; i += 2) {
      form.append(i == 0 ? "" : "&").append(fields[i]).append('=');
      form.append(URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
    }
    return send(
        at(path, cookie)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form.toString())));
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  /** The cookie of a log-in with that token. */
  private String logIn(String token) throws Exception {
    HttpResponse<String> answer = post("/ui/login", "", "token", token, "to", "/ui/audit");
    assertEquals(303, answer.statusCode(), answer.body());
    assertEquals("/ui/audit", header(answer, "location"));
    String cookie = header(answer, "set-cookie");
    assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
    return cookie.substring(0, cookie.indexOf(';'));
  }

  private String token(Scope scope) {
    Heard added =
        appliance.send(
            appliance
                .asOperator("operators/of-" + scope + "/add?scope=" + scope)
                .POST(BodyPublishers.noBody()));
    return added.text().strip();
  }

  private String proof(String cookie) throws Exception {
    Matcher found = PROOF.matcher(get("/ui/", cookie).body());
    assertTrue(found.find());
    return found.group(1);
  }

  /** Who types the appliance's address alone. */
  @Test
  void theRootLeadsToThePage() throws Exception {
    HttpResponse<String> answer = get("/", "");
    assertEquals(303, answer.statusCode());
    assertEquals("/ui/", header(answer, "location"));
    assertEquals(404, get("/nothing", "").statusCode());
  }

  @Test
  void withoutALogInThereIsNothingButTheLogIn() throws Exception {
    for (String path :
        List.of("/ui", "/ui/", "/ui/node/w1", "/ui/audit", "/ui/node/w1/do/deploy")) {
      HttpResponse<String> answer = get(path, "foundrybot=" + "0".repeat(64));
      assertEquals(303, answer.statusCode(), path);
      assertTrue(header(answer, "location").startsWith("/ui/login?to=/ui/"), path);
      assertFalse(answer.body().contains("w1"));
    }
    HttpResponse<String> polled = send(at("/ui/changes?since=1", "").header("HX-Request", "true"));
    assertEquals(401, polled.statusCode());
    assertEquals("/ui/login?to=/ui/", header(polled, "hx-redirect"));
    HttpResponse<String> ofNode =
        send(
            at("/ui/node/w1/changes", "")
                .header("HX-Request", "true")
                .header("HX-Current-URL", "https://a.example/ui/node/w1"));
    assertEquals("/ui/login?to=/ui/node/w1", header(ofNode, "hx-redirect"));
    assertEquals(401, get("/ui/stream", "").statusCode());
    assertEquals(200, get("/ui/login", "").statusCode());
    assertEquals(401, post("/ui/login", "", "token", "f".repeat(64)).statusCode());
    assertTrue(post("/ui/login", "", "token", "x".repeat(5000)).statusCode() >= 400);
  }

  @Test
  void whereALogInGoesOnToIsAPathOfOurs() throws Exception {
    String token = token(Scope.READ);
    for (String to : List.of("//evil.example/", "https://evil.example/", "/api/v1/status", "")) {
      HttpResponse<String> answer = post("/ui/login", "", "token", token, "to", to);
      assertEquals("/ui/", header(answer, "location"), to);
    }
  }

  @Test
  void eachPageForbidsScriptsThatAreNotOfThisProgram() throws Exception {
    String cookie = logIn(token(Scope.ADMIN));
    for (String path : List.of("/ui/login", "/ui/", "/ui/node/w1", "/ui/audit", "/ui/no")) {
      HttpResponse<String> page = get(path, cookie);
      String policy = header(page, "content-security-policy");
      assertTrue(policy.contains("default-src 'none'; script-src 'self'"), path);
      assertFalse(policy.contains("unsafe"), policy);
      assertEquals("no-store", header(page, "cache-control"));
      assertEquals("same-origin", header(page, "referrer-policy"), "else Origin is null");
      assertFalse(page.body().contains("style=") || page.body().contains("<script>"), path);
      assertFalse(page.body().contains("http://") || page.body().contains("https://"), path);
    }
    Matcher files =
        Pattern.compile("(?:href|src)=\"(/ui/asset/[^\"]+)\"").matcher(get("/ui/", cookie).body());
    int count = 0;
    while (files.find()) {
      assertEquals(200, get(files.group(1), "").statusCode(), files.group(1));
      count++;
    }
    assertEquals(5, count);
    assertEquals(404, get("/ui/asset/x/page.css", "").statusCode());
  }

  @Test
  void theRackShowsEveryMachineAndAfterwardsOnlyWhatChanged() throws Exception {
    String cookie = logIn(token(Scope.READ));
    String page = get("/ui/", cookie).body();
    assertTrue(page.contains("id=\"n-w1\"") && page.contains("id=\"n-w2\""), page);
    Matcher poll = Pattern.compile("hx-get=\"(/ui/changes\\?since=[^\"]+)\"").matcher(page);
    assertTrue(poll.find());
    assertEquals(204, get(poll.group(1), cookie).statusCode());

    appliance.get("/boot/" + MAC + "/bios.ipxe");
    HttpResponse<String> changed = get(poll.group(1), cookie);
    assertEquals(200, changed.statusCode());
    assertTrue(changed.body().contains("id=\"n-w1\"") && changed.body().contains("script"));
    assertFalse(changed.body().contains("id=\"n-w2\""), "only what changed");
    HttpResponse<String> other = get("/ui/changes?since=of-another-start", cookie);
    assertEquals("true", header(other, "hx-refresh"));
  }

  @Test
  void aNodesPageTellsWhatHappenedToIt() throws Exception {
    String cookie = logIn(token(Scope.READ));
    appliance.get("/boot/" + MAC + "/bios.ipxe");
    appliance.clock.pass(Duration.ofMinutes(10));
    String page = get("/ui/node/w1", cookie).body();
    assertTrue(page.contains("token.minted") && page.contains("fetched no kernel"), page);
    assertFalse(page.contains("/do/"), "who may look alone has no buttons");
    assertEquals(404, get("/ui/node/w9", cookie).statusCode());
    // Evidence is written when there is time, and is news until then.
    int polled = 200;
    for (int looks = 0; looks < 100 && polled == 200; looks++) {
      polled = polled(get("/ui/node/w1", cookie).body(), cookie);
    }
    assertEquals(204, polled, "nothing happens, and yet there is always something new");
  }

  /** The status of the answer to a page that asks whether there is anything new. */
  private int polled(String page, String cookie) throws Exception {
    Matcher poll = Pattern.compile("hx-get=\"([^\"]+changes[^\"]+)\"").matcher(page);
    assertTrue(poll.find());
    return get(poll.group(1), cookie).statusCode();
  }

  @Test
  void aChangeTakesTheScopeAConfirmationAndTheProofOfThePage() throws Exception {
    String path = "/ui/node/w1/do/reinstall";
    String reader = logIn(token(Scope.READ));
    assertEquals(403, get(path, reader).statusCode());
    assertEquals(403, post(path, reader, "proof", proof(reader), "sure", "yes").statusCode());

    String cookie = logIn(token(Scope.OPERATE));
    assertTrue(get(path, cookie).body().contains("overwritten"));
    assertEquals(403, post(path, cookie, "sure", "yes").statusCode());
    assertEquals(403, post(path, cookie, "sure", "yes", "proof", proof(reader)).statusCode());
    assertEquals(422, post(path, cookie, "proof", proof(cookie)).statusCode());
    assertEquals("1", appliance.statusJson(MAC).get("run").asString());

    HttpResponse<String> done = post(path, cookie, "sure", "yes", "proof", proof(cookie));
    assertEquals(303, done.statusCode(), done.body());
    assertEquals("2", appliance.statusJson(MAC).get("run").asString());
    assertTrue(get("/ui/node/w1", cookie).body().contains("role=\"status\""));
    String log = get("/ui/audit", cookie).body();
    assertTrue(log.contains("of-operate") && log.contains("reinstall w1"), log);
  }

  @Test
  void whatCannotBeTakenBackTakesTheNodesName() throws Exception {
    String cookie = logIn(token(Scope.OPERATE));
    for (String action : List.of("erase", "release")) {
      String path = "/ui/node/w1/do/" + action;
      String question = get(path, cookie).body();
      assertTrue(question.contains("name=\"confirm\"") && question.contains("pattern=\"w1\""));
      for (String typed : List.of("", "w2", "yes")) {
        post(path, cookie, "proof", proof(cookie), "sure", "yes", "confirm", typed);
        String page = get("/ui/node/w1", cookie).body();
        assertTrue(page.contains("Not done: confirm: not the name of the node"), page);
      }
    }
    assertEquals("planned", appliance.statusJson(MAC).get("stage").asString());

    post(
        "/ui/node/w1/do/release",
        cookie,
        "proof",
        proof(cookie),
        "confirm",
        "w1",
        "keep-on",
        "yes",
        "quick",
        "yes");
    String page = get("/ui/node/w1", cookie).body();
    assertTrue(page.contains("w1: released; ") && page.contains("w1: left on, or off"), page);
    assertTrue(page.contains("It is out of the cluster") && !page.contains("to-release"), page);
    assertEquals("released", appliance.statusJson(MAC).get("stage").asString());
    String log = get("/ui/audit", cookie).body();
    assertTrue(log.contains("release w1 keep-on<"), "and nothing that it has not: " + log);
    assertTrue(get("/ui/", cookie).body().contains("class=\"cell released\" id=\"n-w1\""));
  }

  @Test
  void severalAreAskedOnceAndEachAnswersForItself() throws Exception {
    String reader = logIn(token(Scope.READ));
    String[] hold = {"action", "hold", "whom", "ticked", "node", "w1", "node", "w2"};
    assertEquals(403, post("/ui/many", reader, with(hold, "proof", proof(reader))).statusCode());
    String cookie = logIn(token(Scope.OPERATE));
    assertEquals(403, post("/ui/many", cookie, hold).statusCode(), "no proof");
    String question = post("/ui/many", cookie, with(hold, "proof", proof(cookie))).body();
    assertTrue(question.contains("Hold 2 machines?"), question);
    assertTrue(question.contains("name=\"nodes\" value=\"w1 w2\""), question);
    assertFalse(get("/ui/audit", cookie).body().contains("hold w1"), "a question does nothing");
    Matcher command =
        Pattern.compile("name=\"command\" value=\"([0-9a-f-]{36})\"").matcher(question);
    assertTrue(command.find(), question);
    String[] form = {"action", "hold", "nodes", "w1 w2 w9 w1", "command", command.group(1)};
    assertEquals(403, post("/ui/many/do", reader, with(form, "proof", proof(reader))).statusCode());
    for (int time = 0; time < 2; time++) {
      String done = post("/ui/many/do", cookie, with(form, "proof", proof(cookie))).body();
      assertTrue(done.contains("Hold: 2 of 2 machines done"), done);
      assertTrue(done.contains("w1: held;") && done.contains("w2: held;"), done);
    }
    String log = get("/ui/audit", cookie).body();
    assertEquals(2, log.split("hold w1<", -1).length, "one command, one line: " + log);
    assertEquals(2, log.split("hold w2<", -1).length, log);

    String[] again = {"action", "reinstall", "nodes", "w1 w2", "proof", proof(cookie)};
    assertEquals(422, post("/ui/many/do", cookie, again).statusCode(), "not ticked that it ends");
    String refused = post("/ui/many/do", cookie, with(again, "sure", "yes")).body();
    assertTrue(refused.contains("Reinstall: 0 of 2 machines done"), refused);
    assertTrue(
        refused.contains("<td>w1: held since ") && refused.contains("by of-operate"), refused);
    String[] deploy = {"action", "deploy", "nodes", "w1", "proof", proof(cookie), "sure", "yes"};
    String kept = post("/ui/many/do", cookie, deploy).body();
    assertTrue(kept.contains("Deploy: 0 of 1 machine done"), kept);
    String[] erase = {"action", "erase", "nodes", "w1", "proof", proof(cookie), "sure", "yes"};
    assertEquals(404, post("/ui/many/do", cookie, erase).statusCode(), "one by one only");
  }

  private static String[] with(String[] fields, String name, String value) {
    String[] more = Arrays.copyOf(fields, fields.length + 2);
    more[fields.length] = name;
    more[fields.length + 1] = value;
    return more;
  }

  @Test
  void anErasureIsOrderedAsItsFormSays() throws Exception {
    String cookie = logIn(token(Scope.OPERATE));
    for (String disks : List.of("sda;reboot", " sda, nvme0n1 ")) {
      post(
          "/ui/node/w1/do/erase",
          cookie,
          "proof",
          proof(cookie),
          "confirm",
          "w1",
          "disks",
          disks,
          "quick",
          "yes");
      String page = get("/ui/node/w1", cookie).body();
      String said = disks.contains(";") ? "disks: unreadable" : "bootserver image build";
      assertTrue(page.contains("Not done: ") && page.contains(said), page);
    }
    assertTrue(get("/ui/audit", cookie).body().contains("erase w1 quick<"));
    post("/ui/node/w1/do/inspect", cookie, "proof", proof(cookie), "sure", "yes");
    assertTrue(get("/ui/node/w1", cookie).body().contains("bootserver image build"));
  }

  @Test
  void aQuestionThatIsSentTwiceIsOneCommandAndItsAnswerIsAPieceOfThePage() throws Exception {
    String cookie = logIn(token(Scope.OPERATE));
    String path = "/ui/node/w1/do/reinstall";
    String question = send(at(path, cookie).header("HX-Request", "true")).body();
    assertFalse(question.contains("<html"), question);
    Matcher command =
        Pattern.compile("name=\"command\" value=\"([0-9a-f-]{36})\"").matcher(question);
    assertTrue(command.find(), question);
    String form = "sure=yes&proof=" + proof(cookie) + "&command=" + command.group(1);
    for (int time = 0; time < 2; time++) {
      HttpResponse<String> answer =
          send(at(path, cookie).header("HX-Request", "true").POST(BodyPublishers.ofString(form)));
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals("over", header(answer, "hx-trigger"));
      assertTrue(answer.body().contains("hx-swap-oob=\"innerHTML:#said\""), answer.body());
    }
    assertEquals("2", appliance.statusJson(MAC).get("run").asString(), "one new run, not two");
    String other = send(at(path, cookie).header("HX-Request", "true")).body();
    assertFalse(other.contains(command.group(1)), "each question has its own");
  }

  @Test
  void whatIsRefusedIsSaidWhereItWasAsked() throws Exception {
    String cookie = logIn(token(Scope.OPERATE));
    HttpResponse<String> answer =
        send(
            at("/ui/node/w1/do/power-on", cookie)
                .header("HX-Request", "true")
                .POST(BodyPublishers.ofString("proof=" + proof(cookie))));
    assertEquals(200, answer.statusCode());
    assertTrue(answer.body().contains("Not done: w1: no bmc"), answer.body());
  }

  @Test
  void aNodeWithoutABmcIsArmedForAnHour(@TempDir Path folder) throws Exception {
    appliance.close();
    appliance = new LoopbackAppliance(folder.resolve("armed")).with("accept", "armed");
    appliance.node(MAC, "w1", "debian-12").start();
    String cookie = logIn(token(Scope.OPERATE));
    HttpResponse<String> done = post("/ui/node/w1/do/arm", cookie, "proof", proof(cookie));
    assertEquals(303, done.statusCode(), done.body());
    String until = appliance.clock.instant().plus(Duration.ofHours(1)).toString();
    String page = get("/ui/node/w1", cookie).body();
    assertTrue(page.contains("w1: armed until " + until.substring(0, 16)), page);
    assertTrue(page.contains("window.armed"), page);
  }

  @Test
  void aFormOfAnotherSiteIsRefused() throws Exception {
    String cookie = logIn(token(Scope.OPERATE));
    String form = "sure=yes&proof=" + proof(cookie);
    for (String[] header :
        List.of(
            new String[] {"Sec-Fetch-Site", "cross-site"},
            new String[] {"Sec-Fetch-Site", "same-site"},
            new String[] {"Origin", "null"},
            new String[] {"Origin", "http://evil.example"})) {
      HttpResponse<String> answer =
          send(
              at("/ui/node/w1/do/reinstall", cookie)
                  .header(header[0], header[1])
                  .POST(BodyPublishers.ofString(form)));
      assertEquals(403, answer.statusCode(), header[1]);
    }
    assertEquals("1", appliance.statusJson(MAC).get("run").asString());
  }

  @Test
  void aSessionEndsWithItsLogOutItsTimeAndItsOperator() throws Exception {
    String token = token(Scope.READ);
    String first = logIn(token);
    String second = logIn(token);
    assertEquals(303, post("/ui/logout", first, "proof", proof(first)).statusCode());
    assertEquals(303, get("/ui/", first).statusCode());
    assertEquals(200, get("/ui/", second).statusCode());
    appliance.clock.pass(Sessions.IDLE.plusSeconds(1));
    assertEquals(303, get("/ui/", second).statusCode());

    String third = logIn(token);
    assertEquals(200, get("/ui/", third).statusCode());
    appliance.send(appliance.asOperator("operators/of-read/remove").POST(BodyPublishers.noBody()));
    assertEquals(303, get("/ui/", third).statusCode());
  }

  @Test
  void aLogInGoesOnToWhatWasAskedForWithItsQuery() throws Exception {
    String asked = "/ui/?q=w1%20a%26b&show=stuck";
    String location = header(get(asked, ""), "location");
    assertEquals("/ui/login?to=/ui/%3Fq%3Dw1%2520a%2526b%26show%3Dstuck", location);
    Matcher field =
        Pattern.compile("name=\"to\" value=\"([^\"]+)\"").matcher(get(location, "").body());
    assertTrue(field.find());
    String to = field.group(1).replace("&amp;", "&");
    HttpResponse<String> in = post("/ui/login", "", "token", token(Scope.READ), "to", to);
    assertEquals(asked, header(in, "location"));
  }

  @Test
  void aLogInEndsTheSessionBeforeItAndOneTokenHasOnlySoMany() throws Exception {
    String token = token(Scope.READ);
    String first = logIn(token);
    HttpResponse<String> again = post("/ui/login", first, "token", token, "to", "/ui/");
    assertEquals(303, again.statusCode());
    assertEquals(303, get("/ui/", first).statusCode(), "of the same browser");

    String other = logIn(token(Scope.OPERATE));
    String oldest = logIn(token);
    for (int i = 1; i < Sessions.MOST_OF_TOKEN; i++) {
      logIn(token);
    }
    assertEquals(200, get("/ui/", oldest).statusCode());
    logIn(token);
    assertEquals(303, get("/ui/", oldest).statusCode());
    assertEquals(200, get("/ui/", other).statusCode(), "of another token");
  }

  @Test
  void refusedLogInsAreCountedAsThoseOfTheApi() throws Exception {
    int wrong = 0;
    while (post("/ui/login", "", "token", "f".repeat(64)).body().contains("opens nothing")) {
      assertTrue(++wrong <= 100, "still heard");
    }
    assertEquals(100, wrong);
    assertEquals(429, appliance.send(appliance.asOperator("status")).status());
  }

  @Test
  void inClearFromAnotherMachineThereIsNoLogIn() {
    OperatorTokens tokens = OperatorTokens.open(appliance.data(), "0".repeat(64));
    LogIns logIns = new LogIns(tokens, 1000, _ -> false, appliance.clock);
    InetSocketAddress other = new InetSocketAddress("10.0.0.7", 1);
    assertFalse(logIns.isPrivate(other.getAddress(), LogIns.CLEAR));
    assertTrue(logIns.isPrivate(other.getAddress(), LogIns.TLS));
    assertInstanceOf(
        LogIns.LogIn.In.class,
        logIns.of(
            new HttpRequestView(
                "GET",
                "/",
                Map.of(),
                Map.of("authorization", "Bearer " + "0".repeat(64)),
                other,
                new byte[0]),
            LogIns.TLS));
  }
}
