// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/** Contents that stand in the configuration itself (RFC 2397), and what vouches for them. */
final class DataUrl {
  private DataUrl() {}

  static String of(byte[] bytes) {
    return "data:;base64," + Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * What {@code verification.hash} must be for these bytes.
   *
   * @param like one whose type, {@code sha512} or {@code sha256}, is taken
   */
  static String hash(String like, byte[] bytes) {
    boolean is512 = like.startsWith("sha512-");
    try {
      MessageDigest digest = MessageDigest.getInstance(is512 ? "SHA-512" : "SHA-256");
      return (is512 ? "sha512-" : "sha256-") + HexFormat.of().formatHex(digest.digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256 and SHA-512", e);
    }
  }
}
