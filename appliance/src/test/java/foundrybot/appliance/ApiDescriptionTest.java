// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.operator.Scope;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The description against a running appliance. */
@Timeout(60)
class ApiDescriptionTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonNode WHOLE = JSON.valueToTree(ApiDescription.whole());

  private final HttpClient http = HttpClient.newHttpClient();
  private LoopbackAppliance appliance;

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder);
    appliance
        .node(MAC, "w1", "debian-12")
        .webhook("chat", "{ url: http://127.0.0.1:9/, secret-env: NOT_SET }")
        .node("52:54:00:bb:00:02", "w2", "debian-12")
        .start();
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    appliance.close();
  }

  private HttpResponse<String> ask(ApiRoute route, String token, String parameters, String node)
      throws Exception {
    String path =
        route
            .fullPath()
            .replace("{node}", node)
            .replace("{mac}", MAC)
            .replace("{webhook}", "chat")
            .replace("{operator}", "desk");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(appliance.uri(path + parameters))
            .method(route.method(), BodyPublishers.noBody());
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode operation(ApiRoute route) {
    JsonNode operation =
        WHOLE.get("paths").get(route.fullPath()).get(route.method().toLowerCase(Locale.ROOT));
    assertFalse(operation.get("summary").asString().isBlank(), route.toString());
    return operation;
  }

  /** What the description has against an answer. */
  private static List<String> faults(ApiRoute route, HttpResponse<String> answer) {
    String what = route + " " + answer.statusCode() + ": ";
    JsonNode response = operation(route).get("responses").path(String.valueOf(answer.statusCode()));
    if (response.isMissingNode()) {
      return List.of(what + "this status is not described: " + answer.body());
    }
    if (answer.statusCode() == 204) {
      return List.of();
    }
    String type = answer.headers().firstValue("content-type").orElse("").replaceAll(";.*", "");
    List<String> faults = new ArrayList<>(List.of(what + "content type " + type));
    for (Map.Entry<String, JsonNode> content : response.get("content").properties()) {
      if (content.getKey().replaceAll(";.*", "").equals(type)) {
        faults.clear();
        JsonNode schema = content.getValue().get("schema");
        if (type.equals("application/json") && route != ApiRoute.DESCRIPTION) {
          new SchemaCheck(WHOLE)
              .faults(schema, JSON.readTree(answer.body()))
              .forEach(fault -> faults.add(what + fault));
        }
      }
    }
    return faults;
  }

  private static String parameters(ApiRoute route) {
    return switch (route) {
      case STREAM -> "?events=none";
      case OPERATOR_ADD -> "?scope=read";
      case DEPLOY, REINSTALL -> "?by-hand=yes";
      case POWER -> "?do=on";
      case COMMAND_BEGUN -> "?what=power%20on";
      case COMMAND_ENDED -> "?what=power%20on&id=00000000&result=done";
      default -> "";
    };
  }

  @Test
  void everyRouteAnswersAsItIsDescribed() throws Exception {
    new Machine(appliance, MAC).install();
    String token = OperatorAccess.of(appliance.data).token();
    List<String> faults = new ArrayList<>();
    int good = 0;
    for (ApiRoute route : ApiRoute.values()) {
      HttpResponse<String> answer = ask(route, token, parameters(route), "w1");
      faults.addAll(faults(route, answer));
      good += answer.statusCode() < 300 ? 1 : 0;
    }
    // What is told of a rack where something has happened.
    for (ApiRoute route : List.of(ApiRoute.STATUS, ApiRoute.AUDIT, ApiRoute.NODE_EVENTS)) {
      HttpResponse<String> answer = ask(route, token, "", "w1");
      assertTrue(answer.body().length() > 300, answer.body());
      faults.addAll(faults(route, answer));
    }
    assertEquals(List.of(), faults);
    assertTrue(good > ApiRoute.values().length / 2, good + " answers that are no refusals");
  }

  @Test
  void everyRefusalIsDescribedToo() throws Exception {
    String admin = OperatorAccess.of(appliance.data).token();
    String reader = ask(ApiRoute.OPERATOR_ADD, admin, "?scope=read", "w1").body().strip();
    List<String> faults = new ArrayList<>();
    for (ApiRoute route : ApiRoute.values()) {
      HttpResponse<String> nobody = ask(route, "", "", "w1");
      assertEquals(401, nobody.statusCode(), route.toString());
      faults.addAll(faults(route, nobody));
      if (route.scope() != Scope.READ) {
        HttpResponse<String> beyond = ask(route, reader, "", "w1");
        assertEquals(403, beyond.statusCode(), route.toString());
        faults.addAll(faults(route, beyond));
      }
      if (route.ofNode()) {
        HttpResponse<String> nowhere = ask(route, admin, "", "none");
        assertEquals(404, nowhere.statusCode(), route.toString());
        faults.addAll(faults(route, nowhere));
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void whoAsksTooMuchIsToldTheLimitAndWhenToComeAgainAsItIsDescribed() throws Exception {
    String token = OperatorAccess.of(appliance.data).token();
    // Of a node that there is not, these cost nothing but the budget that they are of.
    for (ApiRoute cheap : List.of(ApiRoute.NODE_EVENTS, ApiRoute.HOLD)) {
      int asked = 0;
      while (ask(cheap, token, "", "none").statusCode() != 429) {
        assertTrue(++asked <= 10_000, cheap + ": no limit");
      }
    }
    List<String> faults = new ArrayList<>();
    for (ApiRoute route : ApiRoute.values()) {
      HttpResponse<String> answer = ask(route, token, "", "w1");
      assertEquals(429, answer.statusCode(), route.toString());
      faults.addAll(faults(route, answer));
      JsonNode header =
          operation(route).get("responses").get("429").get("headers").get("Retry-After");
      String again = answer.headers().firstValue("retry-after").orElse("");
      assertTrue(again.matches(header.get("schema").get("pattern").asString()), again);
    }
    assertEquals(List.of(), faults);
  }

  private static JsonNode parameter(ApiRoute route, String name) {
    for (JsonNode parameter : operation(route).get("parameters")) {
      if (parameter.get("name").asString().equals(name)) {
        return parameter;
      }
    }
    throw new AssertionError(route + " has no " + name);
  }

  @Test
  void withoutAParameterThatIsRequiredARequestIsRefusedAndWithItNot() throws Exception {
    String token = OperatorAccess.of(appliance.data).token();
    Map<ApiRoute, List<String>> required =
        Map.of(
            ApiRoute.OPERATOR_ADD, List.of("scope=read"),
            ApiRoute.COMMAND_BEGUN, List.of("what=power%20on"),
            ApiRoute.COMMAND_ENDED, List.of("what=power%20on", "id=00000000", "result=done"));
    assertTrue(parameter(ApiRoute.ARM, "for").get("required").asBoolean());
    for (Map.Entry<ApiRoute, List<String>> each : required.entrySet()) {
      ApiRoute route = each.getKey();
      for (String left : each.getValue()) {
        String name = left.substring(0, left.indexOf('='));
        assertTrue(parameter(route, name).get("required").asBoolean(), route + " " + name);
        List<String> others = each.getValue().stream().filter(one -> !one.equals(left)).toList();
        String rest = "?" + String.join("&", others);
        assertEquals(422, ask(route, token, rest, "w1").statusCode(), route + rest);
      }
      String all = "?" + String.join("&", each.getValue());
      assertEquals(200, ask(route, token, all, "w1").statusCode(), route + all);
    }
  }

  @Test
  void whatTheHeaderFieldsAndTheLimitDoIsDescribedAndTrue() throws Exception {
    for (ApiRoute route : List.of(ApiRoute.EVENTS, ApiRoute.NODE_EVENTS)) {
      assertEquals("query", parameter(route, "limit").get("in").asString());
      String token = OperatorAccess.of(appliance.data).token();
      new Machine(appliance, MAC).fetchToken();
      assertEquals(1, JSON.readTree(ask(route, token, "?limit=1", "w1").body()).size());
    }
    assertEquals("header", parameter(ApiRoute.STREAM, "Last-Event-ID").get("in").asString());
    for (ApiRoute route : ApiRoute.values()) {
      boolean once = operation(route).get("responses").has("409");
      boolean told = List.of(ApiRoute.COMMAND_BEGUN, ApiRoute.COMMAND_ENDED).contains(route);
      assertEquals(route.changes() && !told, once, route.toString());
      if (once) {
        assertEquals("header", parameter(route, Commands.HEADER).get("in").asString());
      }
    }
  }

  @Test
  void theDescriptionIsServedWholeAndNamesEveryRouteAndNoOther() {
    Heard answer =
        appliance.send(
            HttpRequest.newBuilder(appliance.uri("/api/openapi.json"))
                .header("Authorization", "Bearer " + OperatorAccess.of(appliance.data).token()));
    assertEquals(200, answer.status());
    assertEquals(WHOLE, JSON.readTree(answer.text()));
    TreeSet<String> described = new TreeSet<>();
    WHOLE
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .propertyNames()
                    .forEach(
                        method ->
                            described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
    TreeSet<String> served = new TreeSet<>();
    Arrays.stream(ApiRoute.values()).forEach(r -> served.add(r.method() + " " + r.fullPath()));
    assertEquals(served, described);
    assertEquals("3.1.0", WHOLE.get("openapi").asString());
  }

  @Test
  void theCheckerSeesWhatIsWrong() {
    JsonNode schema = JSON.readTree("{\"$ref\":\"#/components/schemas/Event\"}");
    SchemaCheck check = new SchemaCheck(WHOLE);
    String right = "{\"at\":\"a\",\"mac\":\"b\",\"kind\":\"c\",\"detail\":\"d\"}";
    assertEquals(List.of(), check.faults(schema, JSON.readTree(right)));
    for (String wrong :
        List.of(
            "[]",
            right.replace("\"a\"", "1"),
            right.replace("\"at\"", "\"when\""),
            right.replace("}", ",\"more\":1}"))) {
      assertFalse(check.faults(schema, JSON.readTree(wrong)).isEmpty(), wrong);
    }
  }
}
