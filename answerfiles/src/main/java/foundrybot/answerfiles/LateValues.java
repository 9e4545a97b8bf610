// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Of the names that templates may use, those of an installation's last step. */
record LateValues(RackFile rack, Node node, RunContext run) {
  Map<String, Object> map() {
    String url = NodeValues.url("nodeUrl", run.nodeUrl());
    List<String> dns = NodeValues.dns(rack, node, run);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("urlLine", confLine("URL", url));
    map.put("nodeLine", confLine("NODE", node.name()));
    map.put("fqdnLine", confLine("FQDN", rack.fqdn(node)));
    map.put("macLine", confLine("MAC", node.mac().toString()));
    map.put("roleLine", confLine("ROLE", node.role().name()));
    map.put("clusterLine", confLine("CLUSTER", rack.cluster()));
    map.put("runConf", runConf(map));
    map.put("nodeConf", lines(map, "nodeLine", "roleLine", "clusterLine"));
    map.put("sshKeys", String.join("\n", rack.admin().sshKeys()));
    map.put("firstBootScript", run.firstBootScript().stripTrailing());
    map.put("firstBootUnit", run.firstBootUnit().stripTrailing());
    map.put("hasNtp", !NodeValues.ntp(rack, node, run).isEmpty());
    map.put("ntpLine", "NTP=" + String.join(" ", NodeValues.ntp(rack, node, run)));
    map.put("hasStaticDns", node.address().isPresent() && !dns.isEmpty());
    map.put("resolvConf", resolvConf(dns));
    map.put("hasMesh", run.mesh().isPresent());
    map.put("meshPorts", NodeValues.meshPorts(rack, node));
    mesh(map);
    return map;
  }

  private void mesh(Map<String, Object> map) {
    String conf = run.mesh().map(mesh -> mesh.conf(rack, node)).orElse("");
    map.put("meshConf", conf.stripTrailing());
    map.put("meshConfBase64", DeployConf.base64(conf));
    map.put("meshScript", run.mesh().map(MeshJoin::script).orElse("").stripTrailing());
    map.put("meshService", run.mesh().map(MeshJoin::service).orElse("").stripTrailing());
    map.put("meshTimer", run.mesh().map(MeshJoin::timer).orElse("").stripTrailing());
  }

  private static String runConf(Map<String, Object> map) {
    return lines(map, "urlLine", "nodeLine", "fqdnLine", "macLine", "roleLine", "clusterLine");
  }

  private static String lines(Map<String, Object> map, String... names) {
    return Stream.of(names).map(name -> map.get(name) + "\n").collect(Collectors.joining());
  }

  /** The same lines as in {@code deploy.conf}, under the same rules. */
  private static String confLine(String key, String value) {
    return DeployConf.line(key, value).stripTrailing();
  }

  private String resolvConf(List<String> dns) {
    StringBuilder text = new StringBuilder("search " + rack.domain());
    dns.forEach(server -> text.append("\nnameserver ").append(server));
    return text.toString();
  }
}
