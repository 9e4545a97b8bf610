// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

class RackLinksTest {
  private static final String EVERYTHING =
      """
      52:54:00:aa:00:01:
        role: worker
        name: w1
        address: 10.77.0.12
        network:
          boot: { mtu: 9000 }
          bond0: { bond: 802.3ad, members: [boot, 52:54:00:bb:00:01], mtu: 9000, addresses: ["fd77::12/64"], routes: { 10.90.0.0/16: 10.77.0.253, "::/0": "fd77::1" } }
          store: { card: 52:54:00:bb:00:02, dhcp: both }
          vlan20: { vlan: 20, on: bond0, addresses: [10.91.0.5/24], routes: { 10.92.0.0/16: 10.91.0.1 } }
          vlan30: { vlan: 30, on: store }
          br0: { bridge: stp, members: [vlan30], addresses: [10.93.0.5/24] }
      """;
  private static final String LEASE =
      """
      52:54:00:aa:00:01:
        role: worker
        network: { br0: { bridge: plain, members: [boot] } }
      """;

  private static NetworkPlan plan(RackFile rack) {
    return NetworkPlan.of(rack, rack.nodes().getFirst(), Samples.run());
  }

  @Test
  void oneNetworkIsSaidToEachProgramAsAgreed() {
    StringBuilder text = new StringBuilder();
    for (String nodes : List.of(EVERYTHING, LEASE)) {
      NetworkPlan plan = plan(Samples.withNodes(nodes));
      NetworkdFiles.of(plan).forEach(file -> append(text, file));
      append(text, new ConfigFile("netplan", Netplan.of(plan)));
      NmKeyfiles.of(plan).forEach(file -> append(text, file));
      for (IfupdownScript.Dialect dialect : IfupdownScript.Dialect.values()) {
        String script = IfupdownScript.of(plan, dialect);
        String lines = script.substring(script.indexOf("\ncard1=") + 1);
        append(text, new ConfigFile(dialect.toString(), lines));
      }
    }
    Golden.check("networks.txt", text.toString());
  }

  private static void append(StringBuilder text, ConfigFile file) {
    text.append("== ").append(file.name()).append('\n').append(file.content());
  }

  @Test
  void whoSaysNothingHasTheBootCardAloneAndItsAddress() {
    RackFile rack = Samples.withNodes("52:54:00:aa:00:01: { role: etcd, address: 10.77.0.9 }");
    assertEquals(
        NodeNetwork.usual(Mac.parse("52:54:00:aa:00:01").orElseThrow()),
        rack.nodes().getFirst().network());
    assertEquals(
        """
        [Match]
        PermanentMACAddress=52:54:00:aa:00:01

        [Link]
        RequiredForOnline=yes

        [Network]
        DHCP=no
        Address=10.77.0.9/24
        DNS=10.77.0.1
        DNS=10.77.0.2
        Domains=alpha.rack

        [Route]
        Destination=0.0.0.0/0
        Gateway=10.77.0.254
        """,
        NetworkdFiles.of(plan(rack)).getFirst().content());
  }

  @Test
  void aNetworkOfARoleIsThatOfItsNodesEachWithItsOwnBootCard() {
    RackFile rack =
        Samples.rack(
            Samples.HEAD
                + """
                roles: { etcd: { network: { br0: { bridge: plain, members: [boot] } } } }
                nodes:
                  52:54:00:aa:00:01: etcd
                  52:54:00:aa:00:02: { role: etcd, network: {} }
                """);
    assertEquals("br0", rack.nodes().getFirst().network().main());
    assertEquals("boot", rack.nodes().getLast().network().main());
  }

