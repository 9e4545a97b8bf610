// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * The machine's serial port by Serial over LAN, as the BMC has it (IPMI 2.0, 15, 24.1 to 24.5): one
 * console at a time, one packet outstanding, which is sent again until it is acknowledged or given
 * up. What the port says while nobody listens is lost.
 */
final class IpmiSol {
  static final int ACTIVATE = 0x48;
  static final int DEACTIVATE = 0x49;
  static final int INSTANCE = 0x4b;

  private static final int ALREADY = 0x80;
  private static final int NOT_WITHOUT_ENCRYPTION = 0x84;
  private static final int SOL = 1;
  private static final int PORT = 623;
  private static final int ENCRYPTED_AND_AUTHENTICATED = 0xc0;
  private static final int ENDED = 0x10;
  private static final int OVERRUN = 0x08;
  private static final int HEADER_BYTES = 4;
  private static final int MOST_CHARACTERS = 64;
  private static final int MOST_WAITING = 4096;
  private static final int LAST_NUMBER = 15;

  /** About 10 s: a console on a machine that is busy is no console that is gone. */
  private static final int MOST_TRIES = 500;

  private static final long RETRY_NANOS = Duration.ofMillis(20).toNanos();

  private int session;
  private Optional<SocketAddress> console = Optional.empty();
  private byte[] waiting = {};
  private byte[] outstanding = {};
  private boolean overrun;
  private boolean hangingUp;
  private int number;
  private int status;
  private int tries;
  private long sentAt;
  private int typed;

  /** A payload that is due, and whose session it goes by. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Due(int session, SocketAddress console, byte[] payload) {}

  /** The answer to a command of that session about payloads. */
  byte[] answer(int its, IpmiRequest request) {
    if ((request.at(0) & 0x3f) != SOL || (request.at(1) & 0x0f) != 1) {
      return IpmiCommands.refused(IpmiCommands.INVALID_FIELD);
    }
    return switch (request.command()) {
      case ACTIVATE -> activate(its, request.at(2));
      case DEACTIVATE -> deactivate();
      default -> IpmiWire.join(IpmiCommands.done(), IpmiWire.number(session), new byte[8]);
    };
  }

  private byte[] activate(int its, int auxiliary) {
    if ((auxiliary & ENCRYPTED_AND_AUTHENTICATED) != ENCRYPTED_AND_AUTHENTICATED) {
      return IpmiCommands.refused(NOT_WITHOUT_ENCRYPTION);
    }
    if (session != 0) {
      return IpmiCommands.refused(ALREADY);
    }
    forget();
    session = its;
    int most = MOST_CHARACTERS + HEADER_BYTES;
    return IpmiCommands.done(0, 0, 0, 0, most, 0, most, 0, PORT & 0xff, PORT >> 8, 0xff, 0xff);
  }

  private byte[] deactivate() {
    if (session == 0) {
      return IpmiCommands.refused(ALREADY);
    }
    forget();
    return IpmiCommands.done();
  }

  private void forget() {
    session = 0;
    console = Optional.empty();
    waiting = new byte[0];
    outstanding = new byte[0];
    overrun = false;
    hangingUp = false;
    number = 0;
    tries = 0;
  }

  int session() {
    return session;
  }

  /** The session is over. */
  void ended(int its) {
    if (its == session) {
      forget();
    }
  }

  /** A datagram of that session came from there. */
  void heardFrom(int its, SocketAddress from) {
    if (its == session) {
      console = Optional.of(from);
    }
  }

  /** A console's packet. */
  void heard(int its, ByteBuffer payload) {
    if (its != session || payload.limit() < HEADER_BYTES) {
      return;
    }
    typed += payload.limit() - HEADER_BYTES;
    if ((payload.get(1) & 0x0f) == number && tries > 0) {
      int accepted = Math.min(payload.get(2) & 0xff, outstanding.length);
      waiting =
          IpmiWire.join(Arrays.copyOfRange(outstanding, accepted, outstanding.length), waiting);
      sent();
    }
  }

  private void sent() {
    outstanding = new byte[0];
    tries = 0;
    if ((status & ENDED) != 0) {
      forget();
    }
  }

  /** The machine's port says something; beyond what a BMC keeps it is dropped. */
  void says(byte[] characters) {
    if (session == 0) {
      return;
    }
    int room = Math.min(characters.length, MOST_WAITING - waiting.length);
    waiting = IpmiWire.join(waiting, Arrays.copyOf(characters, room));
    overrun |= room < characters.length;
  }

  /** Ends it once everything has been said. */
  void hangsUp() {
    hangingUp = true;
  }

  /** What is to be sent now, for the first time or again. */
  Optional<Due> due(long now) {
    if (session == 0 || console.isEmpty()) {
      return Optional.empty();
    }
    if (tries > 0 && now - sentAt < RETRY_NANOS) {
      return Optional.empty();
    }
    if (tries >= MOST_TRIES) {
      sent();
    } else if (tries > 0) {
      return Optional.of(payload(now));
    }
    boolean last = hangingUp && waiting.length == 0;
    if (waiting.length == 0 && !overrun && !last) {
      return Optional.empty();
    }
    int length = Math.min(waiting.length, MOST_CHARACTERS);
    outstanding = Arrays.copyOf(waiting, length);
    waiting = Arrays.copyOfRange(waiting, length, waiting.length);
    status = (overrun ? OVERRUN : 0) | (last ? ENDED : 0);
    overrun = false;
    number = number % LAST_NUMBER + 1;
    return Optional.of(payload(now));
  }

  private Due payload(long now) {
    tries++;
    sentAt = now;
    return new Due(
        session,
        console.orElseThrow(),
        IpmiWire.join(IpmiWire.bytes(number, 0, 0, status), outstanding));
  }

  /** Characters that consoles have typed ever. */
  int typed() {
    return typed;
  }
}
