// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.operator.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The one table of what an operator can ask, under {@code /api/v1/}, and which scope that takes.
 * What is not a GET is a change, and stands in the audit log.
 */
enum ApiRoute {
  STATUS("GET", "status", Scope.READ),
  EVENTS("GET", "events", Scope.READ),
  NODE_EVENTS("GET", "nodes/{node}/events", Scope.READ),
  NODE_LOG("GET", "nodes/{node}/log", Scope.READ),
  /** Server-sent events; the answer ends when the listener does. */
  STREAM("GET", "stream", Scope.READ),
  AUDIT("GET", "audit", Scope.READ),
  /** The record of the cluster; its signature is in a header field. */
  REPORT("GET", "report", Scope.READ),
  /** For Prometheus; also {@code /metrics}. */
  METRICS("GET", "metrics", Scope.READ),
  /** What this table says, for programs; also {@code /api/openapi.json}. */
  DESCRIPTION("GET", "openapi.json", Scope.READ),
  WEBHOOKS("GET", "webhooks", Scope.READ),
  /** One receiver is sent a ping. */
  WEBHOOK_TEST("POST", "webhooks/{webhook}/test", Scope.OPERATE),
  DEPLOY("POST", "deploy", Scope.OPERATE),
  REINSTALL("POST", "nodes/{node}/reinstall", Scope.OPERATE),
  RESCUE("POST", "nodes/{node}/rescue", Scope.OPERATE),
  RESCUE_END("POST", "nodes/{node}/rescue-end", Scope.OPERATE),
  /** The machine says what it is made of; its run goes on behind that. */
  INSPECT("POST", "nodes/{node}/inspect", Scope.OPERATE),
  INVENTORY("GET", "nodes/{node}/inventory", Scope.READ),
  /** Its disks are overwritten; {@code confirm} is the node's name. */
  ERASE("POST", "nodes/{node}/erase", Scope.OPERATE),
  ERASURE("GET", "nodes/{node}/erasure", Scope.READ),
  /** It is taken out of the cluster and switched off; {@code confirm} is the node's name. */
  RELEASE("POST", "nodes/{node}/release", Scope.OPERATE),
  /** Nobody touches the node until it is resumed; the body is the reason. */
  HOLD("POST", "nodes/{node}/hold", Scope.OPERATE),
  RESUME("POST", "nodes/{node}/resume", Scope.OPERATE),
  /** All that the appliance itself has stopped, or holds. */
  RESUME_ALL("POST", "resume", Scope.OPERATE),
  ARM("POST", "nodes/{node}/arm", Scope.OPERATE),
  /** Its BMC switches it, and nothing else is changed. */
  POWER("POST", "nodes/{node}/power", Scope.OPERATE),
  /** Costs a small processor some seconds, so that it is no look. */
  ASK_BMC("POST", "nodes/{node}/ask-bmc", Scope.OPERATE),
  /** The answer has a token in it. */
  MEDIUM("POST", "nodes/{node}/medium", Scope.OPERATE),
  IDENTITY("POST", "nodes/{node}/identity", Scope.OPERATE),
  /** From then on a machine is trusted that is not the one of its BMC. */
  ACCEPT_IDENTITY("POST", "nodes/{node}/accept-identity", Scope.ADMIN),
  BUNDLE("GET", "nodes/{node}/bundle", Scope.OPERATE),
  /** All nodes of the mesh are to make their keys anew. */
  ROTATE_ALL("POST", "rotate", Scope.OPERATE),
  ROTATE("POST", "nodes/{node}/rotate", Scope.OPERATE),
  /** A command of the operator's changes something by itself, and tells of it before and after. */
  COMMAND_BEGUN("POST", "commands/{mac}/begun", Scope.OPERATE),
  COMMAND_ENDED("POST", "commands/{mac}/ended", Scope.OPERATE),
  /** A node's certificates are good no more, and it gets none before it is installed again. */
  REVOKE("POST", "nodes/{node}/revoke", Scope.ADMIN),
  /** By which TPM it is known. */
  TPM("GET", "nodes/{node}/tpm", Scope.READ),
  /** The next TPM that it shows is its own. */
  TPM_FORGET("POST", "nodes/{node}/tpm-forget", Scope.ADMIN),
  GUEST("POST", "guests/{mac}", Scope.OPERATE),
  OPERATORS("GET", "operators", Scope.ADMIN),
  /** The answer is the token. */
  OPERATOR_ADD("POST", "operators/{operator}/add", Scope.ADMIN),
  OPERATOR_REMOVE("POST", "operators/{operator}/remove", Scope.ADMIN);

  private static final String VERSION = "v1";

  private final String method;
  private final String path;
  private final Scope scope;

  ApiRoute(String method, String path, Scope scope) {
    this.method = method;
    this.path = path;
    this.scope = scope;
  }

  /**
   * A route, and what stands in its path where the table has braces.
   *
   * @param subject empty where there are none
   */
  record Found(ApiRoute route, String subject) {}

  /** What is asked for by these words; {@code path} is what follows {@code /api/}. */
  static Optional<Found> of(String method, List<String> path) {
    if (!path.getFirst().equals(VERSION)) {
      return Optional.empty();
    }
    List<String> rest = path.subList(1, path.size());
    return Arrays.stream(values())
        .filter(route -> route.method.equals(method) && route.matches(rest))
        .findFirst()
        .map(route -> new Found(route, route.subject(rest)));
  }

  /** Whether there is such a change, by its last word, and the scope covers it. */
  static boolean may(Scope scope, String word) {
    return Arrays.stream(values())
        .anyMatch(
            route -> route.changes() && route.word().equals(word) && scope.covers(route.scope()));
  }

  /** The words of a request's path; those that others expect elsewhere are put where they are. */
  static List<String> path(String path) {
    String own =
        switch (path) {
          case "/metrics" -> METRICS.fullPath();
          case "/api/openapi.json" -> DESCRIPTION.fullPath();
          default -> path;
        };
    return List.of(own.substring(1).split("/", -1));
  }

  private List<String> words() {
    return List.of(path.split("/", -1));
  }

  private boolean matches(List<String> words) {
    List<String> own = words();
    if (words.size() != own.size()) {
      return false;
    }
    for (int i = 0; i < words.size(); i++) {
      if (!isSubject(own.get(i)) && !own.get(i).equals(words.get(i))) {
        return false;
      }
    }
    return true;
  }

  private String subject(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      if (isSubject(words().get(i))) {
        return words.get(i);
      }
    }
    return "";
  }

  private static boolean isSubject(String word) {
    return word.startsWith("{");
  }

  Scope scope() {
    return scope;
  }

  boolean changes() {
    return !method.equals("GET");
  }

  /** Whether the path names a node of the rack file. */
  boolean ofNode() {
    return path.contains("{node}");
  }

  String method() {
    return method;
  }

  /** With braces, such as {@code nodes/{node}/reinstall}. */
  String path() {
    return path;
  }

  /** The same as a request has it. */
  String fullPath() {
    return "/api/" + VERSION + "/" + path;
  }

  /** As the audit log names it: the last word that is not a subject. */
  String word() {
    return isSubject(words().getLast()) ? words().getFirst() : words().getLast();
  }
}
