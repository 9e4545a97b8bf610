// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RackNetworksTest {
  private static final String TWO =
      """
      10.78.0.0/24: { interface: eth0.20@eth0, address: 10.78.0.1, pool: 10.78.0.100-10.78.0.199 }
      10.79.0.0/16: { pool: 10.79.1.0-10.79.1.99, router: 10.79.0.1, dns: [10.79.0.53] }
      """;

  private static String head(String networks) {
    return """
    cluster: alpha
    domain: alpha.rack
    admin: { user: ops, ssh-keys: ["%s"] }
    site: { gateway: 10.77.0.254 }
    appliance:
      address: 10.77.0.1/24
      dns: [10.77.0.53]
      networks:
    """
            .formatted(Samples.KEY)
        + networks.indent(4);
  }

  private static RackFile rack(String networks, String node) {
    return Samples.rack(head(networks) + "nodes:\n  52:54:00:aa:00:01: " + node + "\n");
  }

  @Test
  void aNetworkIsServedDirectlyWhereTheApplianceHasAnAddressThereAndElseThroughARelay() {
    List<RackNetwork> networks = rack(TWO, "etcd").appliance().networks();
    assertEquals(
        List.of("10.77.0.0/24", "10.78.0.0/24", "10.79.0.0/16"),
        networks.stream().map(network -> network.subnet().toString()).toList());
    assertEquals(Optional.of("eth0.20"), networks.get(1).interfaceName());
    assertEquals("10.78.0.1", networks.get(1).address().orElseThrow().getHostAddress());
    assertEquals(Optional.empty(), networks.get(2).address());
    assertEquals("10.79.1.0-10.79.1.99", networks.get(2).pool().orElseThrow().toString());
    assertEquals("10.79.0.1", networks.get(2).router().orElseThrow().getHostAddress());
  }

  @Test
  void theSitesDhcpServersAreKnownByTheirAddresses() {
    assertEquals(List.of(), rack(TWO, "etcd").appliance().siteServers());
    assertEquals(List.of("10.0.0.1", "10.0.0.2"), siteServers("proxy", "10.0.0.1, 10.0.0.2"));
    assertEquals(List.of("10.0.0.1"), siteServers("off", "10.0.0.1"));
  }

  private static List<String> siteServers(String mode, String servers) {
    return Samples.rack(withServers(mode, servers)).appliance().siteServers().stream()
        .map(java.net.Inet4Address::getHostAddress)
        .toList();
  }

  private static String withServers(String mode, String servers) {
    return head(TWO)
            .replace(
                "  dns: [10", "  dhcp: " + mode + "\n  site-servers: [" + servers + "]\n  dns: [10")
        + "nodes:\n  52:54:00:aa:00:01: { role: etcd, address: 10.77.0.9 }\n";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "proxy | 10.0.0.1, 10.77.0.1 | 10.77.0.1 (expected: other DHCP servers than the appliance",
        "proxy | 10.0.0.1, 10.0.0.1 | 10.0.0.1 (expected: each DHCP server once",
        "server | 10.0.0.1 | 1 servers (expected: none with dhcp: server",
        "proxy | dhcp.example | site-servers[0]: dhcp.example"
      })
  void aWrongListOfTheSitesServersIsRefused(String mode, String servers, String part) {
    List<String> faults = Samples.faults(withServers(mode, servers));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains(part), faults::toString);
  }

  @Test
  void nameServersOfANetworkAreTheAppliancesUnlessItHasItsOwn() {
    List<RackNetwork> networks = rack(TWO, "etcd").appliance().networks();
    assertEquals("10.77.0.53", networks.get(1).dns().getFirst().getHostAddress());
    assertEquals("10.79.0.53", networks.get(2).dns().getFirst().getHostAddress());
  }

  @Test
  void aNodeOfAnotherNetworkHasThatNetworksLengthGatewayAndNameServers() {
    RackFile rack = rack(TWO, "{ role: etcd, address: 10.79.2.9 }");
    Node node = rack.nodes().getFirst();
    assertEquals("10.79.2.9/16", node.address().orElseThrow().toString());
    List<String> arguments = Profiles.kernelArguments(rack, node, Samples.run());
    assertTrue(arguments.contains("netcfg/get_netmask=255.255.0.0"), arguments::toString);
    assertTrue(arguments.contains("netcfg/get_gateway=10.79.0.1"), arguments::toString);
    assertTrue(arguments.contains("netcfg/get_nameservers=10.79.0.53"), arguments::toString);
    RackFile other = rack(TWO, "{ role: etcd, address: 10.78.0.9 }");
    assertTrue(
        Profiles.kernelArguments(other, other.nodes().getFirst(), Samples.run())
            .contains("netcfg/get_gateway=none"),
        "the gateway of the appliance's own network is no good in another");
  }

  @Test
  void aNodeWithoutAnAddressIsWhereItReachedTheAppliance() {
    RackFile rack = rack(TWO.replace("pool: 10.78", "dns: [10.78.0.53], pool: 10.78"), "etcd");
    RunContext usual = Samples.run();
    RunContext run =
        new RunContext(
            usual.nodeUrl(),
            URI.create("http://10.78.0.1:8080"),
            usual.image(),
            usual.firstBootScript(),
            usual.firstBootUnit(),
            Optional.empty());
    Node node = rack.nodes().getFirst();
    assertTrue(
        Profiles.kernelArguments(rack, node, run).contains("netcfg/get_nameservers=10.78.0.53"));
    assertEquals(List.of("10.78.0.1"), NodeValues.ntp(rack, node, run));
    assertEquals(List.of("10.77.0.1"), NodeValues.ntp(rack, node, usual));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          10.77.0.128/25: {}                              | networks: 10.77.0.128/25 (expected: a subnet that shares no address with 10.77.0.0/24
          10.0.0.0/8: {}                                  | shares no address with 10.77.0.0/24
          10.78.0.1/24: {}                                | 10.78.0.1/24 (expected: a subnet by its first address
          10.78.0.0/31: {}                                | a subnet by its first address
          10.78.0.0/24: { address: 10.79.0.1 }            | 10.78.0.0/24.address: 10.79.0.1 (expected: an address of 10.78.0.0/24
          10.78.0.0/24: { router: 10.78.0.255 }           | 10.78.0.0/24.router: 10.78.0.255
          10.78.0.0/24: { interface: eth1 }               | 10.78.0.0/24.address: missing
          10.78.0.0/24: { pool: 10.78.0.9-10.78.1.9 }     | all of it an address of 10.78.0.0/24
          10.0.0.0/9: { pool: 10.1.0.0-10.9.0.0 }         | shares no address
          11.0.0.0/9: { pool: 11.1.0.1-11.9.0.0 }         | at most 65536 addresses
          10.78.0.0/24: { address: 10.78.0.1, router: 10.78.0.1 } | another address than that of the appliance
          10.78.0.0/24: { address: 10.78.0.9, pool: 10.78.0.1-10.78.0.20 } | a range without the appliance's 10.78.0.9
          """)
  void aFaultOfANetworkIsFoundAtItsPlace(String network, String part) {
    List<String> faults =
        Samples.faults(head(network) + "nodes:\n  52:54:00:aa:00:01: { role: etcd }\n");
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().startsWith("rack.yaml:9:"), faults::toString);
    assertTrue(faults.getFirst().contains(part), faults::toString);
  }

  @Test
  void anAddressThatIsInNoNetworkNamesThemAll() {
    List<String> faults =
        Samples.faults(
            head(TWO) + "nodes:\n  52:54:00:aa:00:01: { role: etcd, address: 10.80.0.1 }\n");
    assertTrue(
        faults.getFirst().contains("10.77.0.0/24 or 10.78.0.0/24 or 10.79.0.0/16"),
        faults::toString);
  }

  @Test
  void theAppliancesAddressInAnotherNetworkIsTaken() {
    List<String> faults =
        Samples.faults(
            head(TWO) + "nodes:\n  52:54:00:aa:00:01: { role: etcd, address: 10.78.0.1 }\n");
    assertTrue(
        faults.getFirst().contains("that of appliance.networks.10.78.0.0/24.address"),
        faults::toString);
  }
}
