// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who is logged in: few at a time, and not for ever. */
final class Sessions {
  private static final int MOST_REMEMBERED = 1000;

  private final int most;
  private final Duration timeout;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Session> byToken = new LinkedHashMap<>();
  private final Deque<String> issued = new ArrayDeque<>();
  private int opened;

  /** One log-in. */
  record Session(String id, String token, Instant lastUsed) {}

  Sessions(int most, Duration timeout, InstantSource clock) {
    this.most = most;
    this.timeout = timeout;
    this.clock = clock;
  }

  /** A new one; empty when all are taken. */
  Optional<Session> open() {
    expire();
    if (byToken.size() >= most) {
      return Optional.empty();
    }
    byte[] token = new byte[16];
    random.nextBytes(token);
    opened++;
    Session session =
        new Session(Integer.toString(opened), HexFormat.of().formatHex(token), clock.instant());
    byToken.put(session.token(), session);
    issued.add(session.token());
    if (issued.size() > MOST_REMEMBERED) {
      issued.removeFirst();
    }
    return Optional.of(session);
  }

  /** Whether the token is good; it then is for another time-out. */
  boolean isOpen(String token) {
    expire();
    return byToken.computeIfPresent(
            token, (key, session) -> new Session(session.id(), token, clock.instant()))
        != null;
  }

  boolean close(String id) {
    return byToken.values().removeIf(session -> session.id().equals(id));
  }

  /** As after a restart of the BMC. */
  void forget(String token) {
    byToken.remove(token);
  }

  List<String> ids() {
    expire();
    return byToken.values().stream().map(Session::id).toList();
  }

  /** The newest tokens, also of sessions that have ended. */
  List<String> issued() {
    return List.copyOf(issued);
  }

  /** How many were ever opened. */
  int opened() {
    return opened;
  }

  private void expire() {
    Instant oldest = clock.instant().minus(timeout);
    byToken.values().removeIf(session -> session.lastUsed().isBefore(oldest));
  }
}
