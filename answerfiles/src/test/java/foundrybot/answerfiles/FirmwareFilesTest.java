// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FirmwareFilesTest {
  private static List<FirmwareRule> valid(String yaml) {
    return assertInstanceOf(FirmwareReading.Valid.class, FirmwareFiles.read(yaml, "f")).rules();
  }

  private static String fault(String yaml) {
    return assertInstanceOf(FirmwareReading.Invalid.class, FirmwareFiles.read(yaml, "f"))
        .faults()
        .getFirst()
        .toString();
  }

  @Test
  void theBuiltInTableIsSoundAndKnowsTheRaspberryPi() {
    FirmwareRule pi = FirmwareFiles.builtIn().getFirst();
    assertEquals(Optional.of(41), pi.treatAs());
    assertTrue(pi.isAbout(0, "b827eb000001", "PXEClient", Optional.empty()));
    assertFalse(pi.isAbout(11, "b827eb000001", "PXEClient", Optional.empty()));
    assertFalse(pi.isAbout(0, "525400000001", "PXEClient", Optional.empty()));
  }

  @Test
  void aRowIsReadWithAllItSays() {
    FirmwareRule row =
        valid(
                """
                rules:
                  odd-board:
                    architecture: [7, 9]
                    oui: ["00:25:90", AC-1F]
                    vendor-class: "PXEClient:Arch:00007"
                    nodes: [w1]
                    program: ipxe.efi
                    vendor-options: skip-discovery-prompt
                    boot-file-option: true
                    reason: its own driver hangs
                """)
            .getFirst();
    assertEquals("odd-board", row.name());
    assertEquals(Set.of(7, 9), row.architectures());
    assertEquals(List.of("002590", "ac1f"), row.macPrefixes());
    assertEquals(Optional.of("ipxe.efi"), row.program());
    assertEquals(
        Optional.of(FirmwareRule.VendorOptions.SKIP_DISCOVERY_PROMPT), row.vendorOptions());
    assertEquals(Optional.of(true), row.bootFileOption());
    assertEquals(Optional.empty(), row.serverNameOption());
    assertTrue(row.isAbout(7, "ac1f00000001", "PXEClient:Arch:00007:UNDI", Optional.of("w1")));
    assertFalse(row.isAbout(7, "ac1f00000001", "PXEClient:Arch:00007:UNDI", Optional.of("w2")));
    assertFalse(row.isAbout(7, "ac1f00000001", "PXEClient", Optional.of("w1")));
  }

  @Test
  void aFaultSaysWhereAndWhatWasExpected() {
    assertEquals(
        "f:3:14: rules.a.program: ../x (expected: a file name, such as ipxe.efi)",
        fault("rules:\n  a:\n    program: ../x\n"));
    assertTrue(fault("rules:\n  a:\n    architectur: [7]\n").contains("unknown key"));
    assertTrue(fault("rules:\n  a:\n    architecture: [70000]\n").contains("0..65535"));
    assertTrue(fault("nodes: {}\n").contains("unknown key"));
  }

  @Test
  void onlyARowOfTheUsersSaysThatAnIpxeVerifiesWhatItRuns() {
    String yaml = "rules:\n  own: { program: own.efi, verifies-images: %s }\n";
    assertEquals(Optional.of(true), valid(yaml.formatted("true")).getFirst().verifiesImages());
    assertTrue(fault(yaml.formatted("maybe")).contains("rules.own.verifies-images: maybe"));
    for (FirmwareRule row : FirmwareFiles.builtIn()) {
      assertEquals(Optional.empty(), row.verifiesImages(), row.name());
    }
  }

  @Test
  void anEmptyTableIsATable() {
    assertEquals(List.of(), valid("rules: {}\n"));
  }
}
