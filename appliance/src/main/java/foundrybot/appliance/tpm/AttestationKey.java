// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A key that a TPM has made for itself and that signs only what the TPM itself says: its AK.
 *
 * @param name nameAlg and the digest of its public area (TPM 2.0 Library, Part 1, section 16), in
 *     hexadecimal
 */
record AttestationKey(String name) {
  private static final int FIXED_TPM = 1 << 1;
  private static final int FIXED_PARENT = 1 << 4;
  private static final int SENSITIVE_DATA_ORIGIN = 1 << 5;
  private static final int RESTRICTED = 1 << 16;
  private static final int DECRYPT = 1 << 17;
  private static final int SIGN = 1 << 18;

  private static final int NEEDED =
      FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN | RESTRICTED | SIGN;
  private static final String SHA256 = "000b";

  static AttestationKey of(PublicArea area) throws PublicArea.Unfit {
    if ((area.attributes() & (NEEDED | DECRYPT)) != NEEDED
        || area.symmetric() != PublicArea.Symmetric.NONE
        || area.scheme() == PublicArea.Scheme.NONE) {
      throw new PublicArea.Unfit(
          "attributes of another key (expected: fixedTPM, fixedParent, sensitiveDataOrigin,"
              + " restricted, sign, a scheme, and no decrypt)");
    }
    HexFormat hex = HexFormat.of();
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(hex.parseHex(area.bytes()));
      return new AttestationKey(SHA256 + hex.formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  byte[] nameBytes() {
    return HexFormat.of().parseHex(name);
  }
}
