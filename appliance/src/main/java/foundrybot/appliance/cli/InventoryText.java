// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.hardware.HardwareTable;
import foundrybot.appliance.hardware.Inventory;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a machine is made of, for people. */
final class InventoryText {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private InventoryText() {}

  /** Lays out the answer of the appliance; what the machine itself wrote is without controls. */
  static String of(JsonNode inspected) {
    Inventory found = JSON.treeToValue(inspected.get("inventory"), Inventory.class);
    StringBuilder text = new StringBuilder();
    text.append(inspected.get("node").asString()).append(", inspected ");
    text.append(inspected.get("at").asString()).append('\n');
    HardwareTable machine = HardwareTable.machine(found);
    for (int i = 0; i < machine.head().size(); i++) {
      line(text, machine.head().get(i), machine.rows().getFirst().get(i));
    }
    table(text, HardwareTable.disks(found));
    table(text, HardwareTable.cards(found));
    if (inspected.get("differences").isEmpty()) {
      text.append("as the rack file says\n");
    } else {
      text.append("not as the rack file says:\n");
      for (JsonNode difference : inspected.get("differences")) {
        text.append("  ").append(BmcOfNode.shown(difference.asString())).append('\n');
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    String shown = BmcOfNode.shown(value);
    text.append("  %-12s%s\n".formatted(small(name), shown.isBlank() ? "not told" : shown));
  }

  private static String small(String title) {
    return title.equals("UUID")
        ? "uuid"
        : Character.toLowerCase(title.charAt(0)) + title.substring(1);
  }

  static void table(StringBuilder text, HardwareTable table) {
    String title = small(table.title());
    if (table.rows().isEmpty()) {
      line(text, title, "none");
      return;
    }
    text.append(title).append(":\n");
    int[] widths = new int[table.head().size()];
    List<List<String>> all = new ArrayList<>(List.of(table.capitals()));
    table.rows().forEach(row -> all.add(row.stream().map(BmcOfNode::shown).toList()));
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder("  ");
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
  }
}
