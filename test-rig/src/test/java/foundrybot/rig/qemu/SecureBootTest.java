// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * That the matrix's machines with Secure Boot really have it: without their row in the firmware
 * table they are offered the unsigned iPXE, and refuse it.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class SecureBootTest {
  /** About three times what an idle machine of two cores takes. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForMatrix());
  }

  @Test
  void firmwareRefusesAnUnsignedIpxeAndTheMachineNeverComesToItsScript() {
    MachineSpec spec = MachineSpec.of("signed", "52:54:00:aa:00:21", Firmware.SECURE_BOOT_PXE);
    try (QemuRack rack = Racks.create("secure-boot", "debian-12", Optional.empty(), spec)) {
      Machine machine = rack.machine("signed");
      machine.powerOn();
      rack.await(
          "the firmware to refuse the program",
          LIMIT,
          () -> machine.serial().text().contains("Access Denied"));
      List<String> events = rack.appliance().events("signed");
      assertTrue(
          events.stream()
              .anyMatch(line -> line.contains("tftp.done") && line.contains("snponly.efi")),
          events::toString);
      assertFalse(rack.hasReached("signed", "script"), events::toString);
    }
  }
}
