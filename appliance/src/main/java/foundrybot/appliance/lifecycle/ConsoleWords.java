// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What lines on a machine's serial console mean, where that is certain: the first row that fits.
 * They are evidence beside a diagnosis and decide nothing, as a console shows what ran before, too.
 */
public final class ConsoleWords {
  /** One row. */
  record Row(Pattern words, String meaning) {}

  static final List<Row> TABLE =
      List.of(
          row("Kernel panic - not syncing", "the kernel has stopped itself"),
          row(
              "No boot(able|) (device|disk|medium)\\b|No bootable option or device was found"
                  + "|Boot Device Not Found|Reboot and Select proper Boot device",
              "the firmware found nothing to boot"),
          row("PXE-E(16|51)", "the firmware's PXE heard no offer of an address"),
          row("PXE-E53", "the firmware's PXE was offered an address and no boot program"),
          row("PXE-E(18|32)", "the firmware's PXE got no answer from the boot server"),
          row("PXE-E61", "the firmware's PXE sees no link: look at the cable"),
          row("PXE-E\\d\\d", "a numbered error of the firmware's PXE"),
          row("https?://ipxe\\.org/[0-9a-f]{8}\\b", "iPXE failed; that page says what it means"),
          row("^grub rescue>|^grub>", "GRUB waits at its prompt"),
          row(
              "You are in emergency mode|Entering emergency mode",
              "the system came up into its emergency shell"),
          row("^\\(initramfs\\)", "the initramfs waits at its prompt"));

  private ConsoleWords() {}

  private static Row row(String words, String meaning) {
    return new Row(Pattern.compile(words, Pattern.CASE_INSENSITIVE), meaning);
  }

  /** In a few words; empty for a line that means nothing certain. */
  public static Optional<String> of(String line) {
    return TABLE.stream()
        .filter(row -> row.words().matcher(line).find())
        .findFirst()
        .map(Row::meaning);
  }
}
