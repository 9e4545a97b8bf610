// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a signed program says of its age: the generation of each of its components, which grows with
 * each hole that was mended (SBAT.md of shim). It stands as comma-separated text in the section
 * {@code .sbat} of a PE image (Microsoft's PE Format, "Section Table").
 *
 * @param generations by component, such as {@code shim}
 */
record Sbat(Map<String, Integer> generations) {
  private static final String SECTION = ".sbat";

  /** Of Windows' loader, which is what signers heed. */
  private static final int MOST_SECTIONS = 96;

  private static final int MOST_BYTES = 64 << 10;
  private static final int SECTION_HEADER = 40;
  private static final int NAME_BYTES = 8;
  private static final int PE_POINTER = 0x3c;
  private static final int FILE_HEADER = 20;
  private static final byte[] PE = {'P', 'E', 0, 0};

  private static final Pattern LINE = Pattern.compile("([a-z0-9._-]{1,64}),([0-9]{1,9})(,.*)?");

  Sbat {
    generations = Map.copyOf(generations);
  }

  /** Of a program; empty if it is no PE image, or says nothing. */
  static Optional<Sbat> read(byte[] program) {
    ByteBuffer image = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    return header(image)
        .flatMap(at -> section(image, at))
        .map(
            text -> {
              Map<String, Integer> generations = new HashMap<>();
              text.lines()
                  .map(LINE::matcher)
                  .filter(Matcher::matches)
                  .forEach(
                      // Who says two things of one component is believed the worse.
                      line ->
                          generations.merge(
                              line.group(1), Integer.parseInt(line.group(2)), Math::min));
              return new Sbat(generations);
            });
  }

  /** Where the COFF file header is, behind the signature of a PE image. */
  private static Optional<Integer> header(ByteBuffer image) {
    if (image.limit() < PE_POINTER + Integer.BYTES || image.get(0) != 'M' || image.get(1) != 'Z') {
      return Optional.empty();
    }
    int at = image.getInt(PE_POINTER);
    if (!has(image, at, PE.length + FILE_HEADER)
        || !ByteBuffer.wrap(PE).equals(image.slice(at, PE.length))) {
      return Optional.empty();
    }
    return Optional.of(at + PE.length);
  }

  private static Optional<String> section(ByteBuffer image, int header) {
    int sections = Short.toUnsignedInt(image.getShort(header + 2));
    int table = header + FILE_HEADER + Short.toUnsignedInt(image.getShort(header + 16));
    for (int i = 0; i < Math.min(sections, MOST_SECTIONS); i++) {
      int at = table + i * SECTION_HEADER;
      if (!has(image, at, SECTION_HEADER)) {
        return Optional.empty();
      }
      if (text(image, at, NAME_BYTES).equals(SECTION)) {
        int size = image.getInt(at + 8);
        int raw = image.getInt(at + 16);
        int from = image.getInt(at + 20);
        // What is beyond the one is not loaded, what is beyond the other is not there.
        int length = Math.min(size, raw);
        return length <= MOST_BYTES && has(image, from, length)
            ? Optional.of(text(image, from, length))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static boolean has(ByteBuffer image, int at, int length) {
    return at >= 0 && length >= 0 && at <= image.limit() - length;
  }

  /** Up to the first NUL. */
  private static String text(ByteBuffer image, int at, int length) {
    byte[] bytes = new byte[length];
    image.get(at, bytes);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  /** 0 for what it does not have. */
  int generation(String component) {
    return generations.getOrDefault(component, 0);
  }
}
