// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;

/** What came of reading a profile's folder: the profile, or all that is wrong with its files. */
public sealed interface ProfileReading {
  /** A profile in which nothing is wrong as far as can be told without a node. */
  record Valid(Profile profile) implements ProfileReading {}

  /** A profile that must not be used; the faults are in the order of its files. */
  record Invalid(List<Fault> faults) implements ProfileReading {
    public Invalid {
      faults = List.copyOf(faults);
      if (faults.isEmpty()) {
        throw new IllegalArgumentException("faults: none (expected: at least one)");
      }
    }
  }
}
