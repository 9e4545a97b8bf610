// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What roles and nodes ask of systems, who takes over what, and what each installer is told. */
class RackRolesTest {
  private static final String ROLES =
      """
      roles:
        worker:
          sysctls: { net.ipv4.ip_forward: 1, vm.swappiness: 10 }
          labels: { example.org/pool: general, tier: "" }
          services: { enable: [haproxy, fstrim.timer], disable: [cups] }
          files:
            /etc/motd: { content: "worker\\n" }
            /etc/x/a.conf: { content: "a", mode: 0600, owner: "haproxy:adm" }
          deadlines: { installing: 45m }
          layout: lvm
        gpu:
          from: worker
          packages: [pciutils]
          labels: { example.org/pool: gpu }
          services: { disable: [haproxy] }
          files:
            /etc/motd: { content: "gpu\\n", mode: 0640 }
      """;

  private static RackFile rack(String nodes) {
    return Samples.rack(Samples.HEAD + ROLES + "nodes:\n" + nodes.indent(2));
  }

  private static String fault(String yaml) {
    List<String> faults = Samples.faults(Samples.HEAD + yaml);
    assertEquals(1, faults.size(), faults::toString);
    return faults.getFirst();
  }

  @Test
  void aRoleTakesOverFromOneOtherWhatItDoesNotSay() {
    Node node = rack("52:54:00:aa:00:01: gpu\n").nodes().getFirst();
    HostSettings settings = node.settings();
    assertEquals(
        List.of(
            new HostFile("/etc/motd", "0640", "root", "root", "gpu\n"),
            new HostFile("/etc/x/a.conf", "0600", "haproxy", "adm", "a")),
        settings.files());
    assertEquals(Map.of("net.ipv4.ip_forward", "1", "vm.swappiness", "10"), settings.sysctls());
    assertEquals(Map.of("example.org/pool", "gpu", "tier", ""), settings.labels());
    assertEquals(Set.of("fstrim.timer"), settings.enabled());
    assertEquals(Set.of("cups.service", "haproxy.service"), settings.disabled());
    assertEquals(List.of("pciutils"), node.packages());
    assertEquals(Duration.ofMinutes(45), node.deadlines().get("installing"));
    assertEquals("lvm", node.disks().layout().word());
    assertEquals(Optional.of("worker"), node.role().from());
  }

  @Test
  void aNodesOwnKeysGoBeforeThoseOfItsRole() {
    RackFile rack =
        rack(
            """
            52:54:00:aa:00:01: worker
            52:54:00:aa:00:02:
              role: worker
              packages: [htop]
              sysctls: { vm.swappiness: 60 }
              labels: { tier: front }
              services: { enable: [cups.service], disable: [fstrim.timer] }
              files: { /etc/motd: { content: mine } }
            """);
    Node own = rack.nodes().getLast();
    assertEquals(List.of("conntrack", "ethtool", "socat"), rack.nodes().getFirst().packages());
    assertEquals(List.of("htop"), own.packages());
    assertTrue(Profiles.packages(rack, own).contains("htop"));
    assertFalse(Profiles.packages(rack, own).contains("socat"));
    assertEquals(
        Map.of("net.ipv4.ip_forward", "1", "vm.swappiness", "60"), own.settings().sysctls());
    assertEquals(Map.of("example.org/pool", "general", "tier", "front"), own.settings().labels());
    assertEquals(Set.of("haproxy.service", "cups.service"), own.settings().enabled());
    assertEquals(Set.of("fstrim.timer"), own.settings().disabled());
    assertEquals("mine", own.settings().files().getFirst().content());
    assertEquals("0644", own.settings().files().getFirst().mode());
  }

