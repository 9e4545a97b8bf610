// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RackTpmTest {
  private static final String ONE = "sha256:" + "a1".repeat(32);
  private static final String TWO = "sha256:" + "b2".repeat(32);

  private static String yaml(String mesh, String node) {
    return Samples.HEAD
        + mesh
        + "nodes:\n  52:54:00:aa:00:01: { role: worker, address: 10.77.0.11"
        + node
        + " }\n";
  }

  private static String mesh(String more) {
    return "mesh:\n  planes: { control: { subnet: 10.80.1.0/24, roles: [worker] } }\n" + more;
  }

  private static TpmRule rule(String mesh, String node) {
    RackFile rack = Samples.rack(yaml(mesh, node));
    return rack.tpmOf(rack.nodes().getFirst());
  }

  @Test
  void aNodesOwnWordsGoBeforeThoseForAll() {
    assertEquals(TpmRule.USUAL, rule(mesh(""), ""));
    assertEquals(TpmRule.Use.REQUIRED, rule(mesh("  tpm: required\n"), "").use());
    assertEquals(TpmRule.OFF, rule(mesh("  tpm: required\n"), ", tpm: off"));
    assertEquals(TpmRule.Use.REQUIRED, rule(mesh("  tpm: off\n"), ", tpm: required").use());
    assertEquals(TpmRule.OFF, rule("", ""));
  }

  @Test
  void whoNamesKeysRequiresOneOfThem() {
    String list = "  tpm: { eks: [\"" + ONE + "\", \"" + TWO.replace('b', 'B') + "\"] }\n";
    assertEquals(new TpmRule(TpmRule.Use.REQUIRED, Set.of(ONE, TWO)), rule(mesh(list), ""));
    assertEquals(
        new TpmRule(TpmRule.Use.REQUIRED, Set.of(TWO)),
        rule(mesh(list), ", tpm: { ek: \"" + TWO + "\" }"));
    assertEquals(TpmRule.OFF, rule(mesh(list), ", tpm: off"));
  }

  @Test
  void aNodeThatMustHaveATpmGetsItsToolsAndItsProgramIsTold() {
    RackFile rack = Samples.rack(yaml(mesh("  tpm: required\n"), ""));
    Node node = rack.nodes().getFirst();
    assertTrue(Profiles.packages(rack, node).contains("tpm2-tools"));
    RackFile usual = Samples.rack(yaml(mesh(""), ""));
    assertEquals(
        List.of(),
        Profiles.packages(usual, usual.nodes().getFirst()).stream()
            .filter(name -> name.startsWith("tpm2"))
            .toList());
  }

  private static void assertFault(String expected, String mesh, String node) {
    String report = String.join("\n", Samples.faults(yaml(mesh, node)));
    assertTrue(report.contains(expected), report);
  }

  @Test
  void whatContradictsItselfIsRefused() {
    assertFault("nodes.52:54:00:aa:00:01.tpm", "", ", tpm: required");
    assertFault("use: required beside ek", mesh(""), ", tpm: { use: off, ek: \"" + ONE + "\" }");
    assertFault("mesh.tpm.use", mesh("  tpm: { use: use, eks: [\"" + ONE + "\"] }\n"), "");
    assertFault("64 hex digits", mesh(""), ", tpm: { ek: \"sha256:12\" }");
    assertFault("in no plane", mesh("").replace("[worker]", "[etcd]"), ", tpm: required");
  }
}
