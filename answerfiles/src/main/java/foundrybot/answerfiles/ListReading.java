// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;

/** What came of importing a plain list: a rack file's text, or everything wrong with the list. */
public sealed interface ListReading {
  /** A rack file, with a comment at each place that the user has to fill in. */
  record Converted(String yaml) implements ListReading {}

  /** A list that cannot be turned into a rack file; the faults are in the order of the list. */
  record Invalid(List<Fault> faults) implements ListReading {
    public Invalid {
      faults = List.copyOf(faults);
      if (faults.isEmpty()) {
        throw new IllegalArgumentException("faults: none (expected: at least one)");
      }
    }
  }
}
