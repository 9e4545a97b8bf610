// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.TimeServer;
import foundrybot.bootserver.sntp.TimeQuality;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * What the appliance says of its own clock: no more than it knows. A clock that runs by itself has
 * a stratum so high that any other time server is preferred.
 */
final class OwnClock implements Supplier<TimeQuality> {
  /**
   * Touched by systemd-timesyncd whenever it has heard from its server, each 34 minutes or less.
   */
  static final Path TIMESYNCD = Path.of("/run/systemd/timesync/synchronized");

  private static final int BY_ITSELF = 10;
  private static final int SET = 5;
  private static final Duration FRESH = Duration.ofHours(2);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(15);

  /** No clock that is set stands before the program was written. */
  private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

  private record Seen(Instant at, boolean set) {}

  private final TimeServer mode;
  private final Inet4Address self;
  private final Clock clock;
  private final Path mark;
  private volatile Seen seen = new Seen(Instant.MIN, false);

  OwnClock(TimeServer mode, Inet4Address self, Clock clock, Path mark) {
    this.mode = mode;
    this.self = self;
    this.clock = clock;
    this.mark = mark;
  }

  @Override
  public TimeQuality get() {
    Instant now = clock.instant();
    if (now.isBefore(EARLIEST)) {
      return new TimeQuality.Unsynchronised();
    }
    return mode == TimeServer.SYNCHRONISED || isSet(now)
        ? new TimeQuality.Synchronised(SET, self, TimeQuality.Leap.NONE)
        : TimeQuality.ownClock(BY_ITSELF);
  }

  private boolean isSet(Instant now) {
    Seen last = seen;
    if (now.isBefore(last.at().plus(LOOK_AGAIN)) && !now.isBefore(last.at())) {
      return last.set();
    }
    boolean set;
    try {
      Instant touched = Files.getLastModifiedTime(mark).toInstant();
      set = now.isBefore(touched.plus(FRESH));
    } catch (IOException e) {
      set = false;
    }
    seen = new Seen(now, set);
    return set;
  }
}
