// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /boot/answers/FILE}: for installers whose URL stands in their image and is the same
 * for all machines, and which say who they are in the body (that of Proxmox VE).
 *
 * <p>The answer is no answer file but where it lies, below a token: who asks in a machine's name
 * gets what its boot script would have told, under the same rules, and no more.
 */
final class AnswerRoutes {
  /** The segment behind {@code /boot/}. */
  static final String SEGMENT = "answers";

  /** Bytes of what a machine says of itself; one with a hundred network cards has room. */
  static final int MAX_BYTES = 32 * 1024;

  private static final int MOST_CARDS = 128;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Fleet fleet;
  private final ScriptRoutes scripts;

  AnswerRoutes(Fleet fleet, ScriptRoutes scripts) {
    this.fleet = fleet;
    this.scripts = scripts;
  }

  /** Whether that is asked for; {@code path} is split at slashes, from its root. */
  static boolean isAskedFor(HttpRequestView request, List<String> path) {
    return request.method().equals("POST")
        && path.size() == 3
        && path.get(0).equals("boot")
        && path.get(1).equals(SEGMENT);
  }

  /** Sends a machine on to its own file of that name. */
  CompletionStage<HttpAnswer> of(String file, HttpRequestView request) {
    Optional<Node> asking =
        macs(request.body()).stream()
            .flatMap(mac -> fleet.node(mac).stream())
            .filter(node -> node.profile().serves(file))
            .findFirst();
    if (asking.isEmpty()) {
      return done(Answers.notFound("answers: no machine of the rack file that has such a file"));
    }
    Node node = asking.get();
    return scripts
        .token(node, request.peer().getAddress().getHostAddress())
        .map(durable -> durable.thenApply(token -> goOn(node, "/node/" + token + "/" + file)))
        .orElseGet(
            () ->
                done(
                    Answers.text(403, "not now; see its boot script\n", "answers: refused")
                        .of(Answers.mac(node.mac()))));
  }

  /**
   * After status 303 a client goes on by GET (RFC 9110, section 15.4.4), so the file is asked for,
   * and its token used, as by any other machine.
   */
  private static HttpAnswer goOn(Node node, String path) {
    return HttpAnswer.Body.text(303, "below its token\n", "answers: sent on")
        .with(Map.of("Location", path))
        .of(Answers.mac(node.mac()));
  }

  /** The machine's MACs, in the order in which it tells them; none if it tells something else. */
  static List<Mac> macs(byte[] body) {
    List<Mac> macs = new ArrayList<>();
    try {
      for (JsonNode card : JSON.readTree(body).path("network_interfaces")) {
        if (macs.size() < MOST_CARDS) {
          Mac.parse(card.path("mac").asString("")).ifPresent(macs::add);
        }
      }
    } catch (JacksonException e) {
      return List.of();
    }
    return List.copyOf(macs);
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
