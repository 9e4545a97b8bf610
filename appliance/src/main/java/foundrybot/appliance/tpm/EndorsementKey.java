// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.HexFormat;

/**
 * The key by which a TPM is known: its EK. It is made of a seed of the TPM's own by a template that
 * all TPMs know (TCG EK Credential Profile 2.3, sections B.3.3 and B.3.4), so it is the same after
 * each start and on each system of that board, until somebody clears the endorsement hierarchy.
 */
public final class EndorsementKey {
  /** TPMA_OBJECT of both templates: fixed, made there, adminWithPolicy, restricted, decrypt. */
  private static final int ATTRIBUTES = 0x000300b2;

  /** PolicyA: who uses it proves the endorsement hierarchy's authorization. */
  private static final String POLICY =
      "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa";

  private static final BigInteger EXPONENT = BigInteger.valueOf(65537);
  private static final int HEX = 16;

  /** What a TPM made by one of the templates. */
  private sealed interface Half {
    /** By L-1. */
    record Rsa(RSAPublicKey key) implements Half {}

    /**
     * By L-2.
     *
     * @param x as it stands in the public area, in hexadecimal
     */
    record Ecc(ECPublicKey key, String x) implements Half {}

    PublicKey key();
  }

  private final Half half;
  private final EkHash hash;

  private EndorsementKey(Half half, EkHash hash) {
    this.half = half;
    this.hash = hash;
  }

  static EndorsementKey of(PublicArea area) throws PublicArea.Unfit {
    if (area.attributes() != ATTRIBUTES
        || !area.policy().equals(POLICY)
        || area.symmetric() != PublicArea.Symmetric.AES_128_CFB
        || area.scheme() != PublicArea.Scheme.NONE) {
      throw new PublicArea.Unfit(
          "attributes, policy or cipher of another key (expected: those of an EK, template L-1 or"
              + " L-2)");
    }
    try {
      Half half = half(area.key());
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(half.key().getEncoded());
      return new EndorsementKey(half, new EkHash(HexFormat.of().formatHex(digest)));
    } catch (GeneralSecurityException e) {
      throw new PublicArea.Unfit("no key (expected: a modulus of 2048 bits, or a point)");
    }
  }

  private static Half half(PublicArea.Key key) throws PublicArea.Unfit, GeneralSecurityException {
    return switch (key) {
      case PublicArea.Key.Rsa(String modulus) ->
          new Half.Rsa(
              (RSAPublicKey)
                  KeyFactory.getInstance("RSA")
                      .generatePublic(new RSAPublicKeySpec(number(modulus), EXPONENT)));
      case PublicArea.Key.Ecc(String x, String y) ->
          new Half.Ecc(P256.key(number(x), number(y)), x);
    };
  }

  private static BigInteger number(String hex) {
    return new BigInteger(hex, HEX);
  }

  /** By which it is pinned, and named in lists. */
  public EkHash hash() {
    return hash;
  }

  /** A file that gives the secret to the TPM of this key, if that also has the key of that name. */
  byte[] credential(byte[] name, byte[] secret, SecureRandom random) {
    return switch (half) {
      case Half.Rsa(RSAPublicKey key) -> Credential.make(key, name, secret, random);
      case Half.Ecc(ECPublicKey key, String x) ->
          Credential.make(key, HexFormat.of().parseHex(x), name, secret, random);
    };
  }
}
