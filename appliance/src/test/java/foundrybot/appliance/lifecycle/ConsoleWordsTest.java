// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConsoleWordsTest {
  private static final List<String> CERTAIN =
      List.of(
          "[    1.2] ---[ end Kernel panic - not syncing: VFS: Unable to mount root fs ]---",
          "No bootable device.",
          "BdsDxe: No bootable option or device was found.",
          ">>Start PXE over IPv4.  PXE-E16: No valid offer received.",
          "PXE-E51: No DHCP or proxyDHCP offers were received.",
          "PXE-E53: No boot filename received",
          "PXE-E18: Server response timeout.",
          "PXE-E61: Media test failure, check cable",
          "PXE-E99: Unexpected network error.",
          "Connection timed out (https://ipxe.org/4c0a6092)",
          "grub rescue> ",
          "You are in emergency mode. After logging in, type",
          "(initramfs) ");

  @Test
  void everyRowHasALineThatItKnows() {
    Set<String> meanings = new HashSet<>();
    for (String line : CERTAIN) {
      meanings.add(ConsoleWords.of(line).orElseThrow(() -> new AssertionError(line)));
    }
    assertEquals(
        Set.copyOf(ConsoleWords.TABLE.stream().map(ConsoleWords.Row::meaning).toList()), meanings);
  }

  @Test
  void whatIsNotCertainMeansNothing() {
    for (String line :
        List.of(
            "iPXE 1.21.1 -- Open Source Network Boot Firmware -- https://ipxe.org",
            "Command line: panic=30 console=ttyS0",
            "systemd[1]: Reached target emergency.target",
            "Booting from Hard Disk...",
            "the device is bootable")) {
      assertEquals(Optional.empty(), ConsoleWords.of(line), line);
    }
    assertTrue(ConsoleWords.of("").isEmpty());
  }
}
