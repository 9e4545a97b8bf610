// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Of the names that templates may use, those of machines with Talos Linux. */
record TalosValues(RackFile rack, Node node, RunContext run) {
  Map<String, Object> map() {
    boolean controlPlane = TalosSettings.isControlPlane(node);
    Optional<URI> endpoint = rack.talos().map(TalosSettings::endpoint);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("isControlPlane", controlPlane);
    map.put("talosEndpoint", endpoint.map(URI::toString).orElse(""));
    map.put("talosEndpointHost", endpoint.map(URI::getHost).orElse(""));
    map.put("talosInterfaces", TalosNetwork.of(NetworkPlan.of(rack, node, run)));
    map.putAll(run.talos().orElseGet(TalosSecrets::leftOut).values(controlPlane));
    return map;
  }
}
