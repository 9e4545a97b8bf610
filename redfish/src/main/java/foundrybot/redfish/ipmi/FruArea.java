// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An inventory area: what a machine, its board or its chassis is called (Platform Management FRU
 * Information Storage Definition 1.3).
 *
 * <pre>
 * header   01 INTERNAL CHASSIS BOARD PRODUCT MULTIRECORD 00 CHECKSUM   offsets, times eight; 0: none
 * chassis  01 LENGTH TYPE             part, serial, ...
 * board    01 LENGTH LANGUAGE DATE(3) maker, name, serial, part, file, ...
 * product  01 LENGTH LANGUAGE         maker, name, part, version, serial, asset tag, file, ...
 * field    one byte TYPE|LENGTH and that many bytes; c1 ends the area
 * TYPE     bits 7..6: binary, BCD plus, 6-bit ASCII, text (ISO 8859-1, or UTF-16 where LANGUAGE says)
 * </pre>
 *
 * Checksums are not looked at: areas with wrong ones are common, and what stands in them is right.
 */
record FruArea(List<String> fields) {
  static final int HEADER_BYTES = 8;

  /** Offsets fit a byte and count eights, so more is never needed for these areas. */
  static final int MAX_BYTES = 4096;

  private static final int END = 0xc1;
  private static final int MAX_FIELDS = 64;
  private static final String BCD_PLUS = "0123456789 -.???";

  FruArea {
    fields = List.copyOf(fields);
  }

  /** Which area. */
  enum Kind {
    CHASSIS(2, 3),
    BOARD(3, 6),
    PRODUCT(4, 3);

    private final int inHeader;
    private final int fieldsAt;

    Kind(int inHeader, int fieldsAt) {
      this.inHeader = inHeader;
      this.fieldsAt = fieldsAt;
    }

    /** Where the area begins, of the common header; 0: there is none. */
    int offset(byte[] header) {
      return header.length < HEADER_BYTES ? 0 : (header[inHeader] & 0xff) * 8;
    }
  }

  /** The length of an area, of its first two bytes. */
  static int length(byte[] begin) {
    return begin.length < 2 ? 0 : (begin[1] & 0xff) * 8;
  }

  /** Reads an area as far as it goes; what is cut off is left out. */
  static FruArea decode(byte[] area, Kind kind) {
    Octets in = new Octets("FRU area", area);
    in.u16("version and length");
    boolean wide = kind != Kind.CHASSIS && in.left() > 0 && isWide(area[2]);
    in.take("head", kind.fieldsAt - 2);
    List<String> fields = new ArrayList<>();
    while (in.left() > 0 && fields.size() < MAX_FIELDS) {
      int head = in.u8("field");
      int length = head & 0x3f;
      if (head == END || in.left() < length) {
        break;
      }
      fields.add(text(head >> 6, in.take("field", length), wide));
    }
    return new FruArea(fields);
  }

  /** English, and no language at all, have one byte for a character. */
  private static boolean isWide(byte language) {
    return language != 0 && language != 25;
  }

  private static String text(int type, byte[] bytes, boolean wide) {
    String text =
        switch (type) {
          case 0 -> java.util.HexFormat.of().formatHex(bytes);
          case 1 -> bcd(bytes);
          case 2 -> sixBits(bytes);
          default ->
              new String(bytes, wide ? StandardCharsets.UTF_16LE : StandardCharsets.ISO_8859_1);
        };
    return text.replaceAll("[\\p{Cntrl}\\p{Cs}\\p{Co}\\p{Cn}]", "").strip();
  }

  private static String bcd(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte pair : bytes) {
      text.append(BCD_PLUS.charAt(pair >> 4 & 0x0f)).append(BCD_PLUS.charAt(pair & 0x0f));
    }
    return text.toString();
  }

  /** Four characters in three bytes, least significant bits first, from the blank on. */
  private static String sixBits(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit + 6 <= bytes.length * 8; bit += 6) {
      int low = bytes[bit / 8] & 0xff;
      int high = bit / 8 + 1 < bytes.length ? bytes[bit / 8 + 1] & 0xff : 0;
      text.append((char) (' ' + ((low | high << 8) >> bit % 8 & 0x3f)));
    }
    return text.toString();
  }

  /** The field with this number, empty if there is none. */
  String field(int number) {
    return number < fields.size() ? fields.get(number) : "";
  }
}
