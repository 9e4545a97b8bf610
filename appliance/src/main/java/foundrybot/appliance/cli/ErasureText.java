// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.hardware.Erasure;
import foundrybot.appliance.hardware.HardwareTable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What came of an erasure, for people. */
final class ErasureText {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ErasureText() {}

  /** Lays out the answer of the appliance. */
  static String of(JsonNode erased) {
    StringBuilder text = new StringBuilder();
    Erasure report = JSON.treeToValue(erased.get("report"), Erasure.class);
    String fault = BmcOfNode.shown(erased.get("fault").asString());
    text.append(erased.get("node").asString()).append(": ");
    text.append(fault.isEmpty() ? "ERASED" : "NOT ERASED: " + fault).append('\n');
    text.append("reported ").append(erased.get("at").asString()).append(", read back: ");
    text.append(report.proof()).append('\n');
    if (!erased.get("still").asBoolean()) {
      text.append(
          "it is not at 'erased' any more ('bootserver events' has what was done with it since):");
      text.append(" this is no proof of today\n");
    }
    InventoryText.table(text, HardwareTable.of(report));
    return text.toString();
  }
}
