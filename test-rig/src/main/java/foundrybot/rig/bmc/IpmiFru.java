// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The inventory of a machine as bytes (Platform Management FRU Information Storage, 7 to 12). */
final class IpmiFru {
  private static final int UNIT = 8;
  private static final int TEXT = 0xc0;
  private static final int END = 0xc1;
  private static final int ENGLISH = 25;
  private static final int RACK_MOUNT = 23;
  private static final int MOST_TEXT = 63;

  private IpmiFru() {}

  static byte[] of(IpmiTraits traits, String serial) {
    byte[] chassis = area(IpmiWire.bytes(RACK_MOUNT), "CH-1", serial);
    byte[] board =
        area(
            IpmiWire.bytes(ENGLISH, 0, 0, 0),
            traits.vendor(),
            traits.model() + " board",
            serial,
            "BO-1",
            "");
    byte[] product =
        area(
            IpmiWire.bytes(ENGLISH), traits.vendor(), traits.model(), "PA-1", "v2", serial, "", "");
    int boardAt = 1 + chassis.length / UNIT;
    int productAt = boardAt + board.length / UNIT;
    byte[] header = IpmiWire.bytes(1, 0, 1, boardAt, productAt, 0, 0, 0);
    header[UNIT - 1] = complement(header);
    return IpmiWire.join(header, chassis, board, product);
  }

  private static byte[] area(byte[] head, String... fields) {
    byte[] area = IpmiWire.join(new byte[2], head);
    for (String field : fields) {
      area = IpmiWire.join(area, text(field));
    }
    int used = area.length + 2;
    byte[] whole = Arrays.copyOf(area, (used + UNIT - 1) / UNIT * UNIT);
    whole[0] = 1;
    whole[1] = (byte) (whole.length / UNIT);
    whole[area.length] = (byte) END;
    whole[whole.length - 1] = complement(whole);
    return whole;
  }

  /** A text of one letter would have the sign of the end before it, so it gets a second one. */
  private static byte[] text(String field) {
    byte[] bytes =
        (field.length() == 1 ? field + " " : field).getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length > MOST_TEXT) {
      throw new IllegalArgumentException(
          "FRU field: " + bytes.length + " bytes (expected: at most " + MOST_TEXT + ")");
    }
    return IpmiWire.join(IpmiWire.bytes(TEXT | bytes.length), bytes);
  }

  private static byte complement(byte[] bytes) {
    int sum = 0;
    for (byte b : bytes) {
      sum += b;
    }
    return (byte) -sum;
  }
}
