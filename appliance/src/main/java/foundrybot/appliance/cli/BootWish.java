// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** What an operator wants a machine to boot, as it is written on the command line. */
final class BootWish {
  private static final int MOST = 300;

  private BootWish() {}

  /**
   * Reads {@code pxe}, {@code disk}, {@code cd}, {@code http}, or what HTTP boot is to fetch.
   *
   * @throws UserException for anything else
   */
  static BootSetting read(String text, boolean always) {
    Lasting lasting = always ? Lasting.ALWAYS : Lasting.ONCE;
    return switch (text) {
      case "pxe" -> new BootSetting(BootDevice.PXE, Optional.empty(), lasting, FirmwareMode.AS_IS);
      case "disk" ->
          new BootSetting(BootDevice.DISK, Optional.empty(), lasting, FirmwareMode.AS_IS);
      case "cd" -> new BootSetting(BootDevice.CD, Optional.empty(), lasting, FirmwareMode.AS_IS);
      case "http" -> new BootSetting(BootDevice.HTTP, Optional.empty(), lasting, FirmwareMode.UEFI);
      default ->
          new BootSetting(BootDevice.HTTP, Optional.of(url(text)), lasting, FirmwareMode.UEFI);
    };
  }

  /** The same by the firmware of the rack file, unless it is of UEFI anyway. */
  static BootSetting with(BootSetting setting, FirmwareMode mode) {
    return setting.mode() == FirmwareMode.UEFI
        ? setting
        : new BootSetting(setting.device(), setting.url(), setting.lasting(), mode);
  }

  private static URI url(String text) {
    try {
      URI url = new URI(text);
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (web && url.getHost() != null && url.getRawUserInfo() == null && text.length() <= MOST) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below, without what may be a password in it.
    }
    throw new UserException(
        Main.USAGE,
        "--boot: "
            + (text.contains("@") ? "(not shown)" : text)
            + " (expected: pxe, disk, cd, http, or an http or https URL without user); see"
            + " 'bootserver power --help'");
  }
}
