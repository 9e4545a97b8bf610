// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The setup of one machine's firmware (schema Bios): what is written waits in the Settings resource
 * for the next start.
 */
final class SetupPanel {
  private static final String ATTRIBUTES = "Attributes";

  private final Personality personality;
  private final String path;
  private final Map<String, Object> current = new TreeMap<>();
  private final Map<String, Object> waiting = new TreeMap<>();

  SetupPanel(Personality personality, String path) {
    this.personality = personality;
    this.path = path;
    current.putAll(personality.setup());
  }

  boolean isThere() {
    return !personality.setup().isEmpty();
  }

  String path() {
    return path;
  }

  String settings() {
    return path + "/Settings";
  }

  void addTo(Resources resources) {
    if (!isThere()) {
      return;
    }
    resources.add(path, this::now);
    resources.add(
        settings(),
        () -> {
          Map<String, Object> resource =
              Resources.common(settings(), "#Bios.v1_2_0.Bios", "Setup of the next start");
          resource.put(ATTRIBUTES, new TreeMap<>(waiting));
          return resource;
        });
  }

  private Map<String, Object> now() {
    Map<String, Object> resource = Resources.common(path, "#Bios.v1_2_0.Bios", "Setup");
    resource.put(ATTRIBUTES, new TreeMap<>(current));
    resource.put(
        "@Redfish.Settings",
        Json.object(
            "@odata.type", "#Settings.v1_3_5.Settings", "SettingsObject", Json.link(settings())));
    return resource;
  }

  /** Takes a PATCH of the Settings resource. */
  Reply patch(ObjectNode body) {
    if (!(body.get(ATTRIBUTES) instanceof ObjectNode wanted)) {
      return Errors.missing(ATTRIBUTES);
    }
    for (Map.Entry<String, JsonNode> attribute : wanted.properties()) {
      if (!current.containsKey(attribute.getKey())) {
        return Errors.unknownProperty(attribute.getKey());
      }
    }
    wanted.properties().forEach(one -> waiting.put(one.getKey(), one.getValue().asString("")));
    return personality.has(Personality.Oddity.SETUP_IS_HELD)
        ? Reply.empty(204).with(Reply.Delivery.NEVER)
        : Reply.empty(204);
  }

  /** The machine starts, and with it what waited is in force. */
  void started() {
    current.putAll(waiting);
    waiting.clear();
  }
}
