// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RackPhasesTest {
  private static final String NODES =
      """
      mesh: { planes: { control: { subnet: 10.80.1.0/24, roles: [etcd, worker] } } }
      nodes:
        52:54:00:aa:00:01: { role: etcd, address: 10.77.0.11 }
        52:54:00:aa:00:02: { role: etcd, address: 10.77.0.12 }
        52:54:00:aa:00:03: { role: etcd, address: 10.77.0.13 }
        52:54:00:aa:00:04: { role: monitor, address: 10.77.0.14 }
      """;

  private static String yaml(String phases) {
    return Samples.HEAD + "phases:\n" + phases.indent(2) + NODES;
  }

  private static String etcd(String more) {
    return yaml("etcd: { roles: [etcd]" + more + " }");
  }

  @Test
  void withoutAnyTheBuiltInOnesHoldAndEachBuiltInRoleIsInOneOfThem() {
    RackFile rack = Samples.rack(Samples.HEAD + NODES);
    assertEquals(
        List.of("network", "load-balancers", "etcd", "control-plane", "workers", "monitoring"),
        rack.phases().stream().map(Phase::name).toList());
    assertEquals(
        Role.builtIn().keySet().stream().sorted().toList(),
        rack.phases().stream().flatMap(phase -> phase.roles().stream()).sorted().toList());
    assertEquals("etcd", rack.phaseOf(rack.nodes().getFirst()).orElseThrow().name());
  }

  @Test
  void aRoleFromAnotherComesInItsBuiltInPhaseButNotInThoseOfTheFile() {
    String roles = "roles: { gpu: { from: worker }, monitor: { from: etcd } }\n";
    RackFile rack = Samples.rack(Samples.HEAD + roles + NODES);
    assertEquals(
        List.of("worker", "storage", "gpu"),
        rack.phases().stream()
            .filter(phase -> phase.name().equals("workers"))
            .flatMap(phase -> phase.roles().stream())
            .toList());
    assertEquals(
        List.of("etcd"),
        rack.phases().stream()
            .filter(phase -> phase.name().equals("etcd"))
            .flatMap(phase -> phase.roles().stream())
            .toList(),
        "a built-in role has its place by itself");
    RackFile own =
        Samples.rack(yaml("workers: { roles: [worker] }").replace("phases:", roles + "phases:"));
    assertEquals(List.of("worker"), own.phases().getFirst().roles());
  }

  private static String builtInChecks(String mesh, String nodes) {
    RackFile rack = Samples.rack(Samples.HEAD + mesh + "nodes:\n" + nodes.indent(2));
    return rack.phases().stream()
        .flatMap(phase -> phase.checks().stream().map(check -> phase.name() + " " + check.what()))
        .collect(Collectors.joining(", "));
  }

  @Test
  void ofTheBuiltInOnesEachThatIsInTheMeshProvesThatItReachesSomebody() {
    String two =
        """
        52:54:00:aa:00:01: { role: etcd, address: 10.77.0.11 }
        52:54:00:aa:00:04: { role: monitor, address: 10.77.0.14 }
        """;
    String one = two.lines().findFirst().orElseThrow() + "\n";
    String all = "mesh: { planes: { data: 10.80.2.0/24, control: 10.80.1.0/24 } }\n";
    assertEquals(
        "etcd handshake on wg1, etcd port 22 on wg1, monitoring handshake on wg1, monitoring port"
            + " 22 on wg1",
        builtInChecks(all, two));
    assertEquals("", builtInChecks("", two));
    assertEquals("etcd port 22 on wg1", builtInChecks(all, one), "nobody to shake hands with");
    String apart =
        "mesh: { planes: { bootstrap: 10.80.0.0/24,"
            + " control: { subnet: 10.80.1.0/24, roles: [monitor] } } }\n";
    assertEquals(
        "etcd handshake on wg0, etcd port 22 on wg0, monitoring handshake on wg0, monitoring port"
            + " 22 on wg1",
        builtInChecks(apart, two));
    RackFile rack = Samples.rack(Samples.HEAD + NODES);
    assertEquals(
        List.of("etcd"),
        rack.phases().stream().filter(it -> !it.checks().isEmpty()).map(Phase::name).toList());
    assertTrue(rack.phases().stream().allMatch(Phase::builtIn));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "debian-12 | load-balancer | handshake on wg1, port 22 on wg1, service haproxy.service",
        "ubuntu-24-04 | load-balancer | handshake on wg1, port 22 on wg1, service haproxy.service",
        "debian-12 | hub | handshake on wg1, port 22 on wg1",
        "rhel-9 | load-balancer | handshake on wg1, port 22 on wg1",
        "flatcar | load-balancer | handshake on wg1",
      })
  void ofTheBuiltInOnesOnlyWhatRoleAndSystemBringIsAsked(
      String profile, String role, String checks) {
    String two =
        """
        52:54:00:aa:00:01: { role: %s, profile: %s, address: 10.77.0.11 }
        52:54:00:aa:00:02: { role: %s, profile: %s, address: 10.77.0.12 }
        """
            .formatted(role, profile, role, profile);
    String mesh = "mesh: { planes: { control: 10.80.1.0/24 } }\n";
    String phase = role.equals("hub") ? "network " : "load-balancers ";
    assertEquals(checks, builtInChecks(mesh, two).replace(phase, ""));
  }

  @Test
  void aServiceIsAskedOfNobodyWhenOneOfThePhaseHasItNot() {
    String mesh = "mesh: { planes: { control: 10.80.1.0/24 } }\n";
    String mixed =
        """
        52:54:00:aa:00:01: { role: load-balancer, address: 10.77.0.11 }
        52:54:00:aa:00:02: { role: load-balancer, profile: rhel-9, address: 10.77.0.12 }
        """;
    assertFalse(builtInChecks(mesh, mixed).contains("haproxy"));
    String own = "roles: { load-balancer: { packages: [nginx] } }\n";
    String one = "52:54:00:aa:00:01: { role: load-balancer, address: 10.77.0.11 }\n";
    assertTrue(builtInChecks(mesh, one).contains("haproxy"));
    assertFalse(builtInChecks(mesh + own, one).contains("haproxy"));
  }

  @Test
  void thoseOfTheFileHoldInItsOrderAndAlone() {
    RackFile rack =
        Samples.rack(
            yaml(
                """
                watching: { roles: [monitor] }
                etcd:
                  roles: [etcd]
                  need: 2 of 3
                  deadline: 90s
                  checks:
                    unit: { service: etcd.service }
                    client: { port: 2379 on wg1, timeout: 5 }
                    local: { port: 2381 }
                    peers: { handshake: wg1, timeout: 20 }
                    health: { command: [/usr/bin/etcdctl, endpoint, "it's $(a) `b`"], expect: 3 }
                """));
    assertEquals(List.of("watching", "etcd"), rack.phases().stream().map(Phase::name).toList());
    Phase etcd = rack.phases().getLast();
    assertEquals(2, etcd.need().of(3));
    assertEquals(Duration.ofSeconds(90), etcd.deadline());
    Duration usual = Duration.ofSeconds(10);
    assertEquals(
        List.of(
            new NodeCheck.Service("unit", "etcd.service", usual),
            new NodeCheck.Port("client", 2379, Optional.of("wg1"), Duration.ofSeconds(5)),
            new NodeCheck.Port("local", 2381, Optional.empty(), usual),
            new NodeCheck.Handshake("peers", "wg1", Duration.ofSeconds(20)),
            new NodeCheck.Command(
                "health", List.of("/usr/bin/etcdctl", "endpoint", "it's $(a) `b`"), usual, 3)),
        etcd.checks());
    assertEquals("port 2379 on wg1", etcd.checks().get(1).what());
  }

  @Test
  void whatANodeIsToldHasNoCharacterThatMeansAnythingToAShell() {
    Phase phase =
        Samples.rack(etcd(", checks: { hi: { command: [/bin/echo, \"'; $(reboot)\"] } }"))
            .phases()
            .getFirst();
    assertEquals("command hi 10 0 L2Jpbi9lY2hv JzsgJChyZWJvb3Qp\n", Phase.lines(phase.checks()));
  }

  @Test
  void aNodeHasTheChecksOfItsPhaseInTheFileThatItTrusts() {
    RackFile rack = Samples.rack(etcd(", checks: { api: { port: 2379 on wg1 } }"));
    MeshJoin join = new MeshJoin(URI.create("https://10.77.0.1"), "0", "s", "c", "", "", "");
    String lines =
        Base64.getEncoder().encodeToString("port api 10 0 MjM3OQ== d2cx\n".getBytes(US_ASCII));
    String conf = join.conf(rack, rack.nodes().getFirst());
    assertTrue(conf.endsWith("\nGATES='" + lines + "'\n"), conf);
    assertFalse(join.conf(rack, rack.nodes().getLast()).contains("GATES"));
  }

  @ParameterizedTest
  @CsvSource({"all,1,1", "all,3,3", "majority,1,1", "majority,4,3", "majority,5,3", "2,5,2"})
  void aNeedIsANumberOfTheNodesThatThereAre(String need, int nodes, int expected) {
    assertEquals(expected, PhaseNeed.parse(need).of(nodes));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ", need: most | phases.etcd.need: most (expected: all, majority, a number such as 2,",
        ", need: 4 | phases.etcd.need: 4 (expected: at most 3 of 3,",
        ", need: 3 of 5 | phases.etcd.need: 3 of 5 (expected: at most 3 of 3,",
        ", deadline: 30 | phases.etcd.deadline: 30 (expected: a time of 1m to 24h,",
        ", deadline: 25h | phases.etcd.deadline: 25h (expected: a time of 1m to 24h,",
        ", gate: x | phases.etcd.gate: unknown key (expected: one of roles, need, deadline,",
        ", checks: { a: { timeout: 5 } } | phases.etcd.checks.a: missing (expected: one of"
            + " service, port, handshake, command)",
        ", checks: { a: { service: x, port: 1 } } | phases.etcd.checks.a: service and port"
            + " (expected: one of",
        ", checks: { a: { service: --help } } | --help (expected: the name of a service,",
        ", checks: { a: { port: 65536 } } | 65536 (expected: a TCP port (1..65535)",
        ", checks: { a: { port: 22 on wg2 } } | 22 on wg2 (expected: an interface of the mesh's",
        ", checks: { a: { handshake: wg2 } } | wg2 (expected: an interface of the mesh's planes",
        ", checks: { a: { handshake: eth0 } } | eth0 (expected: wg0, wg1, wg2 or wg3)",
        ", checks: { a: { port: 22, expect: 1 } } | phases.etcd.checks.a.expect: 1 (expected: only"
            + " beside command)",
        ", checks: { a: { command: [etcdctl] } } | etcdctl (expected: the absolute path of a",
        ", checks: { a: { command: [/a], timeout: 61 } } | 61 (expected: 1..60)",
        ", checks: { a: { command: [\"/a\", \"\\n\"] } } | (expected: no line break"
      })
  void aPhaseThatCannotBeIsNamedWithItsPlace(String more, String fault) {
    List<String> faults = Samples.faults(etcd(more));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains(fault), faults::toString);
    assertTrue(faults.getFirst().startsWith("rack.yaml:6:"), faults::toString);
  }

  @Test
  void aRoleIsKnownAndInOnePhaseOnly() {
    List<String> faults = Samples.faults(yaml("a: { roles: [etcd] }\nb: { roles: [etcd, workr] }"));
    assertEquals(2, faults.size(), faults::toString);
    assertTrue(
        faults.get(0).startsWith("rack.yaml:7:16: phases.b.roles: etcd (expected: a role once; it"),
        faults.get(0));
    assertTrue(faults.get(1).contains("workr (expected: one of "), faults.get(1));
  }

  @Test
  void whoIsInNoMeshCannotReport() {
    List<String> faults =
        Samples.faults(yaml("watching: { roles: [monitor], checks: { a: { port: 9090 } } }"));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(
        faults
            .getFirst()
            .contains(
                "phases.watching.checks: monitor-1 is in no plane of the mesh (expected: mesh,"),
        faults.getFirst());
  }

  @Test
  void checksThatNoAnswerFileHoldsAreRefused() {
    String word = "x".repeat(500);
    String words = (", " + word).repeat(15);
    List<String> faults =
        Samples.faults(etcd(", checks: { a: { command: [/bin/true" + words + "] } }"));
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains("characters (expected: at most 8192"), faults::toString);
  }
}
