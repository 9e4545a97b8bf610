// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import java.util.Optional;

/**
 * The boot flags, parameter 5 of the system boot options (IPMI 2.0, table 28-14).
 *
 * <pre>
 * first byte   bit 7 valid, bit 6 persistent, bit 5 EFI
 * second byte  bits 5..2 the device: 0 none, 1 PXE, 2 disk, 5 CD, ...
 * third to fifth byte  zero here
 * </pre>
 */
record BootFlags(boolean valid, boolean persistent, boolean efi, int device) {
  static final int PARAMETER = 5;

  private static final int PXE = 1;
  private static final int DISK = 2;
  private static final int CD = 5;

  /** Of Get System Boot Options: version, parameter, then the flags. */
  static BootFlags decode(byte[] data) {
    Octets in = new Octets("boot flags", data);
    in.u16("version and parameter");
    int first = in.u8("first byte");
    int second = in.u8("second byte");
    return new BootFlags(
        (first & 0x80) != 0, (first & 0x40) != 0, (first & 0x20) != 0, second >> 2 & 0x0f);
  }

  /**
   * What a setting is here; HTTP boot has no code. Where the mode is to stay, it is that of the
   * flags now, and EFI where they say nothing, as those that name no device do: without the bit a
   * UEFI machine goes to its legacy mode, also when only the device is taken back.
   */
  static BootFlags of(BootSetting setting, BootFlags now) {
    boolean efi =
        switch (setting.mode()) {
          case UEFI -> true;
          case LEGACY -> false;
          case AS_IS -> now.efi() || now.isNone();
        };
    int device =
        switch (setting.device()) {
          case PXE -> PXE;
          case DISK -> DISK;
          case CD -> CD;
          case USUAL, HTTP -> 0;
        };
    return device == 0
        ? new BootFlags(true, false, efi, 0)
        : new BootFlags(true, setting.lasting() == Lasting.ALWAYS, efi, device);
  }

  /** For Set System Boot Options. */
  byte[] encode() {
    int first = (valid ? 0x80 : 0) | (persistent ? 0x40 : 0) | (efi ? 0x20 : 0);
    return new Octets.Writer().u8(PARAMETER, first, device << 2, 0, 0, 0).done();
  }

  /** The setting they amount to, if they are valid. */
  BootSetting setting() {
    BootDevice what = bootDevice();
    return what == BootDevice.USUAL
        ? BootSetting.NONE
        : new BootSetting(
            what,
            Optional.empty(),
            persistent ? Lasting.ALWAYS : Lasting.ONCE,
            efi ? FirmwareMode.UEFI : FirmwareMode.LEGACY);
  }

  /** Whether they leave the firmware's own order. */
  boolean isNone() {
    return !valid || device == 0;
  }

  private BootDevice bootDevice() {
    return switch (device) {
      case PXE -> BootDevice.PXE;
      // The second one in safe mode, the third one remote.
      case DISK, 3, 11 -> BootDevice.DISK;
      case CD, 8 -> BootDevice.CD;
      default -> BootDevice.USUAL;
    };
  }
}
