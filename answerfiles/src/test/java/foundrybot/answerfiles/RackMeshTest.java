// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.MeshSettings.PlaneSettings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RackMeshTest {
  private static final String NODES =
      """
      nodes:
        52:54:00:aa:00:01: { role: hub, address: 10.77.0.11 }
        52:54:00:aa:00:02: { role: worker, address: 10.77.0.12, endpoint: "2001:db8::12" }
        52:54:00:aa:00:03: { role: worker, address: 10.77.0.13 }
      """;

  private static String yaml(String planes) {
    return Samples.HEAD + "mesh:\n  planes:\n" + planes.indent(4) + NODES;
  }

  private static MeshSettings mesh(String planes) {
    return Samples.rack(yaml(planes)).mesh().orElseThrow();
  }

  @Test
  void aPlaneMayBeItsSubnetAloneAndHasTheUsualPortOfItsPlace() {
    MeshSettings mesh = mesh("storage: 10.80.3.0/24\ncontrol: 10.80.1.0/24\n");
    PlaneSettings control = mesh.planes().getFirst();
    assertEquals(List.of(51821, 51823), mesh.planes().stream().map(PlaneSettings::port).toList());
    assertEquals(Plane.CONTROL, control.plane());
    assertEquals(1420, control.mtu());
    assertEquals(25, control.keepalive());
    assertEquals(Optional.empty(), control.hub());
    assertEquals(254, control.capacity());
  }

  @Test
  void everyKeyOfAPlaneIsTaken() {
    PlaneSettings plane =
        mesh("data: { subnet: 10.80.2.0/24, subnet6: \"fd4a:6e1f:20c8:2::/64\", topology: hub,"
                + " roles: [hub, worker], port: 443, mtu: 8920, keepalive: off }")
            .planes()
            .getFirst();
    assertEquals("fd4a:6e1f:20c8:2::/64", plane.subnet6().orElseThrow().toString());
    assertEquals(Mac.parse("52:54:00:aa:00:01"), plane.hub());
    assertEquals(List.of("hub", "worker"), plane.roles());
    assertEquals(443, plane.port());
    assertEquals(8920, plane.mtu());
    assertEquals(0, plane.keepalive());
  }

  @Test
  void aRelayIsTheHubOfTheFirstPlaneForPeopleOrTheControl() {
    String hub = "data: { subnet: 10.80.2.0/24, topology: hub }";
    String relay = yaml(hub).replace("mesh:\n", "mesh:\n  relay: on\n");
    List<String> faults = Samples.faults(relay);
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(
        faults.getFirst().contains("mesh.relay: on (expected: the plane bootstrap or control with"),
        faults::toString);
    MeshSettings mesh = Samples.rack(relay.replace("data:", "control:")).mesh().orElseThrow();
    assertEquals(Optional.of(Plane.CONTROL), mesh.relayed().map(PlaneSettings::plane));
    assertEquals(Optional.empty(), mesh(hub.replace("data:", "control:")).relayed());
  }

  @Test
  void anEndpointIsWhereTheOthersReachANodeAndElseItsAddressIs() {
    List<Node> nodes = Samples.rack(yaml("data: 10.80.2.0/24")).nodes();
    assertEquals("10.77.0.11", nodes.get(0).meshEndpoint().orElseThrow().getHostAddress());
    assertEquals(
        "2001:db8:0:0:0:0:0:12", nodes.get(1).meshEndpoint().orElseThrow().getHostAddress());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "wan: 10.80.1.0/24 | wan (expected: one of bootstrap, control, data, storage",
        "data: 10.77.0.0/25 | 10.77.0.0/25 (expected: a subnet that shares no address with"
            + " 10.77.0.0/24 of the appliance",
        "data: 10.80.2.1/24 | (expected: a subnet by its first address",
        "data: { subnet: 10.80.2.0/30 } | 3 nodes (expected: at most 2, which 10.80.2.0/30",
        "data: { subnet: 10.80.2.0/24, subnet6: \"2001:db8::/64\" } | (expected: a subnet of unique"
            + " local addresses",
        "data: { subnet: 10.80.2.0/24, subnet6: \"fd77::1/64\" } | (expected: a subnet of unique"
            + " local addresses",
        "data: { subnet: 10.80.2.0/24, topology: star } | star (expected: one of mesh, hub)",
        "data: { subnet: 10.80.2.0/24, hub: hub-1 } | hub-1 (expected: no hub, or topology: hub",
        "data: { subnet: 10.80.2.0/24, topology: hub, hub: none } | none (expected: the name of a"
            + " node of this plane)",
        "data: { subnet: 10.80.2.0/24, topology: hub, roles: [worker] } | 0 nodes of role hub"
            + " (expected: one, or hub: NAME",
        "data: { subnet: 10.80.2.0/24, roles: [workr] } | workr (expected: one of",
        "data: { subnet: 10.80.2.0/24, mtu: 1279 } | 1279 (expected: 1280..8920)",
        "data: { subnet: 10.80.2.0/24, keepalive: 0 } | 0 (expected: 1..3600 seconds, or off)"
      })
  void aPlaneThatCannotBeIsNamed(String plane, String fault) {
    List<String> faults = Samples.faults(yaml(plane));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains(fault), faults::toString);
  }

  @Test
  void planesShareNeitherSubnetNorPort() {
    List<String> faults =
        Samples.faults(
            yaml(
                """
                control: { subnet: 10.80.0.0/16, subnet6: "fd77::/48" }
                data: { subnet: 10.80.2.0/24, subnet6: "fd77:0:0:2::/64", port: 51821 }
                """));
    assertEquals(3, faults.size(), faults::toString);
    assertTrue(faults.get(0).contains("with 10.80.0.0/16 of mesh.planes.control"), faults.get(0));
    assertTrue(faults.get(1).contains("with fd77::/48 of mesh.planes.control"), faults.get(1));
    assertTrue(faults.get(2).contains("a port that mesh.planes.control has not"), faults.get(2));
  }

  @Test
  void ofTwoNodesThatSpeakToEachOtherOneMustBeFound() {
    String nodes =
        """
        nodes:
          52:54:00:aa:00:01: { role: hub, address: 10.77.0.11 }
          52:54:00:aa:00:02: worker
          52:54:00:aa:00:03: worker
        """;
    String full = Samples.HEAD + "mesh: { planes: { data: 10.80.2.0/24 } }\n" + nodes;
    List<String> faults = Samples.faults(full);
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(
        faults.getFirst().contains("none on 2 (worker-1, worker-2) (expected: an address or an"),
        faults::toString);
    assertEquals(
        List.of(),
        Samples.faults(full.replace("10.80.2.0/24", "{ subnet: 10.80.2.0/24, topology: hub }")));
    assertEquals(
        List.of(),
        Samples.faults(
            full.replace(" worker\n", " { role: worker, name: w }\n")
                .replaceFirst("(?s)  52:54:00:aa:00:03.*", "")));
  }

  @Test
  void aHubIsFoundByTheOthers() {
    String yaml =
        Samples.HEAD
            + "mesh: { planes: { data: { subnet: 10.80.2.0/24, topology: hub } } }\n"
            + "nodes:\n  52:54:00:aa:00:01: hub\n  52:54:00:aa:00:02: worker\n";
    List<String> faults = Samples.faults(yaml);
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(
        faults.getFirst().contains("hub-1 (expected: a node with an address"), faults.get(0));
  }

  @Test
  void aMeshNeedsTheAppliancesOwnHttps() {
    String yaml = yaml("data: 10.80.2.0/24");
    List<String> off =
        Samples.faults(yaml.replace("interface: eth0", "ports: { https: off }, interface: eth0"));
    assertEquals(1, off.size(), off::toString);
    assertTrue(off.getFirst().contains("mesh: without HTTPS (expected: HTTPS"), off::toString);
    List<String> other =
        Samples.faults(
            yaml.replace("interface: eth0", "tls: { certificate: /a, key: /b }, interface: eth0"));
    assertEquals(1, other.size(), other::toString);
    assertTrue(other.getFirst().contains("mesh: with appliance.tls (expected: the appl"), yaml);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data worker > hub tcp/80-443 |",
        "data any > any udp/1 |",
        "data worker > moon tcp/80 | moon (expected: one of",
        "control worker > hub tcp/80 | control (expected: a plane that stands under",
        "data worker > hub tcp/443-80 | (expected: PLANE FROM > TO",
        "data worker > hub icmp/8 | (expected: PLANE FROM > TO",
        "data worker > hub tcp/65536 | (expected: PLANE FROM > TO"
      })
  void aFlowIsAPlaneTwoRolesAndPorts(String flow, String fault) {
    List<String> faults =
        Samples.faults(
            yaml("data: 10.80.2.0/24").replace("mesh:\n", "mesh:\n  flows: [\"" + flow + "\"]\n"));
    assertEquals(fault == null ? 0 : 1, faults.size(), faults::toString);
    faults.forEach(found -> assertTrue(found.contains(String.valueOf(fault)), found));
  }
}
