// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RackPlacesTest {
  private static List<String> faults(String... racks) {
    StringBuilder nodes = new StringBuilder(Samples.HEAD + "nodes:\n");
    for (int i = 0; i < racks.length; i++) {
      nodes.append("  52:54:00:aa:00:0%d: { role: worker, rack: %s }%n".formatted(i, racks[i]));
    }
    return Samples.faults(nodes.toString());
  }

  @Test
  void aNodeMaySayWhereItIsMounted() {
    RackFile rack =
        Samples.withNodes(
            """
            52:54:00:aa:00:01: { role: worker, rack: { name: r1, unit: 12 } }
            52:54:00:aa:00:02: worker
            """);
    assertEquals(Optional.of(new RackPlace("r1", 12)), rack.nodes().getFirst().place());
    assertEquals(Optional.empty(), rack.nodes().getLast().place());
    Node other = rack.nodes().getFirst().with(rack.nodes().getLast().profile());
    assertEquals(Optional.of(new RackPlace("r1", 12)), other.place());
  }

  @Test
  void twoNodesDoNotTakeOneUnit() {
    List<String> faults = faults("{ name: r1, unit: 3 }", "{ name: r1, unit: 3 }");
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains("rack.unit: r1 unit 3"), faults::toString);
    assertTrue(faults.getFirst().contains("that of nodes.52:54:00:aa:00:00"), faults::toString);
    assertEquals(List.of(), faults("{ name: r1, unit: 3 }", "{ name: r2, unit: 3 }"));
  }

  @Test
  void aPlaceHasBothAndAUnitThatThereIs() {
    for (String rack :
        List.of(
            "{ name: r1 }",
            "{ unit: 1 }",
            "r1",
            "{ name: r1, unit: 0 }",
            "{ name: r1, unit: x }",
            "{ name: R 1, unit: 1 }",
            "{ name: r1, unit: 101 }")) {
      assertEquals(1, faults(rack).size(), rack);
    }
  }
}
