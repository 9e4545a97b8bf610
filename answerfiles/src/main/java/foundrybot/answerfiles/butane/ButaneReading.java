// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import java.util.List;

/** What became of an input. */
public sealed interface ButaneReading {
  /** It was translated. */
  record Valid(ButaneInput input) implements ButaneReading {}

  /** It has faults; at least one. */
  record Invalid(List<Trouble> troubles) implements ButaneReading {
    public Invalid {
      troubles = List.copyOf(troubles);
    }
  }
}
