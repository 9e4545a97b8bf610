// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECPoint;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * What TPM2_MakeCredential does, without a TPM: a secret that only TPM2_ActivateCredential gives
 * back, on the TPM of an EK and for a key of a name (TPM 2.0 Library, Part 1, section 24).
 */
final class Credential {
  private static final int SEED_BYTES = 32;
  private static final int AES_BITS = 128;
  private static final int HMAC_BITS = 256;
  private static final String HMAC = "HmacSHA256";
  private static final String IDENTITY = "IDENTITY\0";

  /** Of a file of tpm2-tools. */
  private static final int MAGIC = 0xbadcc0de;

  private static final int VERSION = 1;

  private Credential() {}

  /** For an EK of RSA, with a seed that it alone can decrypt (Part 1, annex B.10.4). */
  static byte[] make(RSAPublicKey ek, byte[] name, byte[] secret, SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    try {
      return file(seed, encrypted(ek, seed, random), name, secret);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES, RSA and HMAC", e);
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  /**
   * For an EK of ECC, with a seed that it agrees upon with a key that is used once (Part 1, annex
   * C.6.4).
   *
   * @param x of the EK, as its TPM has it
   */
  static byte[] make(ECPublicKey ek, byte[] x, byte[] name, byte[] secret, SecureRandom random) {
    try {
      KeyPair once = P256.pair(random);
      ECPoint point = ((ECPublicKey) once.getPublic()).getW();
      byte[] from = P256.bytes(point.getAffineX());
      byte[] seed = agreed(P256.shared(once.getPrivate(), ek), from, x);
      byte[] told = joined(sized(from), sized(P256.bytes(point.getAffineY())));
      return file(seed, told, name, secret);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES, P-256 and HMAC", e);
    }
  }

  /**
   * TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET behind the header of a file of tpm2-tools.
   *
   * @param told from which the TPM has the seed
   */
  private static byte[] file(byte[] seed, byte[] told, byte[] name, byte[] secret)
      throws GeneralSecurityException {
    byte[] header = ByteBuffer.allocate(8).putInt(MAGIC).putInt(VERSION).array();
    return joined(header, sized(identity(seed, name, secret)), sized(told));
  }

  /** TPMS_ID_OBJECT: the HMAC, and the secret as TPM2B that is encrypted. */
  static byte[] identity(byte[] seed, byte[] name, byte[] secret) throws GeneralSecurityException {
    byte[] key = derived(seed, "STORAGE", name, AES_BITS);
    Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
    // Each key is used once, so the specification has an IV of zeroes.
    cipher.init(
        Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
    byte[] hidden = cipher.doFinal(sized(secret));
    byte[] integrity = derived(seed, "INTEGRITY", new byte[0], HMAC_BITS);
    return joined(sized(hmac(integrity, joined(hidden, name))), hidden);
  }

  private static byte[] encrypted(RSAPublicKey ek, byte[] seed, SecureRandom random)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
    // The label ends with a zero byte (Part 1, annex B.4).
    byte[] label = IDENTITY.getBytes(StandardCharsets.US_ASCII);
    cipher.init(
        Cipher.ENCRYPT_MODE,
        ek,
        new OAEPParameterSpec(
            "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, new PSource.PSpecified(label)),
        random);
    return cipher.doFinal(seed);
  }

  /**
   * KDFe (Part 1, section 11.4.10.3) for one digest: the one-step derivation of SP 800-56C.
   *
   * @param z what both keys have in common
   * @param from x of the key that is used once
   * @param to x of the EK
   */
  static byte[] agreed(byte[] z, byte[] from, byte[] to) throws GeneralSecurityException {
    byte[] counter = ByteBuffer.allocate(4).putInt(1).array();
    byte[] label = IDENTITY.getBytes(StandardCharsets.US_ASCII);
    return MessageDigest.getInstance("SHA-256").digest(joined(counter, z, label, from, to));
  }

  /** KDFa (Part 1, section 11.4.10.2) for at most one digest. */
  static byte[] derived(byte[] seed, String label, byte[] context, int bits)
      throws GeneralSecurityException {
    byte[] input =
        joined(
            ByteBuffer.allocate(4).putInt(1).array(),
            (label + "\0").getBytes(StandardCharsets.US_ASCII),
            context,
            ByteBuffer.allocate(4).putInt(bits).array());
    return Arrays.copyOf(hmac(seed, input), bits / Byte.SIZE);
  }

  static byte[] hmac(byte[] key, byte[] input) throws GeneralSecurityException {
    Mac mac = Mac.getInstance(HMAC);
    mac.init(new SecretKeySpec(key, HMAC));
    return mac.doFinal(input);
  }

  private static byte[] sized(byte[] bytes) {
    return joined(ByteBuffer.allocate(2).putShort((short) bytes.length).array(), bytes);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
