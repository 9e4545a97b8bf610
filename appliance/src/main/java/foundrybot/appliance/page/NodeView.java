// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import foundrybot.appliance.lifecycle.Diagnosis;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/**
 * What the page shows of one node.
 *
 * @param stage how far it is, as people write it
 * @param step the place of its stage on the way, from 0; -1 for one beside the way
 * @param condition how that goes, as people write it
 * @param arrived whether it is at the goal
 * @param since when it came to its stage
 * @param evidence the last thing heard of it
 * @param diagnosis why it is stuck or waits, and what to do
 * @param power how far switching it on is, and what was said there last
 * @param purpose what it is booted for while its run waits, such as rescue; empty in a run
 * @param access how the machine in rescue is reached; else empty
 * @param place where it is mounted, if the rack file says so
 * @param bmc where its BMC is; empty if it has none
 * @param progress how far it is in numbers
 */
public record NodeView(
    String name,
    String mac,
    String role,
    String profile,
    String stage,
    int step,
    String condition,
    boolean arrived,
    Instant since,
    String evidence,
    Instant evidenceAt,
    int run,
    int attempt,
    Diagnosis diagnosis,
    String power,
    String powerSaid,
    String purpose,
    String access,
    Optional<Place> place,
    String bmc,
    Progress progress) {
  /** Where it is, in words: also what a machine on its way to something else is booted for. */
  String standing() {
    return purpose.isEmpty() || step < 0 ? stage : purpose + ": " + stage;
  }

  /** The same with how far its installer is, where that is known. */
  String standingInNumbers() {
    return progress.percent() < 0 ? standing() : standing() + " " + progress.percent() + " %";
  }

  /** Whether the machine is out of its run at this moment, and that goes well. */
  boolean isAside() {
    return !purpose.isEmpty() && !condition.equals("stuck");
  }

  /** Whether it is being installed, or on its way to enrolling, and that goes well. */
  boolean isUnderWay() {
    boolean moves = condition.equals("ok") || condition.equals("retrying");
    return moves && purpose.isEmpty() && step > 0 && !arrived;
  }

  /** The same with the BMC where it is known to be, also one that stands in no rack file. */
  public NodeView with(Optional<URI> place) {
    return new NodeView(
        name,
        mac,
        role,
        profile,
        stage,
        step,
        condition,
        arrived,
        since,
        evidence,
        evidenceAt,
        run,
        attempt,
        diagnosis,
        power,
        powerSaid,
        purpose,
        access,
        this.place,
        place.map(URI::toString).orElse(""),
        progress);
  }

  /**
   * Where a machine is mounted.
   *
   * @param rack the cabinet's name
   * @param unit the lowest unit that it takes, counted from the floor
   */
  public record Place(String rack, int unit) {}
}
