// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import java.util.Base64;
import java.util.Optional;

/**
 * A public key of WireGuard (Curve25519, RFC 7748): 32 bytes.
 *
 * @param text base64, 44 characters
 */
public record WgKey(String text) {
  static final int BYTES = 32;
  private static final int LENGTH = 44;

  public WgKey {
    if (!isKey(text)) {
      throw new IllegalArgumentException(
          "public key: " + text.length() + " characters (expected: 32 bytes as base64)");
    }
  }

  /** Reads what {@code wg pubkey} prints; empty for anything else, also for a key of zeros. */
  public static Optional<WgKey> parse(String text) {
    return isKey(text) ? Optional.of(new WgKey(text)) : Optional.empty();
  }

  /** The one spelling of 32 bytes: Java's decoder is lenient with the last two bits. */
  static boolean isKey(String text) {
    if (text.length() != LENGTH || !text.matches("[A-Za-z0-9+/]{43}=")) {
      return false;
    }
    byte[] bytes = Base64.getDecoder().decode(text);
    byte any = 0;
    for (byte b : bytes) {
      any |= b;
    }
    return any != 0 && Base64.getEncoder().encodeToString(bytes).equals(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
