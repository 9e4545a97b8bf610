// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.RenderException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Signs bundles and answer files with Ed25519 (RFC 8032).
 *
 * @param publicPart what others verify with
 */
public record BundleSigner(PrivateKey key, PublicPart publicPart) {
  static final String ALGORITHM = "Ed25519";
  static final int SIGNATURE_BYTES = 64;
  private static final int SEED_BYTES = 32;

  /**
   * The key that follows from a secret.
   *
   * @param seed 64 hexadecimal digits: the private key of RFC 8032 section 5.1.5
   */
  public static BundleSigner of(String seed) {
    byte[] bytes = HexFormat.of().parseHex(seed);
    if (bytes.length != SEED_BYTES) {
      throw new IllegalArgumentException("seed: " + bytes.length + " bytes (expected: 32)");
    }
    try {
      // The JDK computes a public key only when it makes a pair; it takes these bytes as they are.
      KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
      generator.initialize(NamedParameterSpec.ED25519, new Seed(bytes));
      KeyPair pair = generator.generateKeyPair();
      return new BundleSigner(pair.getPrivate(), PublicPart.of(pair.getPublic()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static final class Seed extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final byte[] seed;

    Seed(byte[] seed) {
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      if (bytes.length != seed.length) {
        throw new IllegalStateException(bytes.length + " bytes (expected: " + seed.length + ")");
      }
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }

  /** The signature, 64 bytes. */
  public byte[] sign(byte[] bytes) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(bytes);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK signs with " + ALGORITHM, e);
    }
  }

  /** Leaves the private key out. */
  @Override
  public String toString() {
    return "BundleSigner[" + publicPart.base64() + "]";
  }

  /**
   * What a signature is verified with.
   *
   * @param base64 of the SubjectPublicKeyInfo (RFC 8410), 60 characters: the one line between those
   *     of a PEM file
   */
  public record PublicPart(String base64) {
    /** SubjectPublicKeyInfo of id-Ed25519, up to the key (RFC 8410 section 4). */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    public PublicPart {
      byte[] der = base64.length() == 60 && Bundle.isBase64(base64) ? der(base64) : new byte[0];
      if (der.length != PREFIX.length + SEED_BYTES
          || !Arrays.equals(PREFIX, Arrays.copyOf(der, PREFIX.length))) {
        throw new RenderException("signing key: no Ed25519 key of RFC 8410 as base64");
      }
    }

    /** Reads that one spelling; empty for anything else. */
    public static Optional<PublicPart> parse(String base64) {
      try {
        return Optional.of(new PublicPart(base64));
      } catch (RenderException e) {
        return Optional.empty();
      }
    }

    static PublicPart of(PublicKey key) {
      return new PublicPart(Base64.getEncoder().encodeToString(key.getEncoded()));
    }

    private static byte[] der(String base64) {
      return Base64.getDecoder().decode(base64);
    }

    /**
     * By which people compare keys: SHA-256 over the SubjectPublicKeyInfo, in base64 without its
     * padding, as {@code openssl pkey -pubout -outform DER | openssl dgst -sha256 -binary | base64}
     * says it.
     */
    public String fingerprint() {
      try {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(der(base64));
        return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }

    /** For openssl. */
    public String pem() {
      return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
    }

    /** Whether that key has made this signature over exactly these bytes. */
    public boolean verifies(byte[] bytes, byte[] signature) {
      try {
        PublicKey key =
            KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(der(base64)));
        Signature verifier = Signature.getInstance(ALGORITHM);
        verifier.initVerify(key);
        verifier.update(bytes);
        return verifier.verify(signature);
      } catch (GeneralSecurityException e) {
        // Bytes that are no point of the curve, or no signature at all.
        return false;
      }
    }
  }
}
