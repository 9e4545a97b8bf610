// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes that never change: an option's value, a hardware address. */
public final class Octets {
  public static final Octets EMPTY = new Octets(new byte[0]);

  private final byte[] bytes;

  private Octets(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies {@code bytes}. */
  public static Octets of(byte... bytes) {
    return bytes.length == 0 ? EMPTY : new Octets(bytes.clone());
  }

  /** Copies what a buffer has to read; its reader index is left alone. */
  static Octets of(ByteBuf buffer) {
    return new Octets(ByteBufUtil.getBytes(buffer));
  }

  /** One byte per character; characters above 255 are not allowed. */
  public static Octets text(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xff) {
        throw new IllegalArgumentException("text: " + text + " (expected: ISO 8859-1)");
      }
    }
    return new Octets(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Four bytes, most significant first. */
  public static Octets ofU32(long value) {
    return new Octets(
        new byte[] {
          (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        });
  }

  public int length() {
    return bytes.length;
  }

  /** The byte at {@code index}, 0..255. */
  public int at(int index) {
    return bytes[index] & 0xff;
  }

  /** The 16-bit number at {@code index}, most significant byte first. */
  public int u16(int index) {
    return at(index) << 8 | at(index + 1);
  }

  /** The 32-bit number at {@code index}, most significant byte first. */
  public long u32(int index) {
    return (long) u16(index) << 16 | u16(index + 2);
  }

  public Octets slice(int from, int to) {
    return from == to ? EMPTY : new Octets(Arrays.copyOfRange(bytes, from, to));
  }

  /** Whether all bytes from {@code from} to before {@code to} are zero. */
  boolean isZero(int from, int to) {
    return zerosFrom(from, to) == to;
  }

  /** Where the zeros end that begin at {@code from}; {@code to} at most. */
  int zerosFrom(int from, int to) {
    if (from == to || bytes[from] != 0) {
      return from;
    }
    // Fields of the header are mostly zeros; this looks at many bytes at once: each is as the next.
    int last = Arrays.mismatch(bytes, from, to - 1, bytes, from + 1, to);
    return last < 0 ? to : from + last + 1;
  }

  /** Where the zeros begin that end before {@code to}; {@code from} at least. */
  int zerosBefore(int to, int from) {
    int begin = to;
    while (begin > from && bytes[begin - 1] == 0) {
      begin--;
    }
    return begin;
  }

  public Octets plus(Octets other) {
    byte[] joined = Arrays.copyOf(bytes, bytes.length + other.bytes.length);
    System.arraycopy(other.bytes, 0, joined, bytes.length, other.bytes.length);
    return new Octets(joined);
  }

  public byte[] toArray() {
    return bytes.clone();
  }

  /** Writes {@code count} bytes from {@code index} on. */
  void write(ByteBuf out, int index, int count) {
    out.writeBytes(bytes, index, count);
  }

  /** Up to the first NUL, one character per byte. */
  public String untilNul() {
    return untilNul(0, bytes.length);
  }

  /** The same, of the bytes from {@code from} to before {@code to}. */
  String untilNul(int from, int to) {
    int end = from;
    while (end < to && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Octets octets && Arrays.equals(bytes, octets.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** In hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
