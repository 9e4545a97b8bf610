// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is wrong with an IPMI BMC and the network before it. Probabilities are 0..1, of each
 * datagram.
 *
 * @param requests what happens to them on their way
 * @param answers the same
 * @param silent whether nothing at all is answered
 * @param says completion codes that are not earned
 */
public record IpmiFaults(Way requests, Way answers, boolean silent, List<Says> says) {

  /** A BMC in order. */
  public static final IpmiFaults NONE = new IpmiFaults(Way.CLEAR, Way.CLEAR, false, List.of());

  /** For {@link Says#completion()}: no answer. */
  public static final int NOTHING = -1;

  /** For {@link Says#times()}. */
  public static final int ALWAYS = Integer.MAX_VALUE;

  /**
   * One direction of the network.
   *
   * @param lost that a datagram never arrives
   * @param doubled that it arrives twice
   * @param delayed that it arrives later by the delay; of answers only
   */
  public record Way(double lost, double doubled, double delayed, Duration delay) {
    static final Way CLEAR = new Way(0, 0, 0, Duration.ZERO);

    public Way {
      for (double chance : new double[] {lost, doubled, delayed}) {
        if (!(chance >= 0 && chance <= 1)) {
          throw new IllegalArgumentException("probability: " + chance + " (expected: 0..1)");
        }
      }
    }

    private Way losing(double share) {
      return new Way(share, doubled, delayed, delay);
    }

    private Way doubling(double share) {
      return new Way(lost, share, delayed, delay);
    }
  }

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
  }

  /** Loses datagrams of both directions. */
  public IpmiFaults losing(double ofRequests, double ofAnswers) {
    return new IpmiFaults(requests.losing(ofRequests), answers.losing(ofAnswers), silent, says);
  }

  /** Doubles datagrams of both directions. */
  public IpmiFaults doubling(double ofRequests, double ofAnswers) {
    return new IpmiFaults(requests.doubling(ofRequests), answers.doubling(ofAnswers), silent, says);
  }

  public IpmiFaults delaying(double ofAnswers, Duration by) {
    Way late = new Way(answers.lost(), answers.doubled(), ofAnswers, by);
    return new IpmiFaults(requests, late, silent, says);
  }

  /** Answers nothing. */
  public IpmiFaults inSilence() {
    return new IpmiFaults(requests, answers, true, says);
  }

  /** One more; of several for a command the first one counts that has any times left. */
  public IpmiFaults saying(
      int function, int command, int completion, int times, boolean carriedOut) {
    Says one = new Says(function, command, completion, times, carriedOut);
    return new IpmiFaults(
        requests, answers, silent, Stream.concat(says.stream(), Stream.of(one)).toList());
  }
}