  @Test
  void takingOverHasOneLevel() {
    String nodes = "nodes: { 52:54:00:aa:00:01: worker }\n";
    assertEquals(
        "rack.yaml:6:14: roles.c.from: b (expected: a role without a from of its own; b is from"
            + " worker (line 7))",
        fault("roles:\n  c: { from: b }\n  b: { from: worker }\n" + nodes));
    assertEquals(
        "rack.yaml:6:14: roles.c.from: c (expected: another role)",
        fault("roles:\n  c: { from: c }\n" + nodes));
    String unknown = fault("roles:\n  c: { from: wroker }\n" + nodes);
    assertTrue(unknown.startsWith("rack.yaml:6:14: roles.c.from: wroker (expected: one of hub,"));
    assertTrue(unknown.endsWith("did you mean worker?)"), unknown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "files: { etc/motd: { content: a } } | etc/motd",
        "files: { /etc/../x: { content: a } } | /etc/../x",
        "files: { /etc//x: { content: a } } | /etc//x",
        "files: { /etc/x/: { content: a } } | /etc/x/",
        "files: { /run/x: { content: a } } | /run/x",
        "files: { '/etc/a b': { content: a } } | /etc/a b",
        "files: { \"/etc/a\\nb\": { content: a } } | /etc/a\\nb",
        "files: { /etc/x: { content: a }, /etc/x/y/z: { content: a } } | /etc/x/y/z",
        "files: { /etc/foundrybot/run.conf: { content: a } } | /etc/foundrybot/run.conf",
        "files: { /etc/x: { content: a, mode: 0999 } } | 0999",
        "files: { /etc/x: { content: a, mode: 4755 } } | 4755",
        "files: { /etc/x: { content: a, owner: 'a b' } } | a b",
        "files: { /etc/x: { mode: 0644 } } | missing",
        "files: { /etc/x: { content: a, source-file: a } } | content and source-file",
        "files: { /etc/x: { source-file: ../a } } | ../a",
        "files: { /etc/x: { source-file: /etc/shadow } } | /etc/shadow",
        "files: { /etc/x: { source-file: nowhere } } | nowhere",
        "files: { /etc/x: { content: \"a\\u0007b\" } } | 3 characters",
        "services: { enable: [a b] } | a b",
        "services: { enable: [getty@] } | getty@",
        "services: { enable: [foundrybot-mesh.timer] } | foundrybot-mesh.timer",
        "services: { enable: [a], disable: [a.service] } | a.service",
        "sysctls: { ip_forward: 1 } | ip_forward",
        "sysctls: { net/ipv4/ip_forward: 1 } | net/ipv4/ip_forward",
        "labels: { -a: b } | -a",
        "labels: { a/b/c: d } | a/b/c",
        "labels: { kubernetes.io/role: master } | kubernetes.io/role",
        "labels: { node-role.kubernetes.io/worker: '' } | node-role.kubernetes.io/worker",
        "labels: { a: 'b c' } | b c",
        "ready: { a: { port: 70000 } } | 70000",
        "ready: { a: { port: 80, service: b } } | service and port",
      })
  void whatASystemCouldNotBeGivenIsRefusedWithItsPlace(String keys, String value) {
    String fault = fault("nodes:\n  52:54:00:aa:00:01: { role: worker, " + keys + " }\n");
    assertTrue(fault.startsWith("rack.yaml:6:"), fault);
    assertTrue(fault.contains(": " + value + " (expected: "), fault);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kubernetes.io/os: linux",
        "node.kubernetes.io/row: a",
        "topology.kubernetes.io/zone: a-1",
        "a.example/X_y.z-0: A_b.c-9",
        "a: ''"
      })
  void labelsOfKubernetesAreTaken(String label) {
    Samples.rack(
        Samples.HEAD
            + "nodes: { 52:54:00:aa:00:01: { role: worker, labels: { "
            + label
            + " } } }\n");
  }

  @Test
  void theTextOfAFileMayLieBesideTheRackFile() {
    String yaml =
        Samples.HEAD
            + "nodes: { 52:54:00:aa:00:01: { role: hub, files: { /etc/x: { source-file: files/x } }"
            + " } }\n";
    Map<String, String> files = Map.of("files/x", "it's\n\ttext\n");
    RackReading read =
        RackFiles.read(yaml, "rack.yaml", Map.of(), name -> Optional.ofNullable(files.get(name)));
    if (!(read instanceof RackReading.Valid(RackFile rack))) {
      throw new AssertionError(read.toString());
    }
    assertEquals("it's\n\ttext\n", rack.nodes().getFirst().settings().files().getFirst().content());
    assertEquals(
        Map.of("files/x", "cbfc6b54552924611d47bcbd5b0c8d2b553c6746d7a2cade2df241e020afdea0"),
        rack.takenIn());
    RackReading large =
        RackFiles.read(
            yaml, "rack.yaml", Map.of(), _ -> Optional.of("x".repeat(HostKeys.LONGEST_FILE + 1)));
    assertTrue(large.toString().contains("files/x: 32769 characters"), large::toString);
  }

  @Test
  void theFilesOfANodeHaveALimitTogether() {
    String file = "/etc/%d: { content: " + "x".repeat(HostKeys.LONGEST_FILE) + " }";
    String fault =
        fault(
            "nodes:\n  52:54:00:aa:00:01: { role: hub, files: { "
                + String.join(", ", file.formatted(1), file.formatted(2), "/etc/3: { content: x }")
                + " } }\n");
    assertTrue(fault.contains("65537 bytes (expected: at most 65536 for a node)"), fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "esxi-8 | labels: { a: b } | a (expected: what profile esxi-8 can put on a system"
            + " (nothing)",
        "esxi-8 | packages: [htop] | htop (expected: what profile esxi-8",
        "flatcar | packages: [htop] | for packages: alpine, debian-12, debian-12-cast,",
        "flatcar | files: { /usr/x: { content: a } } | /usr/x (expected: a path below /etc, /home,",
        "nixos | services: { enable: [a] } | a.service (expected: what profile nixos",
        "nixos | files: { /opt/x: { content: a } } | /opt/x (expected: a path below /etc, where",
        "alpine | services: { enable: [a.timer] } | for units: debian-12,",
        "talos | services: { enable: [a] } | a.service (expected: what profile talos",
        "talos | files: { /etc/x: { content: a } } | /etc/x (expected: a path below /var, where",
        "talos | files: { /var/x: { content: a, owner: etcd } } | etcd:etcd (expected: what",
      })
  void whatAProfileCannotDoIsRefusedAndNeverLeftOut(String profile, String keys, String fault) {
    List<String> faults =
        Samples.faults(
            Samples.HEAD
                + Samples.TALOS
                + "nodes:\n  52:54:00:aa:00:01: { role: worker, profile: "
                + profile
                + ", "
                + keys
                + " }\n");
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().startsWith("rack.yaml:7:"), faults::toString);
    assertTrue(faults.getFirst().contains(fault), faults::toString);
  }

  @Test
  void whatComesFromTheRoleIsRefusedAtTheNodeThatCannotHaveIt() {
    assertEquals(
        "rack.yaml:7:3: nodes.52:54:00:aa:00:01.labels: a (expected: what profile esxi-8 can put on"
            + " a system (nothing); for labels: alpine, debian-12, debian-12-cast, debian-13,"
            + " fedora, fedora-coreos, flatcar, nixos, opensuse-leap, opensuse-leap-16, proxmox-ve,"
            + " rhel-9, rhel-10, talos, ubuntu-22-04, ubuntu-24-04)",
        fault(
            """
            roles: { worker: { labels: { a: b } } }
            nodes:
              52:54:00:aa:00:01: { role: worker, profile: esxi-8 }
            """));
  }

  private static final String MESH = "mesh: { planes: { control: 10.80.1.0/24 } }\n";

  @Test
  void aNodeProvesWhatItsPhaseItsRoleAndItselfAskFor() {
    RackFile rack =
        Samples.rack(
            Samples.HEAD
                + MESH
                + """
                roles:
                  worker: { ready: { kubelet: { service: kubelet }, api: { port: 6443 on wg1 } } }
                nodes:
                  52:54:00:aa:00:01: { role: worker, address: 10.77.0.11 }
                  52:54:00:aa:00:02:
                    role: worker
                    address: 10.77.0.12
                    ready: { api: { port: 6444 }, gpu: { command: [/usr/bin/gpu, ok] } }
                """);
    List<Node> nodes = rack.nodes();
    assertEquals(
        "mesh, login, kubelet, api",
        names(rack.checksOf(nodes.getFirst())),
        "with the built-in phase's");
    assertEquals("mesh, login, kubelet, api, gpu", names(rack.checksOf(nodes.getLast())));
    assertEquals("port 6444", rack.checksOf(nodes.getLast()).get(3).what());
    MeshJoin join =
        new MeshJoin(java.net.URI.create("https://10.77.0.1"), "0", "A", "B", "", "", "");
    String lines = Phase.lines(rack.checksOf(nodes.getLast()));
    assertTrue(lines.contains("\ncommand gpu 10 0 "), lines);
    assertTrue(
        join.conf(rack, nodes.getLast()).contains("GATES='" + DeployConf.base64(lines) + "'\n"));
  }

  private static String names(List<NodeCheck> checks) {
    return checks.stream().map(NodeCheck::name).collect(Collectors.joining(", "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "mesh: { planes: { control: 10.80.1.0/24 } } | worker | ready: { mesh: { service: a } }"
            + " | mesh (expected: a name that no check of phase workers has)",
        "site: {} | worker | ready: { a: { service: a } } | a (expected: mesh, with a plane",
        "roles: { db: {} } | db | ready: { a: { service: a } }"
            + " | a (expected: a phase with role db: phases wait for what is ready)",
        "site: {} | worker | ready: { a: { port: 80 on wg1 } } | an interface of the mesh's planes",
      })
  void aCheckThatNobodyCouldHearIsRefused(String rest, String role, String keys, String fault) {
    String faults =
        fault(
            rest
                + "\nnodes:\n  52:54:00:aa:00:02: { role: worker, address: 10.77.0.9 }\n"
                + "  52:54:00:aa:00:01: { role: "
                + role
                + ", address: 10.77.0.8, "
                + keys
                + " }\n");
    assertTrue(faults.startsWith("rack.yaml:8:"), faults);
    assertTrue(faults.contains(fault), faults);
  }

  /** Of each file only what is not in it for a node that asks for nothing. */
  @Test
  void whatEachInstallerIsToldOfItIsAsAgreed() {
    StringBuilder text = new StringBuilder();
    for (String profile : BuiltInProfiles.names()) {
      if (profile.equals("esxi-8")) {
        continue;
      }
      Set<String> usual = new LinkedHashSet<>(lines(profile, ""));
      text.append("== ").append(profile).append('\n');
      lines(profile, ", " + InstallerRacks.asks(profile)).stream()
          .filter(line -> !usual.contains(line))
          .forEach(line -> text.append(line).append('\n'));
    }
    Golden.check("settings.txt", text.toString());
  }

  private static List<String> lines(String profile, String keys) {
    RackFile rack =
        Samples.withNodes("52:54:00:aa:00:01: { role: hub, profile: " + profile + keys + " }\n");
    Node node = rack.nodes().getFirst();
    String script = String.valueOf(HostValues.map(node).get("settingsScript"));
    String program = Escapers.shell(script).replaceFirst("(?s)put_file '.*", "");
    return AnswerFiles.renderAll(rack, node, Samples.run()).stream()
        .map(AnswerFile::text)
        .flatMap(text -> (script.isEmpty() ? text : text.replace(program, "PROGRAM\n")).lines())
        .toList();
  }

  @Test
  void unitsOfEveryTypeAndValuesWithBlanksAreRenderedForInstallersWithAShell() {
    for (String profile :
        List.of("debian-12", "ubuntu-24-04", "rhel-9", "opensuse-leap-16", "proxmox-ve")) {
      RackFile rack =
          Samples.withNodes(
              "52:54:00:aa:00:01: { role: hub, profile: "
                  + profile
                  + ", "
                  + "services: { enable: [haproxy, fstrim.timer], disable: [cups] }, "
                  + "sysctls: { net.ipv4.tcp_rmem: \"4096 87380 6291456\" }, "
                  + "labels: { a: b } }\n");
      assertEquals(List.of(), Rehearsal.faults(rack, _ -> Samples.run(), (_, _) -> {}), profile);
    }
  }
}
