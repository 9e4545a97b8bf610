// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.time.Instant;
import java.util.List;

/**
 * A node and what happened to it.
 *
 * @param steps the stages of the way, in their order
 * @param events oldest first
 * @param log what it said itself, oldest first
 * @param bmc what is known of its BMC
 */
public record NodeStory(
    NodeView node, List<String> steps, List<Event> events, List<Line> log, BmcView bmc) {
  /** One line of the journal. */
  public record Event(Instant at, String kind, String detail) {}

  /** One line that the machine sent. */
  public record Line(Instant at, String from, String text) {}

  public NodeStory {
    steps = List.copyOf(steps);
    events = List.copyOf(events);
    log = List.copyOf(log);
  }
}
