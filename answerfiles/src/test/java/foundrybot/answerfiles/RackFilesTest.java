// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RackFilesTest {
  @Test
  void theSmallestRackFileGetsEveryDefault() {
    RackFile rack =
        Samples.rack(
            """
            cluster: alpha
            domain: alpha.rack
            appliance: { address: 10.77.0.1 }
            admin: { user: ops, ssh-keys: ["%s"] }
            nodes:
              52:54:00:11:22:33: etcd
            """
                .formatted(Samples.KEY));
    assertEquals("debian-12", rack.profile());
    ApplianceSettings appliance = rack.appliance();
    assertEquals("10.77.0.1/24", appliance.subnet().toString());
    assertEquals(Optional.empty(), appliance.interfaceName());
    assertEquals(DhcpMode.PROXY, appliance.dhcp());
    assertEquals(UnknownMachines.IGNORE, appliance.unknown());
    assertEquals(Acceptance.ARMED, appliance.accept());
    assertEquals(new Ports(67, 68, 67, 4011, 69, 80, 443, 53, 123, 514), appliance.ports());
    assertEquals(Optional.empty(), appliance.pool());
    assertEquals(List.of(), appliance.dns());
    assertTrue(appliance.dnsServer());
    assertTrue(appliance.syslog());
    assertEquals(TimeServer.ON, appliance.timeServer());
    assertEquals(new TftpOptions(false, 1468, 64), appliance.tftp());
    assertEquals(
        new Site("UTC", Optional.empty(), List.of(), Optional.empty(), Map.of(), EtcdDiscovery.TLS),
        rack.site());
    assertEquals(Role.builtIn(), rack.roles());
    Node node = rack.nodes().getFirst();
    assertEquals("52:54:00:11:22:33", node.mac().toString());
    assertEquals("etcd-1.alpha.rack", rack.fqdn(node));
    assertEquals(Profile.Kind.INSTALLER, node.profile().kind());
    assertEquals(Node.AUTO, node.disk());
    assertEquals(Optional.empty(), node.address());
  }

  @Test
  void everyKeyIsTakenOver() {
    RackFile rack =
        Samples.rack(
            """
            cluster: alpha
            domain: alpha.rack
            profile: debian-12-cast
            appliance:
              interface: eth0
              address: 10.77.0.1/16
              dhcp: server
              unknown: discover
              accept: auto
              ports: { dhcp: 6767, dhcp-client: 6868, relay: 6767, proxy-dhcp: 14011, tftp: 6969, http: 8080, https: 8443, dns: 5353, ntp: 1123, syslog: 1514 }
              syslog: off
              pool: 10.77.1.0 - 10.77.1.99
              router: 10.77.0.254
              dns: [10.77.0.1]
              dns-server: off
              time-server: synchronised
              tftp: { single-port: on, block-size: 1400, window-size: 16 }
            admin: { user: ops, ssh-keys: ["%s"] }
            site: { timezone: Europe/Berlin, mirror: "http://mirror.example/debian", ntp: [ntp.alpha.rack], gateway: 10.77.0.253, names: { api: [10.77.9.9, "fd77::9"] }, etcd-discovery: plain }
            roles:
              database: { packages: [postgresql] }
            nodes:
              "5254.0011.2233": { role: database, name: db, profile: debian-12, address: 10.77.0.12/16, disk: /dev/disk/by-id/x, kernel-arguments: [mitigations=off] }
            boot-programs: { ipxe.efi: %s }
            """
                .formatted(Samples.KEY, "AB".repeat(32)));
    ApplianceSettings appliance = rack.appliance();
    assertEquals(Optional.of("eth0"), appliance.interfaceName());
    assertEquals(16, appliance.prefixLength());
    assertEquals(DhcpMode.SERVER, appliance.dhcp());
    assertEquals(UnknownMachines.DISCOVER, appliance.unknown());
    assertEquals(Acceptance.AUTO, appliance.accept());
    assertEquals(
        new Ports(6767, 6868, 6767, 14011, 6969, 8080, 8443, 5353, 1123, 1514), appliance.ports());
    assertEquals("10.77.1.0-10.77.1.99", appliance.pool().orElseThrow().toString());
    assertEquals("10.77.0.254", appliance.router().orElseThrow().getHostAddress());
    assertEquals("Europe/Berlin", rack.site().timezone());
    assertEquals("mirror.example", rack.site().mirror().orElseThrow().getHost());
    assertEquals(List.of("ntp.alpha.rack"), rack.site().ntp());
    assertEquals("10.77.0.253", rack.site().gateway().orElseThrow().getHostAddress());
    assertFalse(appliance.dnsServer());
    assertFalse(appliance.syslog());
    assertEquals(TimeServer.SYNCHRONISED, appliance.timeServer());
    assertEquals(new TftpOptions(true, 1400, 16), appliance.tftp());
    assertEquals(
        Map.of(
            "api", List.of(InetAddress.ofLiteral("10.77.9.9"), InetAddress.ofLiteral("fd77::9"))),
        rack.site().names());
    assertEquals(EtcdDiscovery.PLAIN, rack.site().etcdDiscovery());
    assertEquals("ab".repeat(32), rack.bootProgramDigests().get("ipxe.efi"));
    Node node = rack.node("db").orElseThrow();
    assertEquals(List.of("postgresql"), node.role().packages());
    assertEquals("debian-12", node.profile().name());
    assertEquals("10.77.0.12/16", node.address().orElseThrow().toString());
    assertEquals("/dev/disk/by-id/x", node.disk());
    assertEquals(List.of("mitigations=off"), node.kernelArguments());
    assertEquals(Optional.of(node), rack.node(node.mac()));
  }

  @Test
  void theApplianceIsTheNameAndTimeServerWhereNoOtherIsNamed() {
    Inet4Address own = Inet4Address.ofLiteral("10.77.0.1");
    RackFile rack = withAppliance("");
    assertEquals(List.of(own), rack.nameServers());
    assertEquals(List.of("10.77.0.1"), rack.timeServers());
    assertEquals(
        List.of(Inet4Address.ofLiteral("10.77.0.9")),
        withAppliance(", dns: [10.77.0.9]").nameServers());
    // Nobody asks a name server or time server on another port.
    RackFile elsewhere = withAppliance(", ports: { dns: 5353, ntp: 1123 }");
    assertEquals(List.of(), elsewhere.nameServers());
    assertEquals(List.of(), elsewhere.timeServers());
    RackFile neither = withAppliance(", dns-server: off, time-server: off");
    assertEquals(List.of(), neither.nameServers());
    assertEquals(List.of(), neither.timeServers());
  }

  private static RackFile withAppliance(String more) {
    return Samples.rack(
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1%s }
        admin: { user: ops, ssh-keys: ["%s"] }
        nodes:
          52:54:00:11:22:33: etcd
        """
            .formatted(more, Samples.KEY));
  }

  @Test
  void defaultNamesCountEveryNodeOfARole() {
    RackFile rack =
        Samples.withNodes(
            """
            52:54:00:00:00:01: etcd
            52:54:00:00:00:02: { role: etcd, name: special }
            52:54:00:00:00:03: worker
            52:54:00:00:00:04: etcd
            """);
    assertEquals(
        List.of("etcd-1", "special", "worker-1", "etcd-3"),
        rack.nodes().stream().map(Node::name).toList());
  }

  @Test
  void aliasesAreUnderstood() {
    RackFile rack =
        Samples.withNodes(
            """
            52:54:00:00:00:01: { role: etcd, kernel-arguments: &args [quiet, mitigations=off] }
            52:54:00:00:00:02: { role: etcd, kernel-arguments: *args }
            """);
    assertEquals(
        rack.nodes().getFirst().kernelArguments(), rack.nodes().getLast().kernelArguments());
  }

  @Test
  void aHundredThousandNodesAreReadAndOneMoreIsRefused() {
    StringBuilder nodes = new StringBuilder(Samples.HEAD + "nodes:\n");
    for (int i = 0; i < RackKeys.MOST_NODES; i++) {
      nodes.append("  ").append(new Mac(0x525400000000L + i)).append(": worker\n");
    }
    assertEquals(RackKeys.MOST_NODES, Samples.rack(nodes.toString()).nodes().size());
    nodes.append("  ").append(new Mac(0x525500000000L)).append(": worker\n");
    assertEquals(
        List.of(
            "rack.yaml:6:3: nodes: 100001 entries (expected: 1..100000, each "
                + Rules.MAC.expected()
                + ")"),
        Samples.faults(nodes.toString()));
  }

  @Test
  void pinnedFactsAboutDefaultsAreWrittenOnce() {
    assertEquals(67, Ports.STANDARD.dhcp());
    assertTrue(Profile.builtIn().containsKey(RackBuilder.DEFAULT_PROFILE));
  }
}
