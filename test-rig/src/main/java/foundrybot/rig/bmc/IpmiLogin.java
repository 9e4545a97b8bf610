// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * One log-in from the BMC's side (IPMI 2.0, 13.17 to 13.24, 13.31): Open Session, RAKP 1 to 4. A
 * message that comes again is answered with the same bytes.
 *
 * <pre>
 * opened -- RAKP 1, user known --> challenged -- RAKP 3, code right --> active
 * any other message: a status, and nothing changes; RAKP 3 with a status or a wrong code: over
 * </pre>
 */
final class IpmiLogin {
  static final int NO_ROOM = 0x01;
  static final int UNKNOWN_SESSION = 0x02;
  static final int UNAUTHORIZED_ROLE = 0x0a;

  private static final int INVALID_ROLE = 0x09;
  private static final int NAME_TOO_LONG = 0x0c;
  private static final int UNKNOWN_NAME = 0x0d;
  private static final int WRONG_CODE = 0x0f;
  private static final int RANDOM_BYTES = 16;
  private static final int RAKP_1_BYTES = 28;
  private static final int RAKP_3_BYTES = 8;
  private static final int ROLE = 0x0f;

  private final IpmiResponder.Setup setup;
  private final byte[] guid;
  private final int console;
  private final int number;
  private final IpmiSuite suite;
  private final Instant began;
  private final byte[] ourRandom = new byte[RANDOM_BYTES];
  private byte[] theirRandom = new byte[0];

  /** Role, length of the name, and name, as most codes cover them. */
  private byte[] who = new byte[0];

  private Optional<IpmiUser> user = Optional.empty();
  private Optional<IpmiSession> session = Optional.empty();
  private boolean over;
  private byte[] question = new byte[0];
  private Optional<byte[]> answer = Optional.empty();

  IpmiLogin(
      IpmiResponder.Setup setup,
      byte[] guid,
      int console,
      int number,
      IpmiSuite suite,
      SecureRandom random) {
    this.setup = setup;
    this.guid = guid;
    this.console = console;
    this.number = number;
    this.suite = suite;
    this.began = setup.clock().instant();
    random.nextBytes(ourRandom);
  }

  /** What a status is said with: tag, status, and the console's number. */
  static byte[] refusal(int tag, int status, int console) {
    return IpmiWire.join(IpmiWire.bytes(tag, status, 0, 0), IpmiWire.number(console));
  }

  /** The answer to the Open Session Request that began this (table 13-10). */
  byte[] opened(ByteBuffer request, int level) {
    var algorithms = suite.algorithms();
    return repeatable(
        request,
        IpmiWire.join(
            IpmiWire.bytes(request.get(0), 0, level, 0),
            IpmiWire.number(console),
            IpmiWire.number(number),
            IpmiWire.bytes(0, 0, 0, 8, algorithms.get(0), 0, 0, 0),
            IpmiWire.bytes(1, 0, 0, 8, algorithms.get(1), 0, 0, 0),
            IpmiWire.bytes(2, 0, 0, 8, algorithms.get(2), 0, 0, 0)));
  }

  /** The answer of before, if the last question came again. */
  Optional<byte[]> again(ByteBuffer payload) {
    return Arrays.equals(question, IpmiWire.array(payload, 0, payload.limit()))
        ? answer
        : Optional.empty();
  }

  private byte[] repeatable(ByteBuffer payload, byte[] said) {
    question = IpmiWire.array(payload, 0, payload.limit());
    answer = Optional.of(said);
    return said;
  }

  /** RAKP message 2 to RAKP message 1. */
  Optional<byte[]> challenge(ByteBuffer payload) {
    if (session.isPresent()
        || payload.limit() < RAKP_1_BYTES
        || payload.limit() != RAKP_1_BYTES + (payload.get(27) & 0xff)) {
      return Optional.empty();
    }
    int role = payload.get(24) & ROLE;
    int length = payload.get(27) & 0xff;
    if (length > IpmiUser.NAME_BYTES) {
      return Optional.of(refusal(payload.get(0), NAME_TOO_LONG, console));
    }
    if (role < 1 || role > IpmiUser.Privilege.ADMINISTRATOR.level()) {
      return Optional.of(refusal(payload.get(0), INVALID_ROLE, console));
    }
    byte[] name = IpmiWire.array(payload, RAKP_1_BYTES, length);
    user =
        setup.access().users().stream()
            .filter(u -> Arrays.equals(u.name().getBytes(StandardCharsets.UTF_8), name))
            .findFirst();
    if (user.isEmpty()) {
      return Optional.of(refusal(payload.get(0), UNKNOWN_NAME, console));
    }
    if (role > user.get().limit().level()
        && setup.access().limitShows() == IpmiAccess.LimitShows.AT_LOGIN) {
      return Optional.of(refusal(payload.get(0), UNAUTHORIZED_ROLE, console));
    }
    theirRandom = IpmiWire.array(payload, 8, RANDOM_BYTES);
    who = IpmiWire.join(IpmiWire.bytes(payload.get(24), length), name);
    byte[] code =
        suite.hmac(
            user.get().key(),
            IpmiWire.join(
                IpmiWire.number(console),
                IpmiWire.number(number),
                theirRandom,
                ourRandom,
                guid,
                who));
    return Optional.of(
        repeatable(
            payload, IpmiWire.join(refusal(payload.get(0), 0, console), ourRandom, guid, code)));
  }

  /** RAKP message 4 to RAKP message 3. A console that says a status wants no answer. */
  Optional<byte[]> prove(ByteBuffer payload) {
    if (user.isEmpty() || session.isPresent() || payload.limit() < RAKP_3_BYTES) {
      return Optional.empty();
    }
    if (payload.get(1) != 0) {
      over = true;
      return Optional.empty();
    }
    byte[] expected =
        suite.hmac(user.get().key(), IpmiWire.join(ourRandom, IpmiWire.number(console), who));
    byte[] code = IpmiWire.array(payload, RAKP_3_BYTES, payload.limit() - RAKP_3_BYTES);
    if (!MessageDigest.isEqual(expected, code)) {
      over = true;
      return Optional.of(refusal(payload.get(0), WRONG_CODE, console));
    }
    byte[] key =
        suite.hmac(
            setup.access().channelKey().map(IpmiUser::key).orElseGet(user.get()::key),
            IpmiWire.join(theirRandom, ourRandom, who));
    session =
        Optional.of(
            new IpmiSession(
                console, user.get(), suite, who[0] & ROLE, key, setup.clock().instant()));
    byte[] check = suite.cutHmac(key, IpmiWire.join(theirRandom, IpmiWire.number(number), guid));
    return Optional.of(
        repeatable(payload, IpmiWire.join(refusal(payload.get(0), 0, console), check)));
  }

  int console() {
    return console;
  }

  /** Whether it was refused for good. */
  boolean over() {
    return over;
  }

  /** What came of it, once the console has proved that it knows the password. */
  Optional<IpmiSession> session() {
    return session;
  }

  Instant lastHeard() {
    return session.map(IpmiSession::lastHeard).orElse(began);
  }
}
