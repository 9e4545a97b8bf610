// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * An open session as the BMC has it: integrity (IPMI 2.0, 13.28.4), confidentiality (13.29), the
 * window of sequence numbers (6.12.13), and the privilege that it has been raised to (22.18).
 */
final class IpmiSession {
  private static final int BLOCK = 16;
  private static final int KEY_CONSTANT = 20;
  private static final int NEXT_HEADER = 7;
  private static final int WINDOW = 16;

  private final int console;
  private final IpmiUser user;
  private final IpmiSuite suite;
  private final int limit;
  private final byte[] integrityKey;
  private final SecretKeySpec cipherKey;
  private IpmiUser.Privilege level;
  private Instant lastHeard;
  private int sent;
  private int highest;
  private long seen;

  /** Whose number for the console's side is given, with the key that both have agreed on. */
  IpmiSession(
      int console, IpmiUser user, IpmiSuite suite, int role, byte[] sessionKey, Instant now) {
    this.console = console;
    this.user = user;
    this.suite = suite;
    this.limit = Math.min(role, user.limit().level());
    this.integrityKey = suite.hmac(sessionKey, constant(1));
    this.cipherKey = new SecretKeySpec(suite.hmac(sessionKey, constant(2)), 0, BLOCK, "AES");
    this.level =
        limit < IpmiUser.Privilege.USER.level()
            ? IpmiUser.Privilege.CALLBACK
            : IpmiUser.Privilege.USER;
    this.lastHeard = now;
  }

  private static byte[] constant(int value) {
    byte[] constant = new byte[KEY_CONSTANT];
    Arrays.fill(constant, (byte) value);
    return constant;
  }

  /** The message, or what is said by SOL, in a packet that is authentic, encrypted, and new. */
  Optional<ByteBuffer> open(IpmiWire.Plus packet, Instant now) {
    if ((packet.kind() & ~IpmiWire.SOL)
            != (IpmiWire.ENCRYPTED | IpmiWire.AUTHENTICATED | IpmiWire.IPMI_MESSAGE)
        || !isAuthentic(packet)
        || !isNew(packet.sequence())) {
      return Optional.empty();
    }
    lastHeard = now;
    return plain(IpmiWire.array(packet.payload(), 0, packet.payload().limit()));
  }

  private boolean isAuthentic(IpmiWire.Plus packet) {
    byte[] whole = packet.whole().array();
    int cut = suite.cutBytes();
    int behind = whole.length - IpmiWire.HEADER_BYTES - packet.payload().limit();
    if (behind < cut + 2) {
      return false;
    }
    int covered = whole.length - cut;
    int pads = whole[covered - 2] & 0xff;
    return pads == behind - cut - 2
        && (covered - IpmiWire.RMCP_BYTES) % 4 == 0
        && whole[covered - 1] == NEXT_HEADER
        && MessageDigest.isEqual(
            suite.cutHmac(integrityKey, Arrays.copyOfRange(whole, IpmiWire.RMCP_BYTES, covered)),
            Arrays.copyOfRange(whole, covered, whole.length));
  }

  /** Numbers begin anywhere above zero; those below the highest one count once. */
  private boolean isNew(int sequence) {
    if (sequence == 0) {
      return false;
    }
    int ahead = sequence - highest;
    if (ahead > 0) {
      if (ahead >= WINDOW && highest != 0) {
        return false;
      }
      seen = ahead >= Long.SIZE ? 1 : (seen << ahead) | 1;
      highest = sequence;
      return true;
    }
    long bit = 1L << -ahead;
    if (-ahead >= WINDOW || (seen & bit) != 0) {
      return false;
    }
    seen |= bit;
    return true;
  }

  private Optional<ByteBuffer> plain(byte[] payload) {
    if (payload.length < 2 * BLOCK || payload.length % BLOCK != 0) {
      return Optional.empty();
    }
    byte[] text = aes(Cipher.DECRYPT_MODE, Arrays.copyOf(payload, BLOCK), payload, BLOCK);
    int pads = text[text.length - 1] & 0xff;
    if (pads >= BLOCK) {
      return Optional.empty();
    }
    int length = text.length - 1 - pads;
    for (int i = 0; i < pads; i++) {
      if (text[length + i] != i + 1) {
        return Optional.empty();
      }
    }
    return Optional.of(ByteBuffer.wrap(text, 0, length).slice());
  }

  /** The datagram that brings a message, or what is said by SOL, to the console. */
  byte[] seal(int kind, byte[] message, byte[] vector) {
    int pads = BLOCK - 1 - message.length % BLOCK;
    byte[] text = Arrays.copyOf(message, message.length + pads + 1);
    for (int i = 0; i < pads; i++) {
      text[message.length + i] = (byte) (i + 1);
    }
    text[text.length - 1] = (byte) pads;
    sent++;
    byte[] front =
        IpmiWire.plus(
            IpmiWire.ENCRYPTED | IpmiWire.AUTHENTICATED | kind,
            console,
            sent,
            IpmiWire.join(vector, aes(Cipher.ENCRYPT_MODE, vector, text, 0)));
    int fill = (4 - (front.length - IpmiWire.RMCP_BYTES + 2) % 4) % 4;
    byte[] trailer = new byte[fill + 2];
    Arrays.fill(trailer, (byte) 0xff);
    trailer[fill] = (byte) fill;
    trailer[fill + 1] = NEXT_HEADER;
    byte[] whole = IpmiWire.join(front, trailer);
    return IpmiWire.join(
        whole,
        suite.cutHmac(integrityKey, Arrays.copyOfRange(whole, IpmiWire.RMCP_BYTES, whole.length)));
  }

  private byte[] aes(int mode, byte[] vector, byte[] text, int from) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
      cipher.init(mode, cipherKey, new IvParameterSpec(vector));
      return cipher.doFinal(text, from, text.length - from);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES", e);
    }
  }

  IpmiUser user() {
    return user;
  }

  Instant lastHeard() {
    return lastHeard;
  }

  /** What it may be raised to: the role asked for, and no more than the user may have. */
  int limit() {
    return limit;
  }

  IpmiUser.Privilege level() {
    return level;
  }

  void raise(IpmiUser.Privilege to) {
    level = to;
  }
}
