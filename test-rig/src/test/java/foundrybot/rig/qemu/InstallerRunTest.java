// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One whole unattended run of Debian's installer, from powered off to enrolled. Where the reachable
 * archive lacks components of Debian 12's installer, Debian 13's is borrowed and the missing ones
 * are made from ordinary packages; the output names each. Where not even that gives a whole
 * installation the test reports that it was not run, with the list.
 */
@Tag("full")
@ExtendWith(QemuFolders.class)
final class InstallerRunTest {
  private static final Duration TO_DISK = Duration.ofMinutes(75);
  private static final Duration TO_ENROLLED = Duration.ofMinutes(20);

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForInstaller());
  }

  @Test
  void theInstallerInstallsAMachineAndItEnrolls() throws IOException {
    BuiltData.Mirror mirror = completeMirror();
    mirror
        .output()
        .lines()
        .filter(line -> line.startsWith("made up:"))
        .forEach(System.err::println);
    MachineSpec spec = MachineSpec.of("n1", "52:54:00:aa:00:04", Firmware.BIOS_IPXE_ROM);
    try (QemuRack rack =
        Racks.create("installer-run", "debian-12", Optional.of(mirror.data()), spec)) {
      rack.machine("n1").powerOn();
      rack.await("the installer to finish", TO_DISK, () -> rack.hasReached("n1", "installed"));
      rack.await("the machine to enroll", TO_ENROLLED, () -> rack.hasReached("n1", "enrolled"));
      ApplianceProcess.Status status = rack.appliance().status();
      assertEquals(0, status.exitStatus(), () -> status.json().toString());
      assertTrue(status.json().get("complete").asBoolean(), () -> status.json().toString());
    }
  }

  private static BuiltData.Mirror completeMirror() throws IOException {
    BuiltData.Mirror own = BuiltData.mirror("mirror");
    if (own.canInstall()) {
      return own;
    }
    BuiltData.Mirror borrowed;
    try {
      borrowed = BuiltData.mirror("mirror-borrowed", "--borrow-installer");
    } catch (RigException e) {
      throw NotRun.because("a complete run of Debian's installer", String.valueOf(e.getMessage()));
    }
    if (!borrowed.canInstall()) {
      throw NotRun.because("a complete run of Debian's installer", borrowed.output());
    }
    return borrowed;
  }
}
