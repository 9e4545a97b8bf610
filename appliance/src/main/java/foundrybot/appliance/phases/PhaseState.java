// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.phases;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where one phase stands.
 *
 * @param number counted from 1, among the phases whose roles the rack has
 * @param ready nodes that are enrolled and pass their checks
 * @param need how many of them let the next phase begin
 * @param of all nodes of its roles
 * @param pending nodes that it waits for, of which something is known, and what; of a blocked one
 *     those that block it
 * @param doneAt when it came to be done; empty if it is not
 */
public record PhaseState(
    int number,
    String name,
    Standing standing,
    int ready,
    int need,
    int of,
    List<Pending> pending,
    Optional<Instant> doneAt) {
  /** How it goes. */
  public enum Standing {
    /** One before it is not done. */
    WAITING,
    RUNNING,
    /** Enough of its nodes are ready, and all before it are done. */
    DONE,
    /** So many nodes are stuck or late that the others are not enough. */
    BLOCKED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A node that is not ready, and why. */
  public record Pending(String node, String why) {}

  public PhaseState {
    pending = List.copyOf(pending);
  }

  /** Whether its nodes may begin with what they are for. */
  public boolean isOpen() {
    return standing != Standing.WAITING;
  }
}
