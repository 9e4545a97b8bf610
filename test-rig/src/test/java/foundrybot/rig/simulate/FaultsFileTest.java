// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.RackFile;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FaultsFileTest {
  private static final String WHOLE =
      """
      faults:
        - { fault: no-link, share: 10% }
        - { fault: no-disk, nodes: [n1, n2], from: 5m }
      network: { loss: 2%, twice: 1.5%, late: 20ms, broken-connections: 0.5% }
      appliance: { killed-at: [9m, 3m], down: 20s, disk-full: { from: 5m, for: 3m } }
      limit: 2h
      """;

  @Test
  void aWholeFileIsRead() {
    FaultsFile file = FaultsFile.read(WHOLE, "f");
    assertEquals(
        List.of(
            new FaultsFile.Entry(Fault.NO_LINK, 0.1, List.of(), Duration.ZERO),
            new FaultsFile.Entry(Fault.NO_DISK, 0, List.of("n1", "n2"), Duration.ofMinutes(5))),
        file.faults());
    assertEquals(new Weather(0.02, 0.015, Duration.ofMillis(20), 0.005), file.weather());
    assertEquals(List.of(Duration.ofMinutes(3), Duration.ofMinutes(9)), file.crashes());
    assertEquals(Duration.ofSeconds(20), file.down());
    assertEquals(new FullDisk(Duration.ofMinutes(5), Duration.ofMinutes(3)), file.full());
    assertEquals(Duration.ofHours(2), file.limit());
  }

  @Test
  void anEmptyFileIsACalmDay() {
    assertEquals(FaultsFile.NONE, FaultsFile.read("{}", "f"));
  }

  @Test
  void allMistakesAreNamedAtOnce() {
    FaultsFile.Wrong wrong =
        assertThrows(
            FaultsFile.Wrong.class,
            () ->
                FaultsFile.read(
                    """
                    faults:
                      - { fault: no-lnk, share: 10% }
                      - { fault: no-link, share: 110% }
                      - { fault: no-link }
                    network: { lost: 2% }
                    appliance: { disk-full: { from: 5s } }
                    limit: soon
                    """,
                    "f.yaml"));
    List<String> lines = String.valueOf(wrong.getMessage()).lines().toList();
    assertEquals(7, lines.size(), () -> String.join("\n", lines));
    assertTrue(lines.getFirst().startsWith("f.yaml: faults[0].fault: no-lnk (expected: one of"));
  }

  @Test
  void whatIsNoYamlIsSaidInOneLine() {
    FaultsFile.Wrong wrong =
        assertThrows(FaultsFile.Wrong.class, () -> FaultsFile.read("faults: [", "f.yaml"));
    assertTrue(String.valueOf(wrong.getMessage()).startsWith("f.yaml: not YAML"));
  }

  @Test
  void sharesAreDrawnFromTheSeedAndNamesAreKept() {
    RackFile rack = GeneratedRack.of(50);
    FaultsFile file = FaultsFile.read(WHOLE, "f");
    Map<Mac, Ailment> drawn = file.drawn(rack, 3);
    assertEquals(drawn, file.drawn(rack, 3));
    assertEquals(7, drawn.size());
    assertEquals(
        new Ailment(Fault.NO_DISK, Duration.ofMinutes(5)),
        drawn.get(rack.node("n1").orElseThrow().mac()));
  }

  @Test
  void aNodeThatIsNotInTheRackIsNamed() {
    FaultsFile file = FaultsFile.read("faults: [{ fault: no-link, nodes: [x9] }]", "f");
    FaultsFile.Wrong wrong =
        assertThrows(FaultsFile.Wrong.class, () -> file.drawn(GeneratedRack.of(3), 1));
    assertEquals("no-link: nodes: x9 (expected: a node of the rack file)", wrong.getMessage());
  }
}
