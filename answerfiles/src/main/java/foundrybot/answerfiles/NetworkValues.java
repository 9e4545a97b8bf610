// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Of the names that templates may use, those of the installed system's interfaces. */
record NetworkValues(RackFile rack, Node node, RunContext run) {
  Map<String, Object> map() {
    NetworkPlan plan = NetworkPlan.of(rack, node, run);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hasNetwork", !node.network().equals(NodeNetwork.usual(node.mac())));
    map.put("networkdFiles", values(NetworkdFiles.of(plan)));
    map.put("netplan", Netplan.of(plan).stripTrailing());
    map.put("nmKeyfiles", values(NmKeyfiles.of(plan)));
    map.put(
        "ifupdown2Script",
        IfupdownScript.of(plan, IfupdownScript.Dialect.IFUPDOWN2).stripTrailing());
    map.put(
        "ifupdownNgScript",
        IfupdownScript.of(plan, IfupdownScript.Dialect.IFUPDOWN_NG).stripTrailing());
    return map;
  }

  private static List<Map<String, Object>> values(List<ConfigFile> files) {
    return files.stream().map(ConfigFile::values).toList();
  }
}
