// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RackFaultsTest {
  /** One line each; the node's key is at 6:3, a short role at 6:22. */
  static Stream<Arguments> nodes() {
    return Stream.of(
        node("52:54:00:aa:00:01: wroker", "6:22: nodes.52:54:00:aa:00:01.role: wroker", "worker?"),
        node("52:54:00:aa:00:01: WORKER", "6:22: nodes.52:54:00:aa:00:01.role: WORKER", "lower"),
        node("52:54:00:aa:00: etcd", "6:3: nodes: 52:54:00:aa:00 ", "the MAC of one machine"),
        node("53:54:00:aa:00:01: etcd", "6:3: nodes: 53:54:00:aa:00:01 ", "the MAC of one"),
        node("00:00:00:00:00:00: etcd", "6:3: nodes: 00:00:00:00:00:00 ", "the MAC of one"),
        node("\"52:54\\n\": etcd", "6:3: nodes: 52:54\\n ", "without line break"),
        node("52:54:00:aa:00:01:", "6:21: nodes.52:54:00:aa:00:01.role: empty", "RFC"),
        node("52:54:00:aa:00:01: [etcd]", "6:22: nodes.52:54:00:aa:00:01: a list", "a role"),
        node("52:54:00:aa:00:01: !x etcd", "6:22: nodes.52:54:00:aa:00:01.role: tagged !x", "RFC"),
        mapped("name: a", "6:22: nodes.52:54:00:aa:00:01.role: missing", "1..63 lower-case"),
        mapped(
            "role: etcd, rolle: x", "6:36: nodes.52:54:00:aa:00:01.rolle: unknown", "mean role?"),
        mapped("role: etcd, role: hub", "6:36: nodes.52:54:00:aa:00:01.role: a second", "line 6"),
        mapped("role: etcd, name: A_b", "6:42: nodes.52:54:00:aa:00:01.name: A_b", "RFC 1123"),
        mapped("role: etcd, name: -a", "6:42: nodes.52:54:00:aa:00:01.name: -a", "RFC 1123"),
        mapped("role: etcd, name: a.b", "6:42: nodes.52:54:00:aa:00:01.name: a.b", "RFC 1123"),
        mapped("role: etcd, name: \"a\\nb\"", "6:42: nodes.52:54:00:aa:00:01.name: a\\nb", "break"),
        mapped(
            "role: etcd, name: \"a\\e[1m\"", "6:42: nodes.52:54:00:aa:00:01.name: a\\u001b[1m", ""),
        mapped(
            "role: etcd, profile: debian-21",
            "6:45: nodes.52:54:00:aa:00:01.profile: debian-21",
            "did you mean debian-12?"),
        mapped(
            "role: etcd, address: 10.78.0.9",
            "6:45: nodes.52:54:00:aa:00:01.address: 10.78.0.9",
            "an address of the appliance's subnet 10.77.0.0/24, not its first or last"),
        mapped("role: etcd, address: 10.77.0.0", "6:45: nodes.52:54:00:aa:00:01.address", "first"),
        mapped("role: etcd, address: 10.77.0.255", "6:45: nodes.52:54:00:aa:00:01.address", "last"),
        mapped(
            "role: etcd, address: 10.77.0.1",
            "6:45: nodes.52:54:00:aa:00:01.address",
            "that of appliance.address"),
        mapped(
            "role: etcd, address: 10.77.0.254",
            "6:45: nodes.52:54:00:aa:00:01.address",
            "that of appliance.router"),
        mapped("role: etcd, address: 10.77.0.9/25", "6:45: nodes.52:54:00:aa:00:01.address", "/24"),
        mapped("role: etcd, address: 10.77.0.256", "6:45: nodes.52:54:00:aa:00:01.address", "IPv4"),
        mapped("role: etcd, address: 10.77.0.010", "6:45: nodes.52:54:00:aa:00:01.address", "IPv4"),
        mapped("role: etcd, disk: vda", "6:42: nodes.52:54:00:aa:00:01.disk: vda", "auto, or a"),
        mapped("role: etcd, disk: /dev/../etc", "6:42: nodes.52:54:00:aa:00:01.disk", "/dev/vda"),
        mapped("role: etcd, disk: \"/dev/a b\"", "6:42: nodes.52:54:00:aa:00:01.disk", "/dev/vda"),
        mapped(
            "role: etcd, kernel-arguments: [a, \"b c\"]",
            "6:58: nodes.52:54:00:aa:00:01.kernel-arguments[1]: b c",
            "without spaces"),
        mapped(
            "role: etcd, kernel-arguments: [\"a\\nb\"]",
            "6:55: nodes.52:54:00:aa:00:01.kernel-arguments[0]: a\\nb",
            "no line break"),
        mapped(
            "role: etcd, kernel-arguments: [url=x]",
            "6:55: nodes.52:54:00:aa:00:01.kernel-arguments[0]: url=x",
            "FoundryBot's own"),
        mapped(
            "role: etcd, kernel-arguments: quiet",
            "6:54: nodes.52:54:00:aa:00:01.kernel-arguments: quiet",
            "a list"));
  }

  private static Arguments node(String line, String begin, String part) {
    return Arguments.of(line, "rack.yaml:" + begin, part);
  }

  private static Arguments mapped(String content, String begin, String part) {
    return node("52:54:00:aa:00:01: { " + content + " }", begin, part);
  }

  @ParameterizedTest
  @MethodSource("nodes")
  void aFaultInANodeIsFoundAtItsPlace(String line, String begin, String part) {
    oneFault(Samples.HEAD + "nodes:\n  " + line + "\n", begin, part);
  }

  private static void oneFault(String yaml, String begin, String part) {
    List<String> faults = Samples.faults(yaml);
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().startsWith(begin), faults::toString);
    assertTrue(faults.getFirst().contains("(expected: "), faults::toString);
    assertTrue(faults.getFirst().contains(part), faults::toString);
  }

  /** What replaces which line of the head, and the fault's beginning. */
  static Stream<Arguments> heads() {
    return Stream.of(
        head("cluster: alpha", "cluster: Alpha Centauri", "1:10: cluster: Alpha Centauri", "RFC"),
        head(
            "cluster: alpha", "clustr: alpha", "1:1: clustr: unknown key", "did you mean cluster?"),
        head("domain: alpha.rack", "domain: alpha..rack", "2:9: domain: alpha..rack", "a domain"),
        head("domain: alpha.rack", "domain: 10.77", "2:9: domain: 10.77", "a domain"),
        head("domain: alpha.rack", "domain: " + "a.".repeat(99) + "b", "2:9: domain: a.a.", "189"),
        head("user: ops", "user: root", "4:16: admin.user: root", "not one of the system's own"),
        head("user: ops", "user: \"ops; x\"", "4:16: admin.user: ops; x", "an account"),
        head("interface: eth0", "interface: eth0/1", "3:25: appliance.interface: eth0/1", "eth0"),
        head("10.77.0.1/24", "10.77.0.0/24", "3:40: appliance.address: 10.77.0.0/24", "a machine"),
        head("10.77.0.1/24", "10.77.0.1/0", "3:40: appliance.address: 10.77.0.1/0", "a machine"),
        head("10.77.0.1/24", "224.0.0.1/24", "3:40: appliance.address: 224.0.0.1/24", "a machine"),
        head("10.77.0.1/24", "10.77.0/24", "3:40: appliance.address: 10.77.0/24", "an IPv4"),
        head(
            "router: 10.77.0.254",
            "router: 10.78.0.1",
            "3:62: appliance.router: 10.78.0.1",
            "subnet"),
        head("router: 10.77.0.254", "dhcp: prxy", "3:60: appliance.dhcp: prxy", "mean proxy?"),
        head("router: 10.77.0.254", "accept: always", "3:62: appliance.accept: always", "armed"),
        head("router: 10.77.0.254", "unknown: offer", "3:63: appliance.unknown: offer", "discover"),
        head(
            "router: 10.77.0.254",
            "ports: { http: 0 }",
            "3:69: appliance.ports.http: 0",
            "1..65535"),
        head(
            "router: 10.77.0.254", "ports: { tftp: 65536 }", "3:69: appliance.ports.tftp", "65535"),
        head(
            "router: 10.77.0.254",
            "pool: 10.77.0.9-10.77.1.9",
            "3:60: appliance.pool",
            "all of it"),
        head("router: 10.77.0.254", "pool: 10.77.0.1-10.77.0.9", "3:60: appliance.pool", "without"),
        head(
            "router: 10.77.0.254",
            "pool: 10.77.0.9-10.77.0.8",
            "3:60: appliance.pool",
            "the first"),
        head(
            "router: 10.77.0.254",
            "dhcp: server",
            "3:12: appliance.pool: missing",
            "etcd-1 has no"));
  }

  private static Arguments head(String old, String replacement, String begin, String part) {
    return Arguments.of(Samples.HEAD.replace(old, replacement), "rack.yaml:" + begin, part);
  }

  @ParameterizedTest
  @MethodSource("heads")
  void aFaultOfTheRestIsFoundAtItsPlace(String head, String begin, String part) {
    List<String> faults = Samples.faults(head + "nodes:\n  52:54:00:aa:00:01: etcd\n");
    List<String> here = faults.stream().filter(fault -> fault.startsWith(begin)).toList();
    assertEquals(1, here.size(), faults::toString);
    assertTrue(here.getFirst().contains(part), faults::toString);
    int others = head.contains("clustr") ? 1 : 0;
    assertEquals(1 + others, faults.size(), faults::toString);
  }

  static Stream<Arguments> sites() {
    return Stream.of(
        Arguments.of("site: { timezone: Europe/Berlni }", "7:19: site.timezone: Europe/Berlni"),
        Arguments.of("site: { mirror: \"ftp://x/debian\" }", "7:17: site.mirror: ftp://x/debian"),
        Arguments.of("site: { mirror: \"http://u:p@x/\" }", "7:17: site.mirror: http://...@x/"),
        Arguments.of("site: { ntp: [a b] }", "7:15: site.ntp[0]: a b"),
        Arguments.of("site: { gateway: 10.78.0.1 }", "7:18: site.gateway: 10.78.0.1"),
        Arguments.of("roles: { db: [x] }", "7:14: roles.db: a list"),
        Arguments.of("roles: { DB: {} }", "7:10: roles: DB"),
        Arguments.of("roles: { db: { packages: [A] } }", "7:27: roles.db.packages[0]: A"),
        Arguments.of("boot-programs: { ipxe.efi: 12 }", "7:28: boot-programs.ipxe.efi: 12"),
        Arguments.of("boot-programs: { ../x: 12 }", "7:18: boot-programs: ../x"));
  }

  @ParameterizedTest
  @MethodSource("sites")
  void aFaultInTheTailIsFoundAtItsPlace(String line, String begin) {
    String yaml = Samples.HEAD + "nodes:\n  52:54:00:aa:00:01: etcd\n" + line + "\n";
    List<String> faults = Samples.faults(yaml);
    assertTrue(
        faults.getFirst().startsWith("rack.yaml:" + begin + " (expected: "), faults::toString);
  }

  @Test
  void allFaultsAreReportedAtOnceInTheOrderOfTheFile() {
    List<String> faults =
        Samples.faults(
            """
            domain: alpha.rack
            appliance: { address: 10.77.0.1 }
            admin: { user: root, ssh-keys: [] }
            nodes:
              52:54:00:aa:00:01: wroker
              52-54-00-AA-00-01: etcd
              52:54:00:aa:00:02: { role: etcd, name: x, address: 10.77.0.9 }
              52:54:00:aa:00:03: { role: etcd, name: x, address: 10.77.0.9 }
            """);
    assertEquals(
        List.of("1:1", "3:16", "3:32", "5:22", "6:3", "8:42", "8:54"),
        faults.stream().map(fault -> fault.replaceAll("rack.yaml:(\\d+:\\d+): .*", "$1")).toList(),
        faults::toString);
    assertEquals(
        "rack.yaml:6:3: nodes: 52-54-00-AA-00-01"
            + " (expected: each MAC once; 52:54:00:aa:00:01 is in line 5 already)",
        faults.get(4));
  }

  @Test
  void aNameThatIsAnotherNodesDefaultIsADuplicate() {
    oneFault(
        Samples.HEAD
            + "nodes:\n  52:54:00:aa:00:01: { role: hub, name: etcd-1 }\n"
            + "  52:54:00:aa:00:02: etcd\n",
        "rack.yaml:7:3: nodes.52:54:00:aa:00:02.name: etcd-1",
        "a name of its own, not the default; line 6 has this one");
  }

  @Test
  void keysThatAreNoPublicKeysAreRefused() {
    for (String key :
        List.of(
            "FILL-IN",
            "ssh-ed25519 AAAA...",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
            Samples.KEY.replace("ssh-ed25519 ", "ssh-rsa "),
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "command=\\\"x\\\" " + Samples.KEY)) {
      oneFault(
          Samples.HEAD.replace(Samples.KEY, key) + "nodes:\n  52:54:00:aa:00:01: etcd\n",
          "rack.yaml:4:32: admin.ssh-keys[0]: ",
          "OpenSSH public key");
    }
  }

  @Test
  void brokenYamlIsAFaultWithItsPlace() {
    oneFault("a: [b\nc: d\n", "rack.yaml:2:", "YAML 1.2");
    oneFault("\tcluster: a\n", "rack.yaml:1:1: ", "YAML 1.2");
    oneFault("a: b\n---\nc: d\n", "rack.yaml:2:1: ", "one document");
    oneFault("", "rack.yaml:1:1: an empty file", "a rack file");
    oneFault("# only a comment\n", "rack.yaml:1:1: an empty file", "a rack file");
    oneFault("just text", "rack.yaml:1:1: just text", "a mapping with cluster");
    String nodes = "nodes:\n  52:54:00:aa:00:01: etcd\n";
    oneFault(Samples.HEAD + "power: 5\n" + nodes, "rack.yaml:5:8: power: 5 ", "a mapping with on");
    oneFault("cluster: a\ndomain: \u0007\n", "rack.yaml:2:9: character U+0007", "printable");
    oneFault("a: *nobody\n", "rack.yaml:1:4: ", "YAML 1.2");
  }

  @Test
  void billionLaughsDeepNestingAndHugeFilesEndAtALimit() {
    StringBuilder laughs = new StringBuilder("a0: &a0 [ha]\n");
    for (int i = 1; i < 40; i++) {
      String aliases = ("*a" + (i - 1) + ", ").repeat(30);
      laughs.append("a" + i + ": &a" + i + " [" + aliases + "]\n");
    }
    oneFault(laughs.toString(), "rack.yaml:35:", "at most 1000 aliases");
    oneFault("[".repeat(1_000_000), "rack.yaml:1:17: nesting", "at most 16 levels");
    oneFault("#".repeat(YamlText.LONGEST_FILE + 1), "rack.yaml:1:1: 33554433", "at most 33554432");
  }

  @Test
  void aListThatHoldsItselfIsRefused() {
    String yaml = Samples.HEAD + "nodes: &n\n  52:54:00:aa:00:01: *n\n";
    assertTrue(!Samples.faults(yaml).isEmpty());
  }

  @Test
  void moreFaultsThanAnybodyReadsAreCounted() {
    StringBuilder yaml = new StringBuilder(Samples.HEAD + "nodes:\n");
    for (int i = 0; i < 1_500; i++) {
      yaml.append("  ").append(new Mac(0x525400000000L + i)).append(": wroker\n");
    }
    List<String> faults = Samples.faults(yaml.toString());
    assertEquals(Faults.MOST_SHOWN + 1, faults.size());
    assertTrue(faults.getLast().contains("500 more faults"), faults.getLast());
  }
}
