// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.rig.simulate.Invariant.Violated;
import java.util.Optional;
import java.util.Set;

/**
 * Where a node is when the run is over, and whether that is right.
 *
 * @param fault that made itself felt; empty: nothing is wrong with it
 * @param isThere whether it is at the goal
 * @param mayFailYet whether its fault shows only there
 * @param isUnheardOf whether the appliance waits for people to switch it on, and nothing has told
 *     it that they have
 * @param isFalse whether what is said of it now is said of a machine with which nothing is wrong
 * @param right codes of the diagnoses that name its fault
 * @param wasNamed whether one of these was said of it at any time
 * @param lastWord code of the last diagnosis but for that it is held; empty: it is on its way again
 * @param said what the appliance says of it, in words
 * @param doing what the machine does, in words
 */
record End(
    String node,
    Optional<Fault> fault,
    boolean isThere,
    boolean mayFailYet,
    boolean isUnheardOf,
    boolean isFalse,
    Set<String> right,
    boolean wasNamed,
    String lastWord,
    String said,
    String doing) {

  /**
   * Fails where it is not as it should be.
   *
   * @throws Violated naming the invariant
   */
  void judge() {
    if (fault.isEmpty() && !isThere) {
      throw new Violated(
          Invariant.HEALTHY_ARRIVE, node + " has not arrived (" + doing + "): " + said);
    }
    if (isFalse) {
      throw new Violated(
          Invariant.NO_FALSE_ALARM,
          node + " has no fault, and at the end the appliance says " + said);
    }
    if (fault.isPresent() && (!isThere || mayFailYet) && !isUnheardOf) {
      named(fault.get());
    }
  }

  private void named(Fault felt) {
    String expected = node + " has " + felt + " (expected: " + right + "), and ";
    if (!wasNamed) {
      throw new Violated(Invariant.DIAGNOSIS_NAMES_FAULT, expected + "the appliance says " + said);
    }
    if (!lastWord.isEmpty() && !right.contains(lastWord)) {
      throw new Violated(
          Invariant.LAST_WORD_NAMES_FAULT,
          expected + "the last that the appliance said is " + lastWord + "; now: " + said);
    }
  }
}
