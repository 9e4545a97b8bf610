// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An iPXE as Debian builds it, with nothing of ours in it, on a network whose DHCP names the
 * program to whoever asks, an iPXE included: without the {@code autoexec.ipxe} beside the program
 * it would load itself for ever.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class AutoexecBootTest {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Duration LOOK = Duration.ofSeconds(1);

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForMatrix());
  }

  @ParameterizedTest
  @ValueSource(strings = {"trixie", "sid"})
  void anUnmodifiedIpxeFindsItsScriptBesideItselfByTftpAndByHttp(String suite) throws IOException {
    List<MachineSpec> machines =
        List.of(
            MachineSpec.of("by-tftp", "52:54:00:aa:02:01", Firmware.UEFI_PXE),
            MachineSpec.of("by-http", "52:54:00:aa:02:02", Firmware.UEFI_HTTP));
    try (QemuRack rack =
        Racks.create(
            "autoexec-" + suite,
            Wiring.SITE_NAMES_PROGRAM,
            Optional.of(BuiltData.loaders(suite)),
            Optional.empty(),
            machines.stream().map(spec -> new Racks.Node(spec, "debian-12")).toList())) {
      List<BootRun> runs =
          machines.stream()
              .map(spec -> new BootRun(rack, rack.machine(spec.name()), LIMIT))
              .toList();
      runs.forEach(BootRun::begin);
      for (BootRun run : runs) {
        BootRun.Progress progress = run.look();
        while (progress instanceof BootRun.Progress.Booting) {
          QemuRack.pause(LOOK);
          rack.lookAfter("iPXE of " + suite);
          progress = run.look();
        }
        assertTrue(progress instanceof BootRun.Progress.Arrived, progress::toString);
        noDhcpOfOurs(rack, run.machine().name());
      }
      String log = rack.siteLog();
      assertTrue(log.contains("snponly.efi"), log);
      assertFalse(log.contains(".ipxe"), "the site's DHCP server names a script");
    }
  }

  private static void noDhcpOfOurs(QemuRack rack, String node) {
    List<String> events = rack.appliance().events(node);
    assertEquals(List.of(), events.stream().filter(line -> line.contains("dhcp.")).toList(), node);
  }
}
