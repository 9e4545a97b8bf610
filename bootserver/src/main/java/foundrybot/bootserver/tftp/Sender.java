// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import java.time.Duration;

/**
 * What one transfer does next, as a state machine without sockets and clocks; times are nanoseconds
 * of any monotonic clock.
 *
 * <pre>
 * state      event                        next       does
 * OFFERED    start                        OFFERED    OACK
 * OFFERED    ACK 0                        SENDING    first window
 * OFFERED    ACK n                        OFFERED    nothing
 * OFFERED    time-out                     OFFERED    OACK again, at most so often; then silence
 * (no OACK)  start                        SENDING    first window
 * SENDING    ACK of the last block        DONE       ends
 * SENDING    ACK of a block in the window SENDING    window behind that block
 * SENDING    ACK of the block before it   SENDING    window &gt; 1: same window, once; else nothing
 * SENDING    any other ACK                SENDING    nothing: no Sorcerer's Apprentice
 * SENDING    time-out                     SENDING    window again, twice the wait
 * any        too long without progress    GIVEN_UP   ends
 * </pre>
 *
 * <p>Blocks are counted from 1 without end; on the wire they are that number modulo 65536, so that
 * 65535 is followed by 0. Resent windows are not used to measure the round trip (Karn).
 */
final class Sender {
  /** What to do now. */
  enum Step {
    NOTHING,
    SEND_OACK,
    SEND_WINDOW,
    DONE,
    GIVE_UP
  }

  /**
   * Times in nanoseconds.
   *
   * @param fixed the client's own wish, or 0
   */
  record Timing(long least, long first, long longest, long giveUp, long fixed, int firstResends) {
    static Timing of(TftpSettings.Limits limits, Negotiation agreed) {
      return new Timing(
          limits.leastTimeout().toNanos(),
          limits.firstTimeout().toNanos(),
          limits.longestTimeout().toNanos(),
          Math.max(limits.giveUp().toNanos(), 5 * fixed(agreed)),
          fixed(agreed),
          limits.firstPacketResends());
    }

    private static long fixed(Negotiation agreed) {
      return agreed.timeout().map(Duration::toNanos).orElse(0L);
    }
  }

  /** At 20 % loss each way so many lost in a row are one in a hundred. */
  private static final int SWALLOWED = 5;

  private static final int OACK_RESENDS = 3;

  private final long lastBlock;
  private final int window;
  private final boolean oack;
  private final Timing timing;

  private boolean offered;
  private boolean answered;
  private long acked;
  private long sent;
  private int resends;
  private boolean gapAnswered;
  private boolean measurable;
  private long sentAt;
  private long progressAt;
  private long deadline;
  private long wait;
  private long smoothed;
  private long variation;
  private long crowd;

  Sender(long lastBlock, int window, boolean oack, Timing timing) {
    this.lastBlock = lastBlock;
    this.window = window;
    this.oack = oack;
    this.timing = timing;
    this.wait = timing.fixed > 0 ? timing.fixed : timing.first;
  }

  Step start(long now) {
    progressAt = now;
    offered = oack;
    return send(now, true);
  }

  /** The first packet once more, because the client repeated its request; bounded by the same. */
  Step again(long now) {
    if (answered || resends >= firstResends()) {
      return Step.NOTHING;
    }
    resends++;
    return send(now, false);
  }

  Step acknowledged(int block, long now) {
    if (offered) {
      if (block != 0) {
        return Step.NOTHING;
      }
      offered = false;
      return progress(0, now);
    }
    long candidate = acked + ((block - acked) & 0xffff);
    if (candidate > sent) {
      return Step.NOTHING;
    }
    if (candidate == acked) {
      // RFC 7440 section 4: the first block of the window was lost. For a window of one it is an
      // old ACK.
      if (window == 1 || gapAnswered) {
        return Step.NOTHING;
      }
      gapAnswered = true;
      answered = true;
      return send(now, false);
    }
    return progress(candidate, now);
  }

  /**
   * How long other transfers may hold up an answer, from now on: what was measured when few were
   * under way says little when hundreds are.
   */
  void crowded(long nanos) {
    crowd = nanos;
  }

  Step timeout(long now) {
    if (now - deadline < 0) {
      return Step.NOTHING;
    }
    if (now - progressAt >= timing.giveUp) {
      return Step.GIVE_UP;
    }
    if (!answered && resends >= firstResends()) {
      // Nothing more goes out, but the client may have the packet, and its ACK was lost each time.
      deadline = progressAt + timing.giveUp;
      return Step.NOTHING;
    }
    resends++;
    if (timing.fixed == 0) {
      wait = Math.min(wait * 2, Math.max(timing.longest, timing.first));
    }
    gapAnswered = false;
    return send(now, false);
  }

  /**
   * An OACK is about as long as the request that it answers, a block of data many times as long.
   */
  private int firstResends() {
    return oack ? OACK_RESENDS * timing.firstResends : timing.firstResends;
  }

  private Step progress(long block, long now) {
    if (measurable && timing.fixed == 0) {
      measure(now - sentAt);
    }
    answered = true;
    acked = block;
    resends = 0;
    gapAnswered = false;
    progressAt = now;
    return acked == lastBlock ? Step.DONE : send(now, true);
  }

  private Step send(long now, boolean fresh) {
    measurable = fresh;
    sentAt = now;
    deadline = now + wait;
    if (offered) {
      return Step.SEND_OACK;
    }
    sent = Math.min(acked + window, lastBlock);
    return Step.SEND_WINDOW;
  }

  /** RFC 6298 section 2, and time for the windows of others. */
  private void measure(long roundTrip) {
    if (smoothed == 0) {
      smoothed = Math.max(roundTrip, 1);
      variation = roundTrip / 2;
    } else {
      variation += (Math.abs(smoothed - roundTrip) - variation) / 4;
      smoothed += (roundTrip - smoothed) / 8;
    }
    wait = Math.clamp(smoothed + 4 * variation + crowd, timing.least, timing.longest);
  }

  /** First block of the window to send. */
  long from() {
    return acked + 1;
  }

  /** Last block of the window to send. */
  long to() {
    return sent;
  }

  long acked() {
    return acked;
  }

  /** Whether the client's address was proved by an answer. */
  boolean answered() {
    return answered;
  }

  /** When the client last got on. */
  long progressAt() {
    return progressAt;
  }

  /**
   * Whether the client's small packets arrive, but none of the first full blocks reached it, again
   * and again: something on the way swallows packets of that size without a word.
   */
  boolean seemsTooWide() {
    return answered && acked == 0 && resends >= SWALLOWED;
  }

  /** Sending was held up by us: the wait and the round trip begin now. */
  void resumed(long now) {
    sentAt = now;
    progressAt = now;
    deadline = now + wait;
  }

  /** When {@link #timeout} is to be called. */
  long deadline() {
    return deadline;
  }
}