  @Test
  void debianGetsNetworkdsFilesAndUbuntuNetplansInPlaceOfTheInstallers() {
    for (String profile : List.of("debian-12", "ubuntu-24-04")) {
      RackFile rack = Samples.withNodes(EVERYTHING.replace("name: w1", "profile: " + profile));
      String text =
          AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run(), "late.sh").text();
      boolean debian = profile.equals("debian-12");
      assertEquals(debian, text.contains("/etc/systemd/network/\"'10-bond0.netdev'"), text);
      assertEquals(!debian, text.contains("/etc/netplan/60-foundrybot.yaml"), text);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "boot: { card: 52:54:00:bb:00:01 } | boot: card | boots from",
        "x: { mtu: 9000 } | network.x: missing | one of card, bond, vlan, bridge",
        "x: { vlan: 2, bridge: stp, on: boot } | vlan and bridge | one of card",
        "x: { bond: 802.3ad } | x.members: missing | since this is a bond",
        "x: { vlan: 5 } | x.on: missing | since this is a vlan",
        "x: { vlan: 5, on: boot, members: [boot] } | x.members: vlan | no members beside vlan",
        "x: { vlan: 4095, on: boot } | x.vlan: 4095 | 1..4094",
        "x: { bond: lacp, members: [boot] } | x.bond: lacp | one of 802.3ad",
        "store: { bridge: plain, members: [stor] } | store.members: stor | did you mean store?",
        "X: { vlan: 5, on: boot } | network: X | at most 15 lower-case letters",
        "x: { card: 52:54:00:aa:00:01 } | x.card: 52:54:00:aa:00:01 | this one is boot",
        "boot: { addresses: [10.91.0.5] } | addresses[0]: 10.91.0.5 | with its prefix length",
        "boot: { routes: { 10.91.0.5/24: 10.77.0.3 } } | 10.91.0.5/24 | by its first address",
        "'boot: { routes: { \"::/0\": 10.77.0.3 } }' | 10.77.0.3 | the same family as ::/0",
        "boot: { dhcp: ipv4 } | boot.dhcp: ipv4 | as the node has an address",
        "boot: { mtu: 100 } | boot.mtu: 100 | 576..65535",
        "boot: { mtu: 1500, dhcp: ipv6 }, b: { bond: 802.3ad, members: [boot] } | network.boot:"
            + " boot | they belong to b",
        "a: { bond: 802.3ad, members: [boot] }, b: { bridge: stp, members: [boot] } | b.members"
            + " | it is a member of a",
        "a: { bridge: stp, members: [boot] }, b: { bond: 802.3ad, members: [a] } | a | cards only",
        "a: { bond: 802.3ad, members: [boot] }, v: { vlan: 5, on: boot } | v.on: boot | a, of"
            + " which",
        "a: { bridge: stp, members: [v] }, v: { vlan: 5, on: a } | a.members: a | lie on a itself",
        "v: { vlan: 5, on: boot, mtu: 9000 } | v.mtu: 9000 | at most the mtu of boot, 1500",
        "boot: { addresses: [10.77.0.254/24] } | 10.77.0.254/24 | that of appliance.router",
        "all: { vlan: 5, on: boot } | network: all | not lo, all, default",
        "wg1: { bridge: plain, members: [boot] } | network: wg1 | one of the mesh",
        "s: { vlan: 5, on: boot, addresses: [10.91.0.0/24] } | 10.91.0.0/24 | a machine can have",
        "s: { vlan: 5, on: boot, addresses: [10.91.0.255/24] } | 10.91.0.255 | a machine can have",
        "s: { vlan: 5, on: boot, addresses: [127.0.0.2/8] } | 127.0.0.2/8 | a machine can have",
        "s: { vlan: 5, on: boot, addresses: ['fd00::/64'] } | fd00::/64 | a machine can have",
        "s: { vlan: 5, on: boot, addresses: [10.77.0.9/24] } | s.addresses: 10.77.0.9/24 | the node"
            + " itself has it",
        "s: { vlan: 5, on: boot, addresses: [10.91.0.5/24, 10.91.0.5/16] } | 10.91.0.5/16 | s has",
        "s: { vlan: 5, on: boot, mtu: 1279, addresses: ['fd01::5/64'] } | s.mtu: 1279 | at least"
            + " 1280, as IPv6",
        "s: { vlan: 5, on: boot, mtu: 576, dhcp: ipv6 } | s.mtu: 576 | at least 1280",
        "boot: { routes: { 10.92.0.0/16: 10.91.0.1 } } | boot.routes: 10.91.0.1 | another"
            + " machine's address in a subnet of boot 10.77.0.0/24",
        "boot: { routes: { 10.92.0.0/16: 10.77.0.9 } } | boot.routes: 10.77.0.9 | another",
        "s: { vlan: 5, on: boot, routes: { 10.92.0.0/16: 10.91.0.1 } } | 10.91.0.1 | s, which has"
            + " none of IPv4",
        "s: { vlan: 5, on: boot, addresses: [10.91.0.5/24], routes: { 0.0.0.0/0: 10.91.0.1 } }, t:"
            + " { vlan: 6, on: boot, addresses: [10.92.0.5/24], routes: { 0.0.0.0/0: 10.92.0.1 } }"
            + " | t.routes: 0.0.0.0/0 | one router for each subnet; s has",
        "s: { vlan: 5, on: boot }, t: { vlan: 5, on: boot } | t.vlan: 5 | each VLAN of boot once",
      })
  void whatCannotBeMeantIsRefusedWithTheCure(String network, String value, String cure) {
    List<String> faults = faults("debian-12", network);
    assertTrue(
        faults.stream().anyMatch(fault -> fault.contains(value) && fault.contains(cure)),
        faults::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s: { vlan: 5, on: boot, dhcp: ipv4, mtu: 576, routes: { 10.92.0.0/16: 10.91.0.1 } }",
        "s: { vlan: 5, on: boot, addresses: [10.91.0.4/31], routes: { 10.92.0.0/16: 10.91.0.5 } }",
        "s: { vlan: 5, on: boot, addresses: [\"fd01::5/64\"], routes: { \"::/0\": \"fe80::1\" } }",
        "boot: { addresses: [\"fe80::5/64\"] }, s: { vlan: 5, on: boot, addresses:"
            + " [\"fe80::5/64\"], mtu: 1280 }",
        "s: { vlan: 5, on: boot }, t: { card: 52:54:00:bb:00:01 }, u: { vlan: 5, on: t }",
        "boot: { routes: { 10.92.0.0/16: 10.77.0.3 } }",
      })
  void whatTheKernelTakesIsTaken(String network) {
    assertEquals(List.of(), faults("debian-12", network));
  }

  @Test
  void aDefaultRouteOfTheNodesOwnStandsInPlaceOfTheRacks() {
    String node =
        "52:54:00:aa:00:01: { role: worker, address: 10.77.0.12, network: { s: { vlan: 5, on: boot,"
            + " addresses: [10.91.0.5/24]%s } } }\n";
    String own = ", routes: { 0.0.0.0/0: 10.91.0.1 }";
    assertEquals(
        List.of("0.0.0.0/0 10.77.0.254"), routes(plan(Samples.withNodes(node.formatted("")))));
    assertEquals(
        List.of("0.0.0.0/0 10.91.0.1"), routes(plan(Samples.withNodes(node.formatted(own)))));
  }

  private static List<String> routes(NetworkPlan plan) {
    return plan.network().links().stream()
        .flatMap(link -> link.routes().stream())
        .map(route -> route.to() + " " + IpPrefix.text(route.via()))
        .toList();
  }

  @Test
  void aCardIsThatOfOneMachine() {
    String nodes =
        Samples.HEAD
            + """
            nodes:
              52:54:00:aa:00:01: { role: worker, name: a, network: { s: { card: %s } } }
              52:54:00:aa:00:02: { role: worker, name: b, network: { t: { card: %s } } }
            """;
    assertEquals(
        List.of(),
        Samples.faults(nodes.formatted("\"52:54:00:bb:00:01\"", "\"52:54:00:bb:00:02\"")));
    String same =
        Samples.faults(nodes.formatted("\"52:54:00:bb:00:01\"", "\"52:54:00:bb:00:01\""))
            .toString();
    assertTrue(same.contains("aa:00:02.network: 52:54:00:bb:00:01"), same);
    assertTrue(same.contains("this is one of nodes.52:54:00:aa:00:01"), same);
    String boot =
        Samples.faults(nodes.formatted("\"52:54:00:aa:00:02\"", "\"52:54:00:bb:00:02\""))
            .toString();
    assertTrue(boot.contains("aa:00:01.network: 52:54:00:aa:00:02"), boot);
    assertTrue(boot.contains("this is one of nodes.52:54:00:aa:00:02"), boot);
  }

  @Test
  void aProfileThatSetsUpNoNetworkRefusesOne() {
    List<String> faults = faults("debian-12-cast", "x: { vlan: 5, on: boot }");
    assertEquals(2, faults.size(), faults::toString);
    assertTrue(
        faults.getLast().contains("network: vlan (expected: no network, as profile debian-12-cast")
            && faults.getLast().contains("for vlan: alpine, debian-12, debian-13, fedora,"),
        faults::toString);
  }

  @Test
  void whoseSystemsAskByIpv4AloneHasNoLeaseOfIpv6() {
    List<String> faults = faults("alpine", "store: { card: 52:54:00:bb:00:02, dhcp: both }");
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(
        faults.getFirst().contains("network.store.dhcp: both (expected: ipv4 or off, as systems"),
        faults::toString);
    assertEquals(
        List.of(), faults("nixos", "store: { card: 52:54:00:bb:00:02, dhcp: both }"), "others do");
  }

  /** That a name is missing, or a file broken, is found here. */
  @Test
  void everyProfileThatSetsUpNetworksSaysThemAll() {
    for (String profile : BuiltInProfiles.names()) {
      if (!requireNonNull(Profile.builtIn().get(profile)).networks().isEmpty()) {
        RackFile rack =
            Samples.withNodes(
                "52:54:00:aa:00:01: { role: etcd, profile: "
                    + profile
                    + ", "
                    + InstallerRacks.NETWORK
                    + " }");
        assertEquals(
            List.of(), Rehearsal.faults(rack, _ -> InstallerRacks.run(), (_, _) -> {}), profile);
        String all =
            AnswerFiles.renderAll(rack, rack.nodes().getFirst(), InstallerRacks.run()).stream()
                .map(AnswerFile::text)
                .collect(Collectors.joining());
        for (String part : List.of("bond0", "52:54:00:bb:00:02", "10.93.0.5/24", "fd77::12/64")) {
          assertTrue(all.contains(part) || decoded(all).contains(part), profile + ": " + part);
        }
      }
    }
  }

  /** What stands in data URLs. */
  private static String decoded(String text) {
    return Pattern.compile("data:;base64,([A-Za-z0-9+/=]+)")
        .matcher(text)
        .results()
        .map(found -> new String(Base64.getDecoder().decode(found.group(1)), UTF_8))
        .collect(Collectors.joining());
  }

  private static List<String> faults(String profile, String network) {
    return Samples.faults(
        Samples.HEAD
            + "nodes:\n  52:54:00:aa:00:01: { role: etcd, address: 10.77.0.9, profile: "
            + profile
            + ", network: { "
            + network
            + " } }\n");
  }

  @Test
  @Tag("slow")
  void netplanTakesItsFileAndMeansTheSame(@TempDir Path folder) throws Exception {
    boolean present = Files.isExecutable(Path.of("/usr/sbin/netplan"));
    assertTrue(present || !"true".equals(System.getenv("CI")), "netplan: apt install netplan.io");
    if (!present) {
      throw new TestAbortedException("netplan.io is not installed");
    }
    for (String nodes : List.of(EVERYTHING, LEASE)) {
      Path root = Files.createTempDirectory(folder, "root");
      Path file = Files.createDirectories(root.resolve("etc/netplan")).resolve("60.yaml");
      Files.writeString(file, Netplan.of(plan(Samples.withNodes(nodes))));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      Path out = folder.resolve("out");
      Process process =
          new ProcessBuilder("netplan", "generate", "--root-dir", root.toString())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      assertEquals(0, process.waitFor(), Files.readString(out, StandardCharsets.UTF_8));
      if (nodes.equals(EVERYTHING)) {
        Path made = root.resolve("run/systemd/network");
        String card = Files.readString(made.resolve("10-netplan-c525400bb0001.network"));
        assertTrue(card.contains("Bond=bond0") && card.contains("52:54:00:bb:00:01"), card);
        String bond = Files.readString(made.resolve("10-netplan-bond0.network"));
        assertTrue(bond.contains("VLAN=vlan20") && bond.contains("Address=10.77.0.12/24"), bond);
        assertTrue(Files.exists(made.resolve("10-netplan-vlan30.netdev")));
      }
    }
  }
}
