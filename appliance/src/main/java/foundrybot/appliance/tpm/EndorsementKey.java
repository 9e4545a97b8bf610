// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.HexFormat;

/**
 * The key by which a TPM is known: its EK. It is made of a seed of the TPM's own by a template that
 * all TPMs know (TCG EK Credential Profile 2.3, section B.3.3), so it is the same after each start
 * and on each system of that board, until somebody clears the endorsement hierarchy.
 */
public final class EndorsementKey {
  /** TPMA_OBJECT of template L-1: fixed, made there, adminWithPolicy, restricted, decrypt. */
  private static final int ATTRIBUTES = 0x000300b2;

  /** PolicyA: who uses it proves the endorsement hierarchy's authorization. */
  private static final String POLICY =
      "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa";

  private static final BigInteger EXPONENT = BigInteger.valueOf(65537);

  private final RSAPublicKey key;
  private final EkHash hash;

  private EndorsementKey(RSAPublicKey key, EkHash hash) {
    this.key = key;
    this.hash = hash;
  }

  static EndorsementKey of(PublicArea area) throws PublicArea.Unfit {
    if (!(area.key() instanceof PublicArea.Key.Rsa(String modulus))) {
      throw new PublicArea.Unfit("a key of ECC (expected: RSA of 2048 bits, template L-1)");
    }
    if (area.attributes() != ATTRIBUTES
        || !area.policy().equals(POLICY)
        || area.symmetric() != PublicArea.Symmetric.AES_128_CFB
        || area.scheme() != PublicArea.Scheme.NONE) {
      throw new PublicArea.Unfit(
          "attributes, policy or cipher of another key (expected: those of an EK, template L-1)");
    }
    try {
      RSAPublicKey key =
          (RSAPublicKey)
              KeyFactory.getInstance("RSA")
                  .generatePublic(new RSAPublicKeySpec(new BigInteger(modulus, 16), EXPONENT));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return new EndorsementKey(key, new EkHash(HexFormat.of().formatHex(digest)));
    } catch (GeneralSecurityException e) {
      throw new PublicArea.Unfit("no RSA key (expected: a modulus of 2048 bits)");
    }
  }

  /** By which it is pinned, and named in lists. */
  public EkHash hash() {
    return hash;
  }

  RSAPublicKey key() {
    return key;
  }
}
