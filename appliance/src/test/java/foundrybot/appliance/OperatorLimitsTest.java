// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.Allowances.Source;
import foundrybot.appliance.live.Marks;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an operator may ask, on a clock that stands still until the test moves it. */
class OperatorLimitsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** No such node: costs neither the journal nor a BMC anything. */
  private static final String LOOK = "nodes/none/events";

  private static final String CHANGE = "nodes/none/hold";
  private static final int READS = Source.OPERATOR_READS.burst();
  private static final int CHANGES = Source.OPERATOR_CHANGES.burst();

  private LoopbackAppliance appliance;
  private String ci = "";

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder);
    IntStream.rangeClosed(1, 20)
        .forEach(i -> appliance.node("52:54:00:dd:00:%02x".formatted(i), "w" + i, "debian-12"));
    appliance.start();
    ci =
        appliance
            .send(
                appliance
                    .asOperator("operators/ci/add?scope=operate")
                    .POST(BodyPublishers.noBody()))
            .text()
            .strip();
  }

  @AfterEach
  void stop() {
    appliance.close();
    assertEquals(List.of(), appliance.fatal);
  }

  private HttpRequest.Builder by(String token, String path) {
    return HttpRequest.newBuilder(appliance.uri("/api/v1/" + path))
        .header("Authorization", "Bearer " + token);
  }

  private int look() {
    return appliance.status(by(ci, LOOK));
  }

  private HttpRequest.Builder change(String path, String body) {
    return by(ci, path).POST(BodyPublishers.ofString(body));
  }

  /** How many are answered before the first that is not. */
  private static int admitted(HttpClient client, HttpRequest request) throws Exception {
    int admitted = 0;
    while (client.send(request, BodyHandlers.discarding()).statusCode() != 429) {
      admitted++;
      assertTrue(admitted <= 2 * READS, "no limit");
    }
    return admitted;
  }

  private void spend(HttpRequest.Builder request, int expected) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertEquals(expected, admitted(client, request.build()));
    }
  }

  @Test
  void readsAndChangesHaveBudgetsOfTheirOwnWhichComeBackWithTime() throws Exception {
    spend(by(ci, LOOK), READS);
    HttpResponse<String> refused;
    try (HttpClient client = HttpClient.newHttpClient()) {
      refused = client.send(by(ci, LOOK).build(), BodyHandlers.ofString());
    }
    assertEquals(429, refused.statusCode());
    assertEquals("1", refused.headers().firstValue("retry-after").orElse(""));
    assertEquals(
        "reads: operator ci has spent its budget (expected: 3000 at once, and 12000 in a minute);"
            + " again in 1 s\n",
        refused.body());
    // Who looked too often still acts, and nobody else is touched, nor the same user by the socket.
    assertEquals(404, appliance.status(change(CHANGE, "")));
    assertEquals(200, appliance.status(appliance.asOperator("status")));

    appliance.clock.pass(Duration.ofSeconds(1));
    assertEquals(404, look());

    spend(change(CHANGE, ""), CHANGES);
    assertEquals(404, look());
  }

  @Test
  void aRequestIsOneChangeHoweverManyNodesItNamesAndAnEpisodeOneLineOfTheAuditLog()
      throws Exception {
    String all = String.join("\n", IntStream.rangeClosed(1, 20).mapToObj(i -> "w" + i).toList());
    assertEquals(200, appliance.status(change("deploy?by-hand=yes", all)));
    spend(change(CHANGE, ""), CHANGES - 1);
    for (int i = 0; i < 9; i++) {
      assertEquals(429, appliance.status(change(CHANGE, "")));
    }
    assertEquals(List.of("more than an operator's budget: changes"), refusals());
    // A little comes back, and is spent: that is the same episode.
    appliance.clock.pass(Duration.ofSeconds(10));
    spend(change(CHANGE, ""), 100);
    assertEquals(1, refusals().size());
    appliance.clock.pass(Duration.ofMinutes(6));
    spend(change(CHANGE, ""), CHANGES);
    assertEquals(2, refusals().size());
    String metrics = appliance.send(appliance.asOperator("metrics")).text();
    String counted =
        "foundrybot_wire_events_total{service=\"audit\",event=\"refused.operator-budget\"} 12";
    assertTrue(metrics.contains(counted), metrics);
  }

  private List<String> refusals() {
    List<String> lines = new ArrayList<>();
    JsonNode log = JSON.readTree(appliance.send(appliance.asOperator("audit")).text());
    for (JsonNode line : log) {
      String what = line.get("what").asString();
      if (line.get("who").asString().equals("ci") && !what.startsWith("deploy")) {
        lines.add(what);
      }
    }
    return lines;
  }

  /** Each tab that is told of changes asks once for each of them. */
  @Test
  void allTabsThatThereCanBeStayWithinWhatComesBack() {
    long perMinute =
        Marks.MOST_LISTENERS * (Duration.ofMinutes(1).toMillis() / Marks.GAP.toMillis());
    assertTrue(perMinute < Source.OPERATOR_READS.perMinute(), perMinute + " in a minute");
  }

  @Test
  void thePageSpendsTheBudgetOfTheTokenThatItWasOpenedWith() throws Exception {
    try (HttpClient browser = HttpClient.newHttpClient()) {
      HttpResponse<String> in =
          browser.send(
              HttpRequest.newBuilder(appliance.uri("/ui/login"))
                  .POST(BodyPublishers.ofString("token=" + ci))
                  .build(),
              BodyHandlers.ofString());
      String cookie = in.headers().firstValue("set-cookie").orElse("").replaceAll(";.*", "");
      HttpRequest page =
          HttpRequest.newBuilder(appliance.uri("/ui/nothing")).header("Cookie", cookie).build();
      HttpResponse<String> rack = browser.send(at("/ui/", cookie), BodyHandlers.ofString());
      assertEquals(200, rack.statusCode());
      assertEquals(READS - 1, admitted(browser, page));
      HttpResponse<String> refused = browser.send(page, BodyHandlers.ofString());
      assertEquals("1", refused.headers().firstValue("retry-after").orElse(""));
      assertTrue(refused.body().contains("reads: operator ci has spent its budget"), refused::body);
      assertEquals(429, look());

      // Several nodes by one form are one change.
      appliance.clock.pass(Duration.ofMinutes(1));
      spend(change(CHANGE, ""), CHANGES);
      appliance.clock.pass(Duration.ofMillis(100));
      Matcher proof =
          Pattern.compile("name=\"proof\" value=\"([0-9a-f]{64})\"").matcher(rack.body());
      assertTrue(proof.find());
      HttpResponse<String> done =
          browser.send(
              HttpRequest.newBuilder(appliance.uri("/ui/many/do"))
                  .header("Cookie", cookie)
                  .POST(
                      BodyPublishers.ofString(
                          "proof="
                              + proof.group(1)
                              + "&action=hold&nodes="
                              + URLEncoder.encode("w1 w2 w3", StandardCharsets.UTF_8)))
                  .build(),
              BodyHandlers.ofString());
      assertEquals(200, done.statusCode(), done::body);
      for (int i = 1; i <= 3; i++) {
        JsonNode node = appliance.statusJson("52:54:00:dd:00:0" + i);
        assertEquals("held", node.get("condition").asString(), node::toString);
      }
    }
  }

  private HttpRequest at(String path, String cookie) {
    return HttpRequest.newBuilder(appliance.uri(path)).header("Cookie", cookie).build();
  }
}
