// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes of IPMI 2.0, table 28-14: parameter, first byte, device. */
final class BootFlagsTest {
  private static final BootSetting PXE = BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS);

  /** What the BMC shows before, and the first two bytes of the flags that are then set. */
  @ParameterizedTest
  @CsvSource({
    // Nothing is said of a mode: EFI.
    "0105 0000000000, PXE, a004",
    "0105 8000000000, PXE, a004",
    "0105 0004000000, PXE, a004",
    // Somebody has said it.
    "0105 8008000000, PXE, 8004",
    "0105 a008000000, PXE, a004",
    // The device is taken back, and the mode stays.
    "0105 a004000000, USUAL, a000",
    "0105 8004000000, USUAL, 8000",
    "0105 0000000000, USUAL, a000"
  })
  void n83_theModeStaysWhereItIsAsked(String now, BootDevice device, String set) {
    HexFormat hex = HexFormat.of();
    BootFlags flags = BootFlags.decode(hex.parseHex(now.replace(" ", "")));
    BootSetting wanted = device == BootDevice.PXE ? PXE : BootSetting.NONE;
    byte[] bytes = BootFlags.of(wanted, flags).encode();
    assertArrayEquals(hex.parseHex("05" + set + "000000"), bytes, hex.formatHex(bytes));
  }
}
