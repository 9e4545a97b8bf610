// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.notify.HookStatus;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.power.Begun;
import foundrybot.appliance.report.ClusterReport;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The API as OpenAPI 3.1 describes one. Paths, methods and scopes are those of {@link ApiRoute},
 * and schemas those of the records that are written.
 */
public final class ApiDescription {
  private static final Pattern IN_BRACES = Pattern.compile("\\{(\\w+)}");
  private static final String PLACE = "^(\\d{1,18}|-1)$";
  private static final String TEXT = "text/plain; charset=utf-8";

  /** What is answered when all went well. */
  private sealed interface Answer {
    record Json(Type type) implements Answer {}

    record ListOf(Class<?> element) implements Answer {}

    record Other(String contentType) implements Answer {}
  }

  private static final Answer SAID = new Answer.Other(TEXT);

  /**
   * A parameter.
   *
   * @param in the query or a header field
   * @param required whether the request is refused without it
   * @param pattern of its values (ECMA 262)
   */
  private record Parameter(
      String name, String in, boolean required, String pattern, String description) {
    /** Of the query, and may be left out. */
    Parameter(String name, String pattern, String description) {
      this(name, "query", false, pattern, description);
    }

    /** Of the query, and must be there. */
    static Parameter must(String name, String pattern, String description) {
      return new Parameter(name, "query", true, pattern, description);
    }

    static Parameter header(String name, String pattern, String description) {
      return new Parameter(name, "header", false, pattern, description);
    }

    Map<String, Object> described() {
      return Map.of(
          "name",
          name,
          "in",
          in,
          "required",
          required,
          "description",
          description,
          "schema",
          Map.of("type", "string", "pattern", pattern));
    }
  }

  /**
   * What the table of routes does not say.
   *
   * @param body what the request's body is; empty if there is none
   */
  private record Described(String summary, Answer answer, String body, List<Parameter> parameters) {
    static Described of(String summary, Answer answer, Parameter... parameters) {
      return new Described(summary, answer, "", List.of(parameters));
    }

    Described with(String body) {
      return new Described(summary, answer, body, parameters);
    }
  }

  private static final Parameter BY_HAND =
      new Parameter("by-hand", "^yes$", "people switch it on, not its BMC");
  private static final Parameter LIMIT =
      new Parameter("limit", "^[1-9]\\d{0,3}$", "how many at most");
  private static final Parameter COMMAND_ID =
      Parameter.header(
          Commands.HEADER,
          "^[A-Za-z0-9-]{16,64}$",
          "of this command alone: it is carried out once, however often it comes");
  private static final Parameter WHAT =
      Parameter.must("what", "^[a-zA-Z0-9 ./:?-]{1,120}$", "what the command does");

  private ApiDescription() {}

