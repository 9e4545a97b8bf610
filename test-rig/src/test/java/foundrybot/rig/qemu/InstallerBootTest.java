// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Debian's own installer takes the answers that were rendered for its machine. */
@Tag("pending")
@ExtendWith(QemuFolders.class)
final class InstallerBootTest {
  private static final Duration TO_ANSWERS = Duration.ofMinutes(9);

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForInstaller());
  }

  @Test
  void theInstallerAppliesItsPreseedAndReports() {
    MachineSpec spec = MachineSpec.of("n1", "52:54:00:aa:00:03", Firmware.BIOS_IPXE_ROM);
    try (QemuRack rack = Racks.create("installer", "debian-12", Optional.empty(), spec)) {
      rack.machine("n1").powerOn();
      rack.await(
          "the installer's report that it has its answers",
          TO_ANSWERS,
          () ->
              rack.hasReached("n1", "installing")
                  && has(rack.appliance().events("n1"), "report.installer-started"));
      List<String> events = rack.appliance().events("n1");
      assertTrue(has(events, "preseed.cfg"), events::toString);
    }
  }

  private static boolean has(List<String> events, String text) {
    return events.stream().anyMatch(line -> line.contains(text));
  }
}
