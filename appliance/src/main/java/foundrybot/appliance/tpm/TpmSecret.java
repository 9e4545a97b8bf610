// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a node and the appliance share once its TPM has opened a challenge. It never travels: what
 * does is a proof that follows from it, and what is sealed by another key that follows from it.
 */
public final class TpmSecret {
  private static final int BYTES = 32;
  private static final int KEY_BYTES = 32;
  private static final int IV_BYTES = 16;
  private static final int SALT_BYTES = 8;
  private static final int LINE = 64;

  /** Of a file that {@code openssl enc} encrypts with a password. */
  private static final byte[] SALTED = "Salted__".getBytes(StandardCharsets.US_ASCII);

  private final byte[] bytes;

  /**
   * Of bytes that nobody can guess.
   *
   * @param bytes 32
   */
  public TpmSecret(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(bytes.length + " bytes (expected: " + BYTES + ")");
    }
    this.bytes = bytes.clone();
  }

  byte[] bytes() {
    return bytes.clone();
  }

  /** Whether this is the proof of who has it; takes as long for a wrong one. */
  public boolean isProvedBy(String proof) {
    return MessageDigest.isEqual(
        proof().getBytes(StandardCharsets.US_ASCII), proof.getBytes(StandardCharsets.US_ASCII));
  }

  /** SHA-256 of a line and the secret, as 64 hexadecimal digits. */
  String proof() {
    return derived("foundrybot-proof");
  }

  private String derived(String label) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((label + "\n").getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * What {@code openssl enc -d -aes-256-cbc -pbkdf2 -iter 1 -md sha256 -base64} opens with the
   * password that follows from the secret. One iteration is enough for a password of 256 random
   * bits; that nobody has changed it is the business of the signature inside.
   */
  public byte[] seal(byte[] plain, SecureRandom random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    PBEKeySpec password =
        new PBEKeySpec(
            derived("foundrybot-seal").toCharArray(), salt, 1, (KEY_BYTES + IV_BYTES) * Byte.SIZE);
    try {
      byte[] made =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(password)
              .getEncoded();
      Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(Arrays.copyOf(made, KEY_BYTES), "AES"),
          new IvParameterSpec(made, KEY_BYTES, IV_BYTES));
      byte[] hidden = cipher.doFinal(plain);
      byte[] all = Arrays.copyOf(SALTED, SALTED.length + SALT_BYTES + hidden.length);
      System.arraycopy(salt, 0, all, SALTED.length, SALT_BYTES);
      System.arraycopy(hidden, 0, all, SALTED.length + SALT_BYTES, hidden.length);
      return Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encode(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES and PBKDF2", e);
    } finally {
      password.clearPassword();
    }
  }

  /** Tells nothing. */
  @Override
  public String toString() {
    return "TpmSecret";
  }
}