  private static Described described(ApiRoute route) {
    return switch (route) {
      case STATUS -> Described.of("Where all nodes stand", new Answer.Json(FleetStatus.class));
      case EVENTS ->
          Described.of(
              "The newest facts of all machines, oldest first",
              new Answer.ListOf(ApiRoutes.Event.class),
              new Parameter("of", "^strangers$", "only of machines outside the rack file"),
              LIMIT);
      case NODE_EVENTS ->
          Described.of(
              "The newest facts of a node, oldest first",
              new Answer.ListOf(ApiRoutes.Event.class),
              LIMIT);
      case NODE_LOG ->
          Described.of(
              "What a node's machine logged last, oldest first",
              new Answer.ListOf(ApiRoutes.Logged.class),
              new Parameter("lines", "^\\d+$", "how many at most"),
              new Parameter("after", "^\\d{4}-.+Z$", "only after this instant, ISO 8601"));
      case STREAM ->
          Described.of(
              "Facts and changed nodes as they happen",
              new Answer.Other("text/event-stream"),
              new Parameter("events", "^(status|fact)(,(status|fact))?$", "which; else both"),
              new Parameter("node", "^.+$", "of one node alone"),
              new Parameter("last-event-id", PLACE, "go on after this event"),
              Parameter.header("Last-Event-ID", PLACE, "the same, as browsers send it"));
      case AUDIT ->
          Described.of(
              "Who did what",
              new Answer.ListOf(AuditEntry.class),
              new Parameter("node", "^.+$", "of one node alone"),
              new Parameter("since", "^\\d{4}-.+Z$", "an instant, ISO 8601"));
      case REPORT ->
          Described.of("The record of the cluster", new Answer.Json(ClusterReport.class));
      case METRICS ->
          Described.of("Numbers for Prometheus", new Answer.Other("text/plain; version=0.0.4"));
      case DESCRIPTION -> Described.of("This description", new Answer.Other("application/json"));
      case WEBHOOKS ->
          Described.of(
              "Who is told of what happens, and how far each is",
              new Answer.ListOf(HookStatus.class));
      case WEBHOOK_TEST -> Described.of("Send one of these a ping", SAID);
      case DEPLOY ->
          Described.of(
                  "Install nodes that have not arrived, and switch them on",
                  new Answer.ListOf(Begun.class),
                  BY_HAND,
                  new Parameter("role", "^[a-z0-9-]{1,63}$", "of one role alone"))
              .with("names of nodes, a line each; all if it is empty");
      case REINSTALL -> Described.of("Install a node anew", new Answer.Json(Begun.class), BY_HAND);
      case RESCUE ->
          Described.of(
              "Boot a node into the rescue system",
              new Answer.Json(Begun.class),
              BY_HAND,
              new Parameter("force", "^yes$", "also where that breaks an installation off"));
      case RESCUE_END ->
          Described.of("Take a node back from rescue", new Answer.Json(Begun.class), BY_HAND);
      case INSPECT ->
          Described.of(
              "Boot a node so that it says what it is made of",
              new Answer.Json(Begun.class),
              BY_HAND,
              new Parameter("force", "^yes$", "also where that breaks an installation off"));
      case INVENTORY ->
          Described.of(
              "What a node's machine was made of when it was inspected last",
              new Answer.Json(HardwareReports.Inspected.class));
      case ERASE ->
          Described.of(
              "Overwrite a node's disks, and prove it by reading them back",
              new Answer.Json(Begun.class),
              Parameter.must("confirm", "^.+$", "the node's name once more"),
              new Parameter("disks", DeployRoutes.DISKS.pattern(), "names; else all"),
              new Parameter("quick", "^yes$", "samples are read back, not the whole"),
              BY_HAND,
              new Parameter("force", "^yes$", "also where that breaks an installation off"));
      case ERASURE ->
          Described.of(
              "What came of a node's last erasure",
              new Answer.Json(HardwareReports.ErasedNode.class));
      case RELEASE ->
          Described.of(
              "Take a node out of the cluster, and have its BMC switch it off",
              new Answer.Json(Releases.Released.class),
              Parameter.must("confirm", "^.+$", "the node's name once more"),
              new Parameter("keep-on", "^yes$", "its power is left alone"),
              new Parameter("force", "^yes$", "also where that breaks something off"));
      case HOLD ->
          Described.of("Touch a node no more until it is resumed", SAID)
              .with("why, for people; may be empty");
      case RESUME -> Described.of("Go on with a node that was held", SAID);
      case RESUME_ALL ->
          Described.of("Go on with all that the appliance itself has stopped or holds", SAID);
      case ARM ->
          Described.of(
              "Let a node without a BMC in for a time",
              SAID,
              Parameter.must("for", "^[1-9]\\d{0,5}$", "seconds, from 60 to 43200"));
      case POWER ->
          Described.of(
              "Have a node's BMC switch it, and nothing else",
              SAID,
              Parameter.must("do", "^(on|off|shutdown|cycle|reset)$", "what"));
      case ASK_BMC ->
          Described.of("Ask a node's BMC how it is; what it says are facts of the node", SAID);
      case MEDIUM -> Described.of("Where the node's boot medium is; holds a token", SAID);
      case IDENTITY ->
          Described.of("Tell what a node's BMC says of its machine", SAID)
              .with("a UUID or an empty line, then MACs, a line each");
      case ACCEPT_IDENTITY ->
          Described.of("Trust the machine that is not the one of its BMC", SAID);
      case BUNDLE ->
          Described.of(
              "What the node is told of the mesh", new Answer.Other("application/octet-stream"));
      case ROTATE_ALL -> Described.of("Have all nodes of the mesh make new keys", SAID);
      case ROTATE -> Described.of("Have a node make new keys", SAID);
      case COMMAND_BEGUN ->
          Described.of(
              "A command is about to change something; answers its id",
              SAID,
              WHAT,
              new Parameter(
                  "keep",
                  "^[1-9][0-9]{0,3}$",
                  "seconds for which it has the BMC to itself, at most"));
      case COMMAND_ENDED ->
          Described.of(
              "What came of it",
              SAID,
              WHAT,
              Parameter.must("id", "^[0-9a-f]{8}$", "as it was answered"),
              Parameter.must("result", "^[a-zA-Z0-9 ./:?-]{1,120}$", "in a few words"));
      case TPM ->
          Described.of("By which TPM a node is known", new Answer.Json(ApiRoutes.TpmOfNode.class));
      case TPM_FORGET -> Described.of("Take the next TPM that a node shows", SAID);
      case REVOKE -> Described.of("A node's certificates are good no more", SAID);
      case GUEST -> Described.of("Answer a MAC as if it were of the rack file", SAID);
      case OPERATORS ->
          Described.of("Who has a token", new Answer.ListOf(OperatorTokens.Shown.class));
      case OPERATOR_ADD ->
          Described.of(
              "Give somebody a token, which is the answer",
              SAID,
              Parameter.must("scope", "^(read|operate|admin)$", "what it may"));
      case OPERATOR_REMOVE -> Described.of("Take somebody's token away", SAID);
      // Served without words rather than not at all; ApiDescriptionTest wants them.
      default -> Described.of("", SAID);
    };
  }

