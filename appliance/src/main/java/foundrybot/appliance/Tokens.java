// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Node tokens: 128 random bits, 32 hexadecimal digits in a URL path. Only their SHA-256 is kept, so
 * that neither journal nor backup can give one away.
 */
final class Tokens {
  private static final int BYTES = 16;

  /** Characters. */
  static final int LENGTH = 2 * BYTES;

  private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

  private final SecureRandom random;

  Tokens(SecureRandom random) {
    this.random = random;
  }

  String mint() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  static boolean isToken(String text) {
    return FORM.matcher(text).matches();
  }

  static String hash(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
