// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.util.Locale;

/** What a glance has to tell; always shown with its word, never by colour alone. */
enum Tone {
  STUCK("stuck", "!"),
  HELD("held", "‖"),
  RETRYING("retrying", "↻"),
  MOVING("on its way", "▸"),
  WAITING("waiting", "…"),
  INSPECTING("inspecting", "?"),
  RESCUE("in rescue", "+"),
  ERASING("erasing", "×"),
  READY("ready", "✓"),
  ERASED("erased", "∅"),
  RELEASED("released", "–");

  private final String word;
  private final String sign;

  Tone(String word, String sign) {
    this.word = word;
    this.sign = sign;
  }

  static Tone of(NodeView node) {
    return switch (node.condition()) {
      case "stuck" -> STUCK;
      case "held" -> HELD;
      case "retrying" -> RETRYING;
      default -> going(node);
    };
  }

  /** Of a node that nothing is wrong with. */
  private static Tone going(NodeView node) {
    return switch (node.purpose()) {
      case "inspect" -> INSPECTING;
      case "rescue" -> RESCUE;
      case "erase" -> ERASING;
      default ->
          switch (node.stage()) {
            case "erased" -> ERASED;
            case "released" -> RELEASED;
            default ->
                node.condition().equals("waiting") ? WAITING : node.arrived() ? READY : MOVING;
          };
    };
  }

  String word() {
    return word;
  }

  /** One character, for eyes alone. */
  String sign() {
    return sign;
  }

  /** Its class in the style sheet, and its name in a query. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
