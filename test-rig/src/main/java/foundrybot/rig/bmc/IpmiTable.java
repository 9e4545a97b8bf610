// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The sessions of a BMC, those that are being opened among them, each under the BMC's number. */
final class IpmiTable {
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final int OPEN_BYTES = 32;
  private static final int HIGHEST_LEVEL = 4;

  private final IpmiResponder.Setup setup;
  private final byte[] guid;
  private final SecureRandom random = new SecureRandom();
  private final Map<Integer, IpmiLogin> logins = new HashMap<>();
  private int opened;
  private int refused;

  IpmiTable(IpmiResponder.Setup setup, byte[] guid) {
    this.setup = setup;
    this.guid = guid;
  }

  /** The Open Session Response to a request (IPMI 2.0, 13.17, 13.18). */
  Optional<byte[]> open(ByteBuffer request) {
    if (request.limit() < OPEN_BYTES) {
      return Optional.empty();
    }
    int tag = request.get(0);
    int level = request.get(1) & 0x0f;
    int console = request.getInt(4);
    for (IpmiLogin login : logins.values()) {
      Optional<byte[]> again = login.console() == console ? login.again(request) : Optional.empty();
      if (again.isPresent()) {
        return again;
      }
    }
    if (console == 0) {
      return Optional.of(IpmiLogin.refusal(tag, IpmiLogin.UNKNOWN_SESSION, console));
    }
    Optional<IpmiSuite> suite =
        IpmiSuite.fitting(
            setup.access().known(),
            algorithm(request, 8),
            algorithm(request, 16),
            algorithm(request, 24));
    if (suite.isEmpty()) {
      return Optional.of(IpmiLogin.refusal(tag, setup.access().suiteStatus(), console));
    }
    dropIdle();
    if (logins.size() >= setup.access().mostSessions()) {
      return Optional.of(IpmiLogin.refusal(tag, IpmiLogin.NO_ROOM, console));
    }
    int number = freeNumber();
    IpmiLogin login = new IpmiLogin(setup, guid, console, number, suite.get(), random);
    logins.put(number, login);
    return Optional.of(login.opened(request, level == 0 ? HIGHEST_LEVEL : level));
  }

  /** A record of length zero leaves it to the BMC (table 13-9). */
  private static int algorithm(ByteBuffer request, int at) {
    return request.get(at + 3) == 0 ? -1 : request.get(at + 4) & 0x3f;
  }

  private int freeNumber() {
    int number = random.nextInt();
    while (number == 0 || logins.containsKey(number)) {
      number = random.nextInt();
    }
    return number;
  }

  private void dropIdle() {
    Instant limit = setup.clock().instant().minus(IDLE);
    logins.values().removeIf(login -> login.lastHeard().isBefore(limit));
  }

  /** The answer to RAKP message 1 or 3. */
  Optional<byte[]> rakp(int type, ByteBuffer payload) {
    if (payload.limit() < 8) {
      return Optional.empty();
    }
    int number = payload.getInt(4);
    IpmiLogin login = logins.get(number);
    if (login == null) {
      return Optional.of(IpmiLogin.refusal(payload.get(0), IpmiLogin.UNKNOWN_SESSION, 0));
    }
    Optional<byte[]> again = login.again(payload);
    if (again.isPresent()) {
      return again;
    }
    boolean first = type == IpmiWire.RAKP_1;
    Optional<byte[]> answer = first ? login.challenge(payload) : login.prove(payload);
    if (!first && answer.isPresent()) {
      opened += login.session().isPresent() ? 1 : 0;
    }
    if (login.over() || (answer.isPresent() && answer.get()[1] != 0)) {
      refused++;
      logins.remove(number);
    }
    return answer;
  }

  /** The session of that number, if its console has logged in. */
  Optional<IpmiSession> session(int number) {
    IpmiLogin login = logins.get(number);
    return login == null ? Optional.empty() : login.session();
  }

  void close(int number) {
    logins.remove(number);
  }

  /** Sessions opened ever. */
  int opened() {
    return opened;
  }

  /** Log-ins refused. */
  int refused() {
    return refused;
  }

  /** Sessions and log-ins now. */
  int size() {
    return logins.size();
  }
}
