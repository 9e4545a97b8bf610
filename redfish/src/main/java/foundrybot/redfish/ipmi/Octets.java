// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Fields of a message, read one after the other. Numbers are least significant byte first, as
 * everywhere in IPMI but the RMCP header.
 */
final class Octets {
  private final String message;
  private final byte[] bytes;
  private int at;

  /** The message's name stands in what is said about a field that is not there. */
  Octets(String message, byte[] bytes) {
    this.message = message;
    this.bytes = bytes;
  }

  int u8(String field) {
    need(field, 1);
    return bytes[at++] & 0xff;
  }

  int u16(String field) {
    return u8(field) | u8(field) << 8;
  }

  int u24(String field) {
    return u16(field) | u8(field) << 16;
  }

  int u32(String field) {
    return u16(field) | u16(field) << 16;
  }

  byte[] take(String field, int length) {
    need(field, length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  byte[] rest() {
    return take("rest", left());
  }

  int left() {
    return bytes.length - at;
  }

  private void need(String field, int length) {
    if (left() < length) {
      throw new Malformed(
          message
              + ": "
              + bytes.length
              + " bytes (expected: "
              + (at + length)
              + " for "
              + field
              + ")");
    }
  }

  /** Two's complement of the sum, so that the sum with it is zero (IPMI 2.0, 13.8). */
  static byte checksum(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += bytes[i];
    }
    return (byte) -sum;
  }

  /** A message that is written field by field. */
  static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);

    Writer u8(int... values) {
      for (int value : values) {
        out.write(value);
      }
      return this;
    }

    Writer u16(int value) {
      return u8(value, value >> 8);
    }

    Writer u32(int value) {
      return u16(value).u16(value >> 16);
    }

    Writer bytes(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    byte[] done() {
      return out.toByteArray();
    }
  }
}
