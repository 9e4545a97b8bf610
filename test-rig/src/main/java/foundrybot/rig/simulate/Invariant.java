// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

/** What must hold at every moment of a simulation; each is looked at after each step. */
enum Invariant {
  INSTALLED_ONCE("no node is installed twice in a run"),
  SECRET_IN_WINDOW("no secret is handed out before a node was deployed, or an hour after it moved"),
  BUNDLE_IN_TIME(
      "no bundle of the mesh is handed to a token before its disk is finished, or once it"
          + " enrolled"),
  SECRET_TO_ONE("no secret is handed to two machines, and none to another node's"),
  STAGE_FORWARD("a node's stage never goes back within an attempt"),
  STUCK_EXPLAINED("every stuck node has a diagnosis: code, evidence, and what to do"),
  DIAGNOSIS_NAMES_FAULT("the diagnosis of a stuck node names the fault that it has"),
  LAST_WORD_NAMES_FAULT(
      "the last diagnosis of a node that does not arrive names the fault that it has"),
  NO_FALSE_ALARM(
      "no node without a fault has a diagnosis for longer than a moment, and none at the end"),
  ADDRESS_TO_ONE("no address is acknowledged to two machines at the same time"),
  LAST_LINES_SHOWN("where an installer is silent, its last line that arrived is shown"),
  ACKNOWLEDGED_KEPT(
      "nothing is acknowledged that the journal could not take, or does not have after a kill"),
  REPLAY_EQUALS("the state after a crash and replay is the state before it"),
  HEALTHY_ARRIVE("every node without a fault reaches the goal"),
  NOTHING_BREAKS("no thread of the appliance ends with an exception");

  private final String words;

  Invariant(String words) {
    this.words = words;
  }

  /** The sentence that holds. */
  String words() {
    return words;
  }

  /** Fails a simulation. */
  static final class Violated extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Invariant invariant;

    Violated(Invariant invariant, String how) {
      super(invariant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + ": " + how);
      this.invariant = invariant;
    }

    Invariant invariant() {
      return invariant;
    }
  }
}
