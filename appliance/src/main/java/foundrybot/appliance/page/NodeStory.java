// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import foundrybot.appliance.lifecycle.Diagnosis;
import java.time.Instant;
import java.util.List;

/**
 * A node and what happened to it.
 *
 * @param steps the stages of the way, in their order
 * @param events oldest first
 * @param log what it said itself, oldest first
 * @param bmc what is known of its BMC
 * @param appliance what is wrong with the appliance itself; its code is empty where nothing is
 * @param reported what its machine said of its hardware
 */
public record NodeStory(
    NodeView node,
    List<String> steps,
    List<Event> events,
    List<Line> log,
    BmcView bmc,
    Diagnosis appliance,
    List<Reported> reported) {
  /** One line of the journal. */
  public record Event(Instant at, String kind, String detail) {}

  /** One line that the machine sent. */
  public record Line(Instant at, String from, String text) {}

  public NodeStory {
    steps = List.copyOf(steps);
    events = List.copyOf(events);
    log = List.copyOf(log);
    reported = List.copyOf(reported);
  }

  /** Of a machine that was neither inspected nor erased. */
  public NodeStory(
      NodeView node,
      List<String> steps,
      List<Event> events,
      List<Line> log,
      BmcView bmc,
      Diagnosis appliance) {
    this(node, steps, events, log, bmc, appliance, List.of());
  }
}
