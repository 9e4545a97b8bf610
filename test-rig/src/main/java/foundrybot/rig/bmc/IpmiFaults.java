// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is wrong with an IPMI BMC and the network before it. Probabilities are 0..1, of each
 * datagram.
 *
 * @param lostRequests that a request never arrives
 * @param doubledRequests that it arrives twice
 * @param lostAnswers that an answer never arrives
 * @param doubledAnswers that it arrives twice
 * @param delayedAnswers that it arrives later by the delay
 * @param silent whether nothing at all is answered
 * @param says completion codes that are not earned
 */
public record IpmiFaults(
    double lostRequests,
    double doubledRequests,
    double lostAnswers,
    double doubledAnswers,
    double delayedAnswers,
    Duration delay,
    boolean silent,
    List<Says> says) {

  /** A BMC in order. */
  public static final IpmiFaults NONE =
      new IpmiFaults(0, 0, 0, 0, 0, Duration.ZERO, false, List.of());

  /** For {@link Says#completion()}: no answer. */
  public static final int NOTHING = -1;

  /** For {@link Says#times()}. */
  public static final int ALWAYS = Integer.MAX_VALUE;

  /**
   * What is answered to a command instead.
   *
   * @param function network function of the request: 0x00 chassis, 0x06 application, 0x0a storage
   * @param completion a byte, or {@link #NOTHING}
   * @param times how often, from the first one on
   * @param carriedOut whether it is done all the same
   */
  public record Says(int function, int command, int completion, int times, boolean carriedOut) {
    public Says {
      if (completion < NOTHING || completion > 0xff) {
        throw new IllegalArgumentException(
            "completion code: " + completion + " (expected: 0..255, or -1 for no answer)");
      }
    }
  }

  public IpmiFaults {
    says = List.copyOf(says);
    for (double chance :
        new double[] {lostRequests, doubledRequests, lostAnswers, doubledAnswers, delayedAnswers}) {
      if (!(chance >= 0 && chance <= 1)) {
        throw new IllegalArgumentException("probability: " + chance + " (expected: 0..1)");
      }
    }
  }

  /** Loses datagrams of both directions. */
  public IpmiFaults losing(double requests, double answers) {
    return new IpmiFaults(
        requests, doubledRequests, answers, doubledAnswers, delayedAnswers, delay, silent, says);
  }

  /** Doubles datagrams of both directions. */
  public IpmiFaults doubling(double requests, double answers) {
    return new IpmiFaults(
        lostRequests, requests, lostAnswers, answers, delayedAnswers, delay, silent, says);
  }

  public IpmiFaults delaying(double answers, Duration by) {
    return new IpmiFaults(
        lostRequests, doubledRequests, lostAnswers, doubledAnswers, answers, by, silent, says);
  }

  /** Answers nothing. */
  public IpmiFaults inSilence() {
    return new IpmiFaults(
        lostRequests,
        doubledRequests,
        lostAnswers,
        doubledAnswers,
        delayedAnswers,
        delay,
        true,
        says);
  }

  /** One more; of several for a command the first one counts that has any times left. */
  public IpmiFaults saying(
      int function, int command, int completion, int times, boolean carriedOut) {
    Says one = new Says(function, command, completion, times, carriedOut);
    return new IpmiFaults(
        lostRequests,
        doubledRequests,
        lostAnswers,
        doubledAnswers,
        delayedAnswers,
        delay,
        silent,
        Stream.concat(says.stream(), Stream.of(one)).toList());
  }
}
