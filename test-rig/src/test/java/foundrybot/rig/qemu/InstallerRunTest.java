// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.BuildException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
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
 *
 * <p>System properties ask for another release, firmware, layout or network; docs/answer-files.md
 * says how.
 */
@Tag("full")
@ExtendWith(QemuFolders.class)
final class InstallerRunTest {
  private static final Duration TO_DISK = Duration.ofMinutes(75);
  private static final Duration TO_ENROLLED = Duration.ofMinutes(20);
  private static final int DISKS = 3;

  private static final String RELEASE = System.getProperty("foundrybot.rig.release", "12");
  private static final Firmware FIRMWARE =
      Firmware.valueOf(System.getProperty("foundrybot.rig.firmware", "BIOS_IPXE_ROM"));

  /** More of the node's keys in the rack file. */
  private static final String KEYS = System.getProperty("foundrybot.rig.node", "disk: auto");

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
    MachineSpec spec = MachineSpec.of("n1", "52:54:00:aa:00:04", FIRMWARE).withDisks(DISKS);
    Racks.Node node = new Racks.Node(spec, "debian-" + RELEASE, ", " + KEYS);
    try (QemuRack rack =
        Racks.create(
            "installer-run",
            Wiring.PROXY_BESIDE_DNSMASQ,
            Optional.of(mirror.data()),
            Optional.empty(),
            List.of(node))) {
      if (KEYS.contains("encrypted")) {
        rack.machine("n1").newTpm();
      }
      rack.machine("n1").powerOn();
      rack.await("the installer to finish", TO_DISK, () -> rack.hasReached("n1", "installed"));
      rack.await("the machine to enroll", TO_ENROLLED, () -> rack.hasReached("n1", "enrolled"));
      ApplianceProcess.Status status = rack.appliance().status();
      assertEquals(0, status.exitStatus(), () -> status.json().toString());
      assertTrue(status.json().get("complete").asBoolean(), () -> status.json().toString());
    }
  }

  private static BuiltData.Mirror completeMirror() throws IOException {
    boolean isBookworm = RELEASE.equals("12");
    if (isBookworm) {
      BuiltData.Mirror own = BuiltData.mirror("mirror");
      if (own.canInstall()) {
        return own;
      }
    }
    BuiltData.Mirror mended;
    try {
      mended =
          isBookworm
              ? BuiltData.mirror("mirror-borrowed", "--borrow-installer")
              : BuiltData.mirrorOfTrixie();
    } catch (RigException | BuildException e) {
      throw NotRun.because("a complete run of Debian's installer", String.valueOf(e.getMessage()));
    }
    if (!mended.canInstall()) {
      throw NotRun.because("a complete run of Debian's installer", mended.output());
    }
    return mended;
  }
}
