// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.power.BootNic;
import foundrybot.appliance.power.Surveyed;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Inventory.Nic;
import foundrybot.redfish.discover.Discovery.Findings;
import foundrybot.redfish.discover.FoundBmc;
import java.net.InetAddress;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What was found, for programs. */
final class DiscoveryJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private DiscoveryJson() {}

  static String of(Findings findings, List<Surveyed> all) {
    ObjectNode root = JSON.createObjectNode();
    root.put("complete", findings.complete());
    ArrayNode bmcs = root.putArray("bmcs");
    all.forEach(one -> bmc(bmcs.addObject(), one));
    ArrayNode elsewhere = root.putArray("elsewhere");
    findings.elsewhere().stream().map(InetAddress::getHostAddress).forEach(elsewhere::add);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
  }

  private static void bmc(ObjectNode out, Surveyed one) {
    out.put("address", one.bmc().address().getHostAddress());
    ArrayNode services = out.putArray("redfish");
    for (FoundBmc.Redfish service : one.bmc().redfish()) {
      services
          .addObject()
          .put("url", service.url().toString())
          .put("version", service.version())
          .put("vendor", service.vendor())
          .put("product", service.product())
          .put("service-uuid", service.uuid())
          .put("trust", "sha256:" + service.fingerprint())
          .put("trust-verified", false);
    }
    one.bmc().ipmi().ifPresent(url -> out.put("ipmi", url.toString()));
    one.machine().ifPresent(machine -> machine(out.putObject("machine"), machine.inventory()));
    if (!one.trouble().isEmpty()) {
      out.put("trouble", one.trouble());
    }
  }

  private static void machine(ObjectNode out, Inventory inventory) {
    out.put("vendor", inventory.vendor())
        .put("model", inventory.model())
        .put("serial", inventory.serial())
        .put("uuid", inventory.uuid());
    ArrayNode nics = out.putArray("nics");
    for (Nic nic : BootNic.ranked(inventory.nics())) {
      nics.addObject()
          .put("mac", nic.mac().text())
          .put("name", nic.name())
          .put("link", nic.link())
          .put("network-boot", nic.netBoot());
    }
  }
}
