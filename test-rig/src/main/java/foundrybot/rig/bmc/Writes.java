// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** What can be changed on a BMC, and how. */
final class Writes {
  private final Personality personality;
  private final BmcTree tree;

  Writes(Personality personality, BmcTree tree) {
    this.personality = personality;
    this.tree = tree;
  }

  /** What this request would do; empty where there is nothing to be done. */
  Optional<Supplier<Reply>> find(String method, String path, ObjectNode body) {
    return tree.nodes().stream()
        .flatMap(
            node ->
                (method.equals("PATCH")
                        ? patch(node, path, body)
                        : method.equals("POST")
                            ? post(node, path, body)
                            : Optional.<Supplier<Reply>>empty())
                    .stream())
        .findFirst();
  }

  private Optional<Supplier<Reply>> patch(Node node, String path, ObjectNode body) {
    if (path.equals(node.system())) {
      return Optional.of(() -> boot(node, body, false));
    }
    if (personality.hasSettings() && path.equals(node.settings())) {
      return Optional.of(() -> boot(node, body, true));
    }
    if (node.setup().isThere() && path.equals(node.setup().settings())) {
      return Optional.of(() -> node.setup().patch(body));
    }
    return Optional.ofNullable(node.media().get(path))
        .map(drive -> () -> drive.patch(body).orElseGet(() -> Reply.empty(204)));
  }

  private Reply boot(Node node, ObjectNode body, boolean atSettings) {
    if (personality.has(Personality.Oddity.NO_BOOT)) {
      return Errors.unknownProperty("Boot");
    }
    for (Map.Entry<String, ?> property : body.properties()) {
      if (!property.getKey().equals("Boot")) {
        return Errors.unknownProperty(property.getKey());
      }
    }
    if (!(body.get("Boot") instanceof ObjectNode boot)) {
      return Errors.missing("Boot");
    }
    return node.boot().patch(boot, atSettings).orElseGet(() -> Reply.empty(204));
  }

  private static Optional<Supplier<Reply>> post(Node node, String path, ObjectNode body) {
    if (path.equals(node.reset())) {
      return Optional.of(() -> reset(node, body));
    }
    if (path.equals(node.logService() + "/Actions/LogService.ClearLog")) {
      return Optional.of(
          () -> {
            node.log().clear();
            return Reply.empty(204);
          });
    }
    for (Map.Entry<String, MediaPanel> drive : node.media().entrySet()) {
      String actions = drive.getKey() + "/Actions/VirtualMedia.";
      if (path.equals(actions + "InsertMedia")) {
        return Optional.of(() -> drive.getValue().insert(body).orElseGet(() -> Reply.empty(204)));
      }
      if (path.equals(actions + "EjectMedia")) {
        return Optional.of(
            () -> {
              drive.getValue().eject();
              return Reply.empty(204);
            });
      }
    }
    return Optional.empty();
  }

  private static Reply reset(Node node, ObjectNode body) {
    if (!body.has("ResetType")) {
      return Errors.missingParameter("Reset", "ResetType");
    }
    String type = body.get("ResetType").asString("");
    return node.power()
        .refusal(type)
        .orElseGet(
            () -> {
              node.press(type);
              return Reply.empty(204);
            });
  }
}
