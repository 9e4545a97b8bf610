// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Outcome.Done;
import java.util.ArrayList;
import java.util.List;

/**
 * The system boot options (IPMI 2.0, 28.12 to 28.14). Flags that do not stick as they were set are
 * common, so only another device is an error; lost bits are warnings.
 */
final class BootOptions {
  private static final int CLEARING = 3;
  private static final int ACKNOWLEDGE = 4;

  private final Link link;

  BootOptions(Link link) {
    this.link = link;
  }

  BootFlags read() {
    return BootFlags.decode(link.need(Command.GET_SYSTEM_BOOT_OPTIONS, BootFlags.PARAMETER, 0, 0));
  }

  /**
   * Sets the flags and reads them back.
   *
   * @param keep first tells the BMC not to clear them at a power-on, at a reset, or when no Chassis
   *     Control comes within 60 s; the firmware clears those for once when it has used them
   */
  Done<BootSetting> set(BootSetting wanted, boolean keep) {
    BootFlags flags = BootFlags.of(wanted, wanted.mode() == FirmwareMode.AS_IS ? read() : NONE);
    if (keep) {
      // Optional in the specification: any answer will do.
      link.call(Command.SET_SYSTEM_BOOT_OPTIONS, CLEARING, 0x1f);
    }
    link.call(Command.SET_SYSTEM_BOOT_OPTIONS, ACKNOWLEDGE, 0x01, 0x01);
    link.need(Command.SET_SYSTEM_BOOT_OPTIONS, unsigned(flags.encode()));
    BootFlags back = read();
    boolean same = flags.isNone() ? back.isNone() : back.device() == flags.device();
    if (!same) {
      throw link.failed(
          Kind.NO_EFFECT,
          Command.SET_SYSTEM_BOOT_OPTIONS,
          String.format(
              "done, but the boot device is %d and not %d", back.device(), flags.device()),
          "try again; else set it in the firmware's own menu");
    }
    BootSetting setting =
        flags.isNone()
            ? BootSetting.NONE
            : new BootFlags(true, back.persistent(), back.efi(), back.device()).setting();
    return new Done<>(setting, link.bmc() + ": boots " + setting.text(), lost(flags, back));
  }

  private static final BootFlags NONE = new BootFlags(false, false, false, 0);

  private static int[] unsigned(byte[] bytes) {
    int[] values = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    return values;
  }

  private static List<String> lost(BootFlags set, BootFlags back) {
    List<String> warnings = new ArrayList<>();
    if (set.isNone()) {
      return warnings;
    }
    if (!back.valid()) {
      warnings.add("boot flags: the BMC does not show them as valid; watch whether they are used");
    }
    if (back.persistent() != set.persistent()) {
      warnings.add(
          "boot flags: set for "
              + (set.persistent() ? "always" : "once")
              + ", read back for "
              + (back.persistent() ? "always" : "once"));
    }
    if (back.efi() != set.efi()) {
      warnings.add(
          "boot flags: set for "
              + (set.efi() ? "UEFI" : "legacy BIOS")
              + ", read back for "
              + (back.efi() ? "UEFI" : "legacy BIOS"));
    }
    return warnings;
  }
}
