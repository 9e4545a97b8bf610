// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Debian's own installer takes the answers that were rendered for its machine, verifies the
 * appliance's mirror by the key that it was given, and fetches its first component from there.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class InstallerBootTest {
  /** Three times what one machine takes on two idle cores. */
  private static final Duration TO_ANSWERS = Duration.ofMinutes(7);

  private static final Duration TO_COMPONENT = Duration.ofMinutes(5);

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForInstaller());
  }

  @Test
  void theInstallerAppliesItsPreseedAndFetchesAComponent() throws IOException {
    BuiltData.Mirror mirror = BuiltData.mirror("mirror");
    MachineSpec spec = MachineSpec.of("n1", "52:54:00:aa:00:03", Firmware.BIOS_IPXE_ROM);
    try (QemuRack rack = Racks.create("installer", "debian-12", Optional.of(mirror.data()), spec)) {
      rack.machine("n1").powerOn();
      rack.await(
          "the installer's report that it has its answers",
          TO_ANSWERS,
          () -> rack.hasReached("n1", "installing") && has(rack, "report.installer-started"));
      rack.await(
          "the installer to fetch a component from the appliance's mirror",
          TO_COMPONENT,
          () -> has(rack, "GET mirror .*\\.udeb 200"));
      assertTrue(has(rack, "answer.served +preseed.cfg"));
      assertTrue(has(rack, "GET mirror (In)?Release 200"));
    }
  }

  private static boolean has(QemuRack rack, String pattern) {
    List<String> events = rack.appliance().events("n1");
    return events.stream().anyMatch(line -> line.matches(".*" + pattern + ".*"));
  }
}
