// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.net.URI;
import java.util.Optional;

/**
 * What a machine boots next.
 *
 * @param url what HTTP boot fetches; absent leaves it to DHCP
 */
public record BootSetting(
    BootDevice device, Optional<URI> url, Lasting lasting, FirmwareMode mode) {

  /** How long it holds. */
  public enum Lasting {
    ONCE,
    ALWAYS
  }

  /** Which of its two firmwares a machine uses. */
  public enum FirmwareMode {
    UEFI,
    LEGACY,
    /** As it is, or not said. */
    AS_IS
  }

  /** The firmware's own order. */
  public static final BootSetting NONE =
      new BootSetting(BootDevice.USUAL, Optional.empty(), Lasting.ALWAYS, FirmwareMode.AS_IS);

  /** The next boot only, and the one after it as usual. */
  public static BootSetting once(BootDevice device, FirmwareMode mode) {
    return new BootSetting(device, Optional.empty(), Lasting.ONCE, mode);
  }

  /** For people: {@code PXE once, UEFI}. */
  public String text() {
    if (device == BootDevice.USUAL) {
      return "the firmware's own order";
    }
    return device
        + url.map(u -> " " + u).orElse("")
        + (lasting == Lasting.ONCE ? " once" : " always")
        + (mode == FirmwareMode.AS_IS ? "" : ", " + mode);
  }
}
