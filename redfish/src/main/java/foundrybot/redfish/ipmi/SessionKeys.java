// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys of a session, and what they do to packets: AES-CBC-128 inside, a cut HMAC outside (IPMI
 * 2.0, 13.28.4, 13.29, 13.32).
 *
 * <p>K1 and K2 are hashes of twenty bytes 01 and 02 under the session's integrity key, twenty also
 * for SHA-256. The IV stands before the cipher text; the plain text ends with 01 02 03 ... and the
 * number of these pads, to a multiple of sixteen.
 */
final class SessionKeys {
  private static final int BLOCK = 16;
  private static final int CONSTANT = 20;

  private final CipherSuite suite;
  private final byte[] integrity;
  private final SecretKeySpec confidentiality;

  SessionKeys(CipherSuite suite, byte[] sessionIntegrityKey) {
    this.suite = suite;
    this.integrity = suite.hash(sessionIntegrityKey, constant(1));
    byte[] second = suite.hash(sessionIntegrityKey, constant(2));
    this.confidentiality = new SecretKeySpec(second, 0, BLOCK, "AES");
  }

  private static byte[] constant(int value) {
    byte[] constant = new byte[CONSTANT];
    Arrays.fill(constant, (byte) value);
    return constant;
  }

  /**
   * The datagram with this message inside.
   *
   * @param type what the message is, as {@link RmcpPacket} has it
   * @param iv sixteen bytes that nobody can foresee
   */
  byte[] seal(int type, int session, int sequence, byte[] message, byte[] iv) {
    int pads = (BLOCK - (message.length + 1) % BLOCK) % BLOCK;
    byte[] plain = Arrays.copyOf(message, message.length + pads + 1);
    for (int i = 0; i < pads; i++) {
      plain[message.length + i] = (byte) (i + 1);
    }
    plain[plain.length - 1] = (byte) pads;
    byte[] payload =
        new Octets.Writer().bytes(iv).bytes(aes(Cipher.ENCRYPT_MODE, iv, plain, 0)).done();
    byte[] covered = RmcpPacket.covered(type, session, sequence, payload);
    return RmcpPacket.encode(covered, suite.code(integrity, covered));
  }

  /** The message inside, if the packet is authentic: compared in constant time, then decrypted. */
  Optional<byte[]> open(RmcpPacket packet) {
    if (!packet.encrypted()
        || packet.code().length == 0
        || !MessageDigest.isEqual(suite.code(integrity, packet.authenticated()), packet.code())) {
      return Optional.empty();
    }
    byte[] payload = packet.payload();
    if (payload.length < 2 * BLOCK || payload.length % BLOCK != 0) {
      return Optional.empty();
    }
    byte[] iv = Arrays.copyOf(payload, BLOCK);
    byte[] plain = aes(Cipher.DECRYPT_MODE, iv, payload, BLOCK);
    int length = plain.length - 1 - (plain[plain.length - 1] & 0xff);
    return length < 0 ? Optional.empty() : Optional.of(Arrays.copyOf(plain, length));
  }

  private byte[] aes(int mode, byte[] iv, byte[] text, int from) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
      cipher.init(mode, confidentiality, new IvParameterSpec(iv));
      return cipher.doFinal(text, from, text.length - from);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES/CBC/NoPadding: every JDK has it", e);
    }
  }
}
