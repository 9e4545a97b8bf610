// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A secret, and all that it looks like where somebody has encoded it on its way.
 *
 * @param name what it is, so that a failure says which one it found and prints none
 */
record Needle(String name, String secret) {
  /** Fewer characters are found by chance. */
  static final int LEAST = 16;

  private static final Pattern HEX = Pattern.compile("(?:[0-9a-f]{2}){16,}");
  private static final Pattern BASE64 =
      Pattern.compile("(?:[A-Za-z0-9+/]{4}){5,}[A-Za-z0-9+/=]{4}");

  Needle {
    if (secret.length() < LEAST) {
      throw new IllegalArgumentException(name + ": too short to be looked for");
    }
  }

  /** As it is; in hex, base64 and base64url wherever it begins in them; escaped for a URL. */
  List<String> spellings() {
    Set<String> all = new LinkedHashSet<>();
    byte[] text = secret.getBytes(UTF_8);
    all.add(secret);
    all.add(URLEncoder.encode(secret, UTF_8));
    all.add(URLEncoder.encode(secret, UTF_8).replace("+", "%20"));
    all.add(URLEncoder.encode(secret, UTF_8).toLowerCase(Locale.ROOT));
    all.add("%" + HexFormat.ofDelimiter("%").formatHex(text));
    all.add("%" + HexFormat.ofDelimiter("%").withUpperCase().formatHex(text));
    all.add(secret.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;"));
    all.add(secret.replace("\\", "\\\\").replace("\"", "\\\""));
    encoded(text, all);
    if (HEX.matcher(secret).matches()) {
      all.add(secret.toUpperCase(Locale.ROOT));
      encoded(HexFormat.of().parseHex(secret), all);
    } else if (BASE64.matcher(secret).matches()) {
      encoded(Base64.getDecoder().decode(secret), all);
    }
    return List.copyOf(all);
  }

  private static void encoded(byte[] bytes, Set<String> all) {
    all.add(HexFormat.of().formatHex(bytes));
    all.add(HexFormat.of().withUpperCase().formatHex(bytes));
    all.add(HexFormat.ofDelimiter(":").formatHex(bytes));
    for (int before = 0; before < 3; before++) {
      byte[] shifted = new byte[before + bytes.length];
      System.arraycopy(bytes, 0, shifted, before, bytes.length);
      // What the neighbours have a part in is left out.
      int whole = shifted.length - shifted.length % 3;
      int from = before == 0 ? 0 : 4;
      for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
        String text = encoder.encodeToString(Arrays.copyOf(shifted, whole)).substring(from);
        if (text.length() >= LEAST) {
          all.add(text);
        }
      }
    }
  }

  /** Whether a text has it in any spelling. */
  boolean isIn(String text) {
    return spellings().stream().anyMatch(text::contains);
  }

  /** Says no more than what it is. */
  @Override
  public String toString() {
    return name;
  }
}
