// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.hardware.Inventory;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a machine is made of, for people. */
final class InventoryText {
  private InventoryText() {}

  /** Lays out the answer of the appliance; what the machine itself wrote is without controls. */
  static String of(JsonNode inspected) {
    JsonNode found = inspected.get("inventory");
    StringBuilder text = new StringBuilder();
    text.append(inspected.get("node").asString()).append(", inspected ");
    text.append(inspected.get("at").asString()).append('\n');
    line(text, "machine", words(found, "vendor", "product"));
    line(text, "serial", words(found, "serial"));
    line(text, "uuid", words(found, "uuid"));
    line(text, "firmware", words(found, "firmware"));
    line(text, "processors", found.get("cpus").asInt() + "  " + words(found, "cpuModel"));
    line(text, "memory", Inventory.size(found.get("memoryBytes").asLong()));
    List<List<String>> disks = new ArrayList<>();
    for (JsonNode disk : found.get("disks")) {
      disks.add(
          List.of(
              words(disk, "name"),
              Inventory.size(disk.get("bytes").asLong()),
              words(disk, "model"),
              words(disk, "serial"),
              (disk.get("rotational").asBoolean() ? "rotating" : "solid")
                  + (disk.get("removable").asBoolean() ? ", removable" : "")
                  + (disk.get("readOnly").asBoolean() ? ", read-only" : "")));
    }
    table(text, "disks", List.of("NAME", "SIZE", "MODEL", "SERIAL", "KIND"), disks);
    List<List<String>> nics = new ArrayList<>();
    for (JsonNode nic : found.get("nics")) {
      nics.add(
          List.of(
              words(nic, "name"),
              words(nic, "mac"),
              words(nic, "driver"),
              nic.get("link").asBoolean() ? "link" : "no link"));
    }
    table(text, "network cards", List.of("NAME", "MAC", "DRIVER", "LINK"), nics);
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

  private static String words(JsonNode of, String... names) {
    List<String> words = new ArrayList<>();
    for (String name : names) {
      String word = BmcOfNode.shown(of.get(name).asString());
      if (!word.isBlank()) {
        words.add(word);
      }
    }
    return String.join(" ", words);
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  %-12s%s\n".formatted(name, value.isBlank() ? "not told" : value));
  }

  static void table(StringBuilder text, String title, List<String> head, List<List<String>> rows) {
    if (rows.isEmpty()) {
      line(text, title, "none");
      return;
    }
    text.append(title).append(":\n");
    int[] widths = new int[head.size()];
    List<List<String>> all = new ArrayList<>(List.of(head));
    all.addAll(rows);
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