  /** The whole description, to be written as JSON. */
  public static Map<String, Object> whole() {
    ApiSchemas schemas = new ApiSchemas();
    Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
    for (ApiRoute route : ApiRoute.values()) {
      paths
          .computeIfAbsent(route.fullPath(), _ -> new LinkedHashMap<>())
          .put(route.method().toLowerCase(Locale.ROOT), operation(route, schemas));
    }
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("openapi", "3.1.0");
    whole.put(
        "info",
        Map.of(
            "title", "FoundryBot",
            "version", "v1",
            "summary", "What operators ask of the appliance"));
    whole.put("paths", paths);
    whole.put(
        "components",
        Map.of(
            "schemas",
            schemas.named(),
            "securitySchemes",
            Map.of("operator", Map.of("type", "http", "scheme", "bearer"))));
    whole.put("security", List.of(Map.of("operator", List.of())));
    return whole;
  }

  private static Map<String, Object> operation(ApiRoute route, ApiSchemas schemas) {
    Described described = described(route);
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("operationId", route.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    operation.put("summary", described.summary());
    operation.put("description", "Scope: " + route.scope() + ".");
    operation.put("parameters", parameters(route, described));
    if (!described.body().isEmpty()) {
      operation.put(
          "requestBody",
          Map.of(
              "description",
              described.body(),
              "content",
              Map.of("text/plain", Map.of("schema", Map.of("type", "string")))));
    }
    Map<String, Object> responses = new LinkedHashMap<>();
    responses.put("200", answer(route, described.answer(), schemas));
    if (route == ApiRoute.BUNDLE) {
      responses.put("204", Map.of("description", "there is none"));
    }
    if (route == ApiRoute.POWER || route == ApiRoute.ASK_BMC) {
      responses.put(
          "202", error("its BMC has not answered yet; it goes on, and the node's events have it"));
    }
    errors(route).forEach((status, why) -> responses.put(status, error(why)));
    responses.put("429", tooMany(route));
    operation.put("responses", responses);
    return operation;
  }

  private static List<Object> parameters(ApiRoute route, Described described) {
    List<Object> parameters = new ArrayList<>();
    Matcher subject = IN_BRACES.matcher(route.path());
    while (subject.find()) {
      parameters.add(
          Map.of(
              "name",
              subject.group(1),
              "in",
              "path",
              "required",
              true,
              "schema",
              Map.of("type", "string")));
    }
    described.parameters().forEach(parameter -> parameters.add(parameter.described()));
    if (takesId(route)) {
      parameters.add(COMMAND_ID.described());
    }
    return parameters;
  }

  private static Map<String, Object> answer(ApiRoute route, Answer answer, ApiSchemas schemas) {
    Map<String, Object> said = new LinkedHashMap<>(answer(answer, schemas));
    if (route == ApiRoute.REPORT) {
      said.put(
          "headers",
          Map.of(
              Reports.SIGNATURE,
              Map.of(
                  "description",
                  "Ed25519 over the body by the cluster's key, in base64",
                  "schema",
                  Map.of("type", "string"))));
    }
    return said;
  }

  private static Map<String, Object> answer(Answer answer, ApiSchemas schemas) {
    return switch (answer) {
      case Answer.Json(Type type) -> content("application/json", schemas.of(type));
      case Answer.ListOf(Class<?> element) ->
          content("application/json", Map.of("type", "array", "items", schemas.of(element)));
      case Answer.Other(String type) when type.equals("application/json") ->
          content(type, Map.of("type", "object"));
      case Answer.Other(String type) -> content(type, Map.of("type", "string"));
    };
  }

  private static Map<String, Object> content(String type, Map<String, Object> schema) {
    return Map.of("description", "done", "content", Map.of(type, Map.of("schema", schema)));
  }

  private static Map<String, Object> error(String why) {
    return Map.of(
        "description", why, "content", Map.of(TEXT, Map.of("schema", Map.of("type", "string"))));
  }

  /** Whoever is told so is told as well when to come again. */
  private static Map<String, Object> tooMany(ApiRoute route) {
    Allowances.Source budget =
        route.changes() ? Allowances.Source.OPERATOR_CHANGES : Allowances.Source.OPERATOR_READS;
    Map<String, Object> said =
        new LinkedHashMap<>(
            error(
                ("the operator's budget is spent (%d %s at once, %d in a minute), or too many"
                        + " refused log-ins came from there")
                    .formatted(
                        budget.burst(),
                        route.changes() ? "changes" : "reads",
                        budget.perMinute())));
    said.put(
        "headers",
        Map.of(
            "Retry-After",
            Map.of(
                "description",
                "seconds until it is worth a try",
                "schema",
                Map.of("type", "string", "pattern", "^[1-9]\\d{0,4}$"))));
    return said;
  }

  /** What is only written down is not carried out. */
  private static boolean takesId(ApiRoute route) {
    return route.changes() && route != ApiRoute.COMMAND_BEGUN && route != ApiRoute.COMMAND_ENDED;
  }

  /** What can go wrong; the text of an error is for people. */
  private static Map<String, String> errors(ApiRoute route) {
    Map<String, String> errors = new LinkedHashMap<>();
    if (route == ApiRoute.GUEST) {
      errors.put("400", "not a MAC");
    }
    errors.put("401", "no operator's token");
    errors.put("403", "beyond the operator's scope, or a token that came in clear");
    errors.put("404", route.ofNode() ? "no such node in the rack file" : "no such path");
    if (takesId(route)) {
      String before = "begun before by this Command-Id, and its answer is kept no more";
      errors.put(
          "409",
          route == ApiRoute.REVOKE ? before + ", or no certificates are signed here" : before);
    }
    errors.put("422", "the request, or where the node stands, does not allow it");
    errors.put("503", "the appliance cannot write its state, or has listeners enough");
    return errors;
  }
}
