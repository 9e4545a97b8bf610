// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.sntp;

import java.net.Inet4Address;

/** What we say about our own clock (RFC 4330 section 4). */
public sealed interface TimeQuality {
  /**
   * A clock to go by.
   *
   * @param stratum how far from a reference clock, 2..15; clients prefer the lower one
   * @param source the address it is set from; 127.127.1.0 for a clock that runs by itself
   * @param leap what the last minute of this day holds
   */
  record Synchronised(int stratum, Inet4Address source, Leap leap) implements TimeQuality {
    public Synchronised {
      if (stratum < 2 || stratum > 15) {
        throw new IllegalArgumentException("stratum: " + stratum + " (expected: 2..15)");
      }
    }
  }

  /** A clock that nobody should go by: leap indicator 3, stratum 0, kiss code INIT. */
  record Unsynchronised() implements TimeQuality {}

  /** Leap second warnings. */
  enum Leap {
    NONE(0),
    LAST_MINUTE_HAS_61_SECONDS(1),
    LAST_MINUTE_HAS_59_SECONDS(2);

    private final int indicator;

    Leap(int indicator) {
      this.indicator = indicator;
    }

    int indicator() {
      return indicator;
    }
  }

  /**
   * An offline rack's own time: all machines agree, and any real time server is preferred.
   *
   * @param stratum 2..15
   */
  static TimeQuality ownClock(int stratum) {
    return new Synchronised(stratum, Inet4Address.ofLiteral("127.127.1.0"), Leap.NONE);
  }
}
