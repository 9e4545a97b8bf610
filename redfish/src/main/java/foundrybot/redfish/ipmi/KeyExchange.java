// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The key exchange that opens a session (IPMI 2.0, 13.17 to 13.24), the console's side of it, as
 * pure functions of what was sent and received.
 *
 * <pre>
 * Open request   TAG ROLE 0 0 CONSOLE(4)  and for authentication, integrity, confidentiality:
 *                KIND 0 0 08 ALGORITHM 0 0 0
 * Open response  TAG STATUS ROLE 0 CONSOLE(4) BMC(4) and the same three as chosen
 * RAKP 1         TAG 0 0 0 BMC(4) RM(16) ROLE 0 0 LENGTH USER
 * RAKP 2         TAG STATUS 0 0 CONSOLE(4) RC(16) GUID(16) HASH
 * RAKP 3         TAG STATUS 0 0 BMC(4) HASH
 * RAKP 4         TAG STATUS 0 0 CONSOLE(4) CODE
 *
 * hash of RAKP 2 under the password:  CONSOLE BMC RM RC GUID ROLE LENGTH USER
 * hash of RAKP 3 under the password:  RC CONSOLE ROLE LENGTH USER
 * session integrity key, ditto:       RM RC ROLE LENGTH USER
 * code of RAKP 4 under that key:      RM BMC GUID
 * </pre>
 *
 * RAKP 2 hands a hash under the password to anybody who knows a user's name: the flaw by design of
 * CVE-2013-4786.
 */
final class KeyExchange {
  static final int RANDOM_BYTES = 16;
  static final int MAX_USER_BYTES = 16;
  static final int MAX_PASSWORD_BYTES = 20;

  /** Switching, boot order and reading need no more (IPMI 2.0, appendix G). */
  static final int OPERATOR = 3;

  /** The user is looked up by name alone, whatever its privilege. */
  private static final int ROLE = 0x10 | OPERATOR;

  private final CipherSuite suite;
  private final byte[] user;
  private final byte[] password;
  private final int console;
  private final int bmc;
  private final byte[] consoleRandom;

  /**
   * An exchange after the open response.
   *
   * @param console this side's id of the session
   * @param bmc the other side's
   * @param consoleRandom sixteen bytes that nobody can foresee
   */
  KeyExchange(
      CipherSuite suite, byte[] user, byte[] password, int console, int bmc, byte[] consoleRandom) {
    this.suite = suite;
    this.user = user;
    this.password = password;
    this.console = console;
    this.bmc = bmc;
    this.consoleRandom = consoleRandom;
  }

  static byte[] openRequest(CipherSuite suite, int tag, int console) {
    return new Octets.Writer()
        .u8(tag, OPERATOR, 0, 0)
        .u32(console)
        .u8(0, 0, 0, 8, suite.authentication(), 0, 0, 0)
        .u8(1, 0, 0, 8, suite.integrity(), 0, 0, 0)
        .u8(2, 0, 0, 8, CipherSuite.CONFIDENTIALITY, 0, 0, 0)
        .done();
  }

  byte[] first(int tag) {
    return new Octets.Writer()
        .u8(tag, 0, 0, 0)
        .u32(bmc)
        .bytes(consoleRandom)
        .u8(ROLE, 0, 0, user.length)
        .bytes(user)
        .done();
  }

  /** Whether the other side knows the same password. */
  boolean proves(Second second) {
    byte[] expected =
        suite.hash(
            password,
            number(console),
            number(bmc),
            consoleRandom,
            second.random(),
            second.guid(),
            name());
    return MessageDigest.isEqual(expected, Arrays.copyOf(second.hash(), expected.length));
  }

  byte[] third(int tag, Second second) {
    return new Octets.Writer()
        .u8(tag, SessionStatus.DONE, 0, 0)
        .u32(bmc)
        .bytes(suite.hash(password, second.random(), number(console), name()))
        .done();
  }

  /** Tells the BMC that this comes to nothing, so that it frees the session; needs no answer. */
  byte[] abandon(int tag) {
    return new Octets.Writer().u8(tag, SessionStatus.BAD_INTEGRITY, 0, 0).u32(bmc).done();
  }

  private byte[] sessionIntegrityKey(Second second) {
    return suite.hash(password, consoleRandom, second.random(), name());
  }

  /** Whether the BMC has come to the same session key; a BMC with a key K_G of its own has not. */
  boolean proves(Second second, Fourth fourth) {
    byte[] expected =
        suite.code(sessionIntegrityKey(second), consoleRandom, number(bmc), second.guid());
    return MessageDigest.isEqual(expected, Arrays.copyOf(fourth.code(), expected.length));
  }

  SessionKeys keys(Second second) {
    return new SessionKeys(suite, sessionIntegrityKey(second));
  }

  private byte[] name() {
    return new Octets.Writer().u8(ROLE, user.length).bytes(user).done();
  }

  private static byte[] number(int value) {
    return new Octets.Writer().u32(value).done();
  }

  /**
   * Open Session Response.
   *
   * @param status zero for done; then the rest has a meaning
   */
  record Opened(
      int tag,
      int status,
      int console,
      int bmc,
      int authentication,
      int integrity,
      int confidentiality) {
    static Opened decode(byte[] payload) {
      Octets in = new Octets("open session response", payload);
      int tag = in.u8("tag");
      int status = in.u8("status");
      if (status != SessionStatus.DONE) {
        return new Opened(tag, status, 0, 0, 0, 0, 0);
      }
      in.u16("privilege");
      int console = in.u32("console's session");
      int bmc = in.u32("BMC's session");
      return new Opened(
          tag,
          status,
          console,
          bmc,
          algorithm(in, "authentication"),
          algorithm(in, "integrity"),
          algorithm(in, "confidentiality"));
    }

    private static int algorithm(Octets in, String which) {
      in.u32(which + " payload");
      return in.u32(which + " algorithm") & 0x3f;
    }
  }

  /**
   * RAKP 2.
   *
   * @param status zero for done; then the rest has a meaning
   * @param guid of the machine, or of the BMC
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Second(int tag, int status, int console, byte[] random, byte[] guid, byte[] hash) {
    static Second decode(byte[] payload) {
      Octets in = new Octets("RAKP 2", payload);
      int tag = in.u8("tag");
      int status = in.u8("status");
      if (status != SessionStatus.DONE) {
        return new Second(tag, status, 0, new byte[0], new byte[0], new byte[0]);
      }
      in.u16("reserved");
      return new Second(
          tag,
          status,
          in.u32("console's session"),
          in.take("random number", RANDOM_BYTES),
          in.take("GUID", SystemGuid.BYTES),
          in.rest());
    }
  }

  /**
   * RAKP 4.
   *
   * @param status zero for done; then the rest has a meaning
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Fourth(int tag, int status, int console, byte[] code) {
    static Fourth decode(byte[] payload) {
      Octets in = new Octets("RAKP 4", payload);
      int tag = in.u8("tag");
      int status = in.u8("status");
      if (status != SessionStatus.DONE) {
        return new Fourth(tag, status, 0, new byte[0]);
      }
      in.u16("reserved");
      return new Fourth(tag, status, in.u32("console's session"), in.rest());
    }
  }
}
