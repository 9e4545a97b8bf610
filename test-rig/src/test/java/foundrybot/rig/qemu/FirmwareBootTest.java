// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Real firmware, beside a DHCP server that is not ours, comes to its script and to a kernel. */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class FirmwareBootTest {
  /** About three times what an idle machine of two cores takes. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForInstaller());
  }

  @Test
  void seaBiosWithTheCardsIpxeComesToTheScriptWithoutABootProgram() {
    MachineSpec machine = MachineSpec.of("bios", "52:54:00:aa:00:01", Firmware.BIOS_IPXE_ROM);
    List<String> events = bootToKernel(machine);
    assertTrue(events.stream().noneMatch(line -> line.contains("tftp.")), events::toString);
  }

  @Test
  void ovmfsOwnPxeClientComesToTheScriptByTftpAndIpxe() {
    MachineSpec machine = MachineSpec.of("uefi", "52:54:00:aa:00:02", Firmware.UEFI_PXE);
    List<String> events = bootToKernel(machine);
    assertTrue(
        events.stream()
            .anyMatch(line -> line.contains("tftp.done") && line.contains("snponly.efi")),
        events::toString);
  }

  private static List<String> bootToKernel(MachineSpec spec) {
    String name = spec.name();
    try (QemuRack rack = Racks.create("firmware-" + name, "debian-12", Optional.empty(), spec)) {
      Machine machine = rack.machine(name);
      machine.powerOn();
      rack.await(name + " to fetch its kernel", LIMIT, () -> rack.hasReached(name, "kernel"));
      rack.await(name + "'s kernel to start", LIMIT, () -> machine.serial().kernelStarted());
      List<String> events = rack.appliance().events(name);
      for (String kind : List.of("dhcp.offer", "token.minted", "kernel.requested")) {
        assertTrue(events.stream().anyMatch(line -> line.contains(kind)), kind + ": " + events);
      }
      // The lease is the site's; ours was only the boot part.
      assertTrue(
          rack.siteLog().lines().anyMatch(l -> l.contains("DHCPACK") && l.contains(spec.mac())),
          rack::siteLog);
      // Heard once what was said once: the site's server counts the same.
      assertEquals(
          rack.siteLog()
              .lines()
              .filter(l -> l.contains("DHCPDISCOVER") && l.contains(spec.mac()))
              .count(),
          events.stream().filter(line -> line.contains(" dhcp.discover ")).count(),
          events::toString);
      assertEquals(1, machine.starts() - rack.retried().size());
      return events;
    }
  }
}
