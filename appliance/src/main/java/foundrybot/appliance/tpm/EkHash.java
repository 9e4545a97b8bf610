// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * SHA-256 of an EK's SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) in DER, which openssl makes
 * of the key as well as of the maker's certificate for it.
 *
 * @param hex 64 lower-case digits
 */
public record EkHash(String hex) {
  private static final String PREFIX = "sha256:";
  private static final Pattern TEXT = Pattern.compile("sha256:[0-9a-f]{64}");

  /** Reads {@link #toString}. */
  public static Optional<EkHash> parse(String text) {
    return TEXT.matcher(text).matches()
        ? Optional.of(new EkHash(text.substring(PREFIX.length())))
        : Optional.empty();
  }

  /** {@code sha256:} and the digits. */
  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
