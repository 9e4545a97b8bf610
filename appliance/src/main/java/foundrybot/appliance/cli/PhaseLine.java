// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.Pending;
import foundrybot.appliance.FleetStatus.PhaseStatus;
import java.util.List;
import java.util.stream.Collectors;

/** A phase in one line: {@code phase 2/5 control-plane: BLOCKED by cp-2 (...)}. */
final class PhaseLine {
  private static final int MOST_NAMED = 3;

  private PhaseLine() {}

  static String of(PhaseStatus phase, FleetStatus status) {
    String head =
        "phase " + phase.number() + "/" + status.phases().size() + " " + phase.name() + ": ";
    String ready = phase.ready() + " of " + phase.of() + " ready";
    if (phase.ready() < phase.need() && phase.need() < phase.of()) {
      ready += ", needs " + phase.need();
    }
    if (!phase.blockedBy().isEmpty()) {
      return head + "BLOCKED by " + named(phase.blockedBy()) + "; " + ready;
    }
    String waits = phase.waitsFor().isEmpty() ? "" : "; waits for " + named(phase.waitsFor());
    return head + phase.state() + ", " + ready + waits;
  }

  private static String named(List<Pending> nodes) {
    String some =
        nodes.stream()
            .limit(MOST_NAMED)
            .map(it -> it.node() + " (" + BmcOfNode.shown(it.why()) + ")")
            .collect(Collectors.joining(", "));
    int more = nodes.size() - MOST_NAMED;
    return more > 0 ? some + " and " + more + " more" : some;
  }
}
