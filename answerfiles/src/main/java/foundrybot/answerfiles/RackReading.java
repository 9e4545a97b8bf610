// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;

/** What came of reading a rack file: the rack, or everything that is wrong with the file. */
public sealed interface RackReading {
  /** A rack file in which nothing is wrong. */
  record Valid(RackFile rack) implements RackReading {}

  /** A rack file that must not be used; the faults are in the order of the file. */
  record Invalid(List<Fault> faults) implements RackReading {
    public Invalid {
      faults = List.copyOf(faults);
      if (faults.isEmpty()) {
        throw new IllegalArgumentException("faults: none (expected: at least one)");
      }
    }
  }
}
