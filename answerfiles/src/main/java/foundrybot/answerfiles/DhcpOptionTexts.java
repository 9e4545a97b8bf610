// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * DHCP options as the user writes them: {@code TYPE:VALUE}, or the value alone where the type of
 * the option is known (RFC 2132 and the IANA registry "BOOTP Vendor Extensions and DHCP Options").
 */
final class DhcpOptionTexts {
  /** What a value may be. */
  enum Type {
    ADDRESS("IPv4 addresses with spaces or commas between them"),
    TEXT("printable ASCII"),
    U8("0..255"),
    U16("0..65535"),
    U32("0..4294967295"),
    FLAG("true or false"),
    HEX("hexadecimal digits, such as 0a0b or 0a:0b");

    private final String expected;

    Type(String expected) {
      this.expected = expected;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Map<Integer, Type> TYPES = new HashMap<>();

  static {
    types(Type.ADDRESS, 4, 5, 7, 8, 9, 10, 11, 16, 32, 33, 41, 44, 45, 48, 49, 65);
    types(Type.ADDRESS, 68, 69, 70, 71, 72, 73, 74, 75, 76, 138, 150);
    types(Type.TEXT, 14, 17, 18, 40, 47, 64, 100, 101, 114, 209, 210, 252);
    types(Type.U8, 23, 37, 46);
    types(Type.U16, 13, 22, 26);
    types(Type.U32, 2, 24, 35, 38, 211);
    types(Type.FLAG, 19, 20, 27, 29, 30, 31, 34, 36, 39);
  }

  /** Who has the say over an option that cannot be set here. */
  private static final Map<Integer, String> OWNED = new HashMap<>();

  static {
    owned("the network's prefix length says it", 1);
    owned("the key router of the network says it", 3);
    owned("the key dns of the network says it", 6);
    owned("the node's name says it", 12);
    owned("the key domain says it", 15);
    owned("the key site.ntp says it", 42);
    owned("vendor-options in firmware.yaml says it", 43);
    owned("the DHCP server itself needs it", 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 77);
    owned("the DHCP server itself needs it", 82, 93, 94, 97);
    owned("what a machine boots is decided for each; firmware.yaml can change it", 66, 67);
    owned("the key search says it", 119);
    owned("the key routes says it", 121, 249);
  }

  private DhcpOptionTexts() {}

  private static void types(Type type, int... codes) {
    for (int code : codes) {
      TYPES.put(code, type);
    }
  }

  private static void owned(String who, int... codes) {
    for (int code : codes) {
      OWNED.put(code, who);
    }
  }

  /** A value, or what was expected in its place. */
  sealed interface Read {
    record Value(DhcpOptionValue value) implements Read {}

    record Wrong(String expected) implements Read {}
  }

  static Read read(int code, String text) {
    String owner = OWNED.get(code);
    if (owner != null) {
      return new Read.Wrong("another option: " + owner);
    }
    int colon = text.indexOf(':');
    String word = colon < 0 ? "" : text.substring(0, colon);
    for (Type type : Type.values()) {
      if (type.word().equals(word)) {
        return value(code, type, text.substring(colon + 1).strip());
      }
    }
    Type known = TYPES.get(code);
    return known == null
        ? new Read.Wrong(
            "a type before the value, as option "
                + code
                + " has none of its own: address:10.77.0.9, text:abc, u8:1, u16:1, u32:1,"
                + " flag:true or hex:0a0b")
        : value(code, known, text);
  }

  private static Read value(int code, Type type, String text) {
    Optional<String> hex =
        switch (type) {
          case ADDRESS -> addresses(text, code == 33 ? 2 : 1);
          case TEXT ->
              text.matches("[ -~]{1,255}")
                  ? Optional.of(HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII)))
                  : Optional.empty();
          case U8 -> number(text, 0xffL, 2);
          case U16 -> number(text, 0xffffL, 4);
          case U32 -> number(text, 0xffff_ffffL, 8);
          case FLAG ->
              text.equals("true")
                  ? Optional.of("01")
                  : text.equals("false") ? Optional.of("00") : Optional.empty();
          case HEX -> {
            String digits = text.replaceAll("[: ]", "").toLowerCase(Locale.ROOT);
            yield digits.matches("([0-9a-f]{2})*") ? Optional.of(digits) : Optional.empty();
          }
        };
    return hex.filter(digits -> digits.length() <= 2 * DhcpOptionValue.LONGEST)
        .<Read>map(digits -> new Read.Value(new DhcpOptionValue(code, digits)))
        .orElseGet(
            () ->
                new Read.Wrong(
                    type.expected + ", at most " + DhcpOptionValue.LONGEST + " bytes in all"));
  }

  private static Optional<String> addresses(String text, int inGroups) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split("[ ,]+", -1)) {
      if (Ipv4.parse(part).isEmpty()) {
        return Optional.empty();
      }
      parts.add("%08x".formatted(Ipv4.bits(Values.address(part))));
    }
    return parts.size() % inGroups == 0 ? Optional.of(String.join("", parts)) : Optional.empty();
  }

  private static Optional<String> number(String text, long most, int digits) {
    if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) > most) {
      return Optional.empty();
    }
    return Optional.of(("%0" + digits + "x").formatted(Long.parseLong(text)));
  }
}
