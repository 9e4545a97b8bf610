// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.mesh.GateReport.Outcome;
import java.util.List;

/** What came of a node's report of its checks. */
public sealed interface GateReading permits GateReading.Heard, Verdict.Refused {
  /** It is that node's own, and of now. */
  record Heard(List<Outcome> outcomes) implements GateReading {
    public Heard {
      outcomes = List.copyOf(outcomes);
    }
  }
}
