// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.util.function.Function;

/**
 * What the appliance is to reach.
 *
 * @param text what is compared with what
 * @param value of a run
 * @param lowerIsBetter how the bounds are meant
 * @param must what has to hold; NaN without
 * @param best what the best would reach; NaN without
 */
record Goal(
    String text, Function<Results, Spread> value, boolean lowerIsBetter, double must, double best) {

  /** Whether a bound holds, for the median. */
  enum Verdict {
    YES("yes"),
    NO("**no**"),
    UNKNOWN("-");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  Verdict verdict(Spread found, double bound) {
    if (found.isNone() || Double.isNaN(bound)) {
      return Verdict.UNKNOWN;
    }
    boolean holds = lowerIsBetter ? found.median() <= bound : found.median() >= bound;
    return holds ? Verdict.YES : Verdict.NO;
  }

  String bound(double bound) {
    return Double.isNaN(bound) ? "" : (lowerIsBetter ? "<= " : ">= ") + Spread.number(bound);
  }
}
