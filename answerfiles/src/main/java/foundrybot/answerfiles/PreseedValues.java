// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The names that preseed templates may use. */
record PreseedValues(RackFile rack, Node node, RunContext run) {
  Map<String, Object> map() {
    NodeValues.Mirror mirror = NodeValues.mirror(rack, run);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("node", node.name());
    map.put("fqdn", rack.fqdn(node));
    map.put("mac", node.mac().toString());
    map.put("role", node.role().name());
    map.put("cluster", rack.cluster());
    map.put("domain", rack.domain());
    map.put("nodeUrl", NodeValues.url("nodeUrl", run.nodeUrl()));
    map.put("suite", node.profile().suite());
    map.put("installerSuite", run.installerSuite().orElse(node.profile().suite()));
    map.put("mirrorHost", mirror.host());
    map.put("mirrorDirectory", mirror.directory());
    map.put("adminUser", rack.admin().user());
    map.put("timezone", rack.site().timezone());
    List<String> ntp = NodeValues.ntp(rack, node, run);
    map.put("hasNtp", !ntp.isEmpty());
    map.put("ntpServer", ntp.isEmpty() ? "" : ntp.getFirst());
    map.put("autoDisk", node.disk().equals(Node.AUTO));
    map.put("disk", node.disk());
    map.put("packages", String.join(" ", NodeValues.packages(rack, node)));
    map.put("hasKernelArguments", !node.kernelArguments().isEmpty());
    map.put("kernelArguments", String.join(" ", node.kernelArguments()));
    return map;
  }
}
