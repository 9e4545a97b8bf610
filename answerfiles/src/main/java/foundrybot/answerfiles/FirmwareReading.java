// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;

/** What came of reading a firmware table: its rows, or everything that is wrong with the file. */
public sealed interface FirmwareReading {
  /** Rows in the order of the file. */
  record Valid(List<FirmwareRule> rules) implements FirmwareReading {
    public Valid {
      rules = List.copyOf(rules);
    }
  }

  /** A table that must not be used; the faults are in the order of the file. */
  record Invalid(List<Fault> faults) implements FirmwareReading {
    public Invalid {
      faults = List.copyOf(faults);
      if (faults.isEmpty()) {
        throw new IllegalArgumentException("faults: none (expected: at least one)");
      }
    }
  }
}
