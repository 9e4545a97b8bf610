// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import foundrybot.appliance.lifecycle.Diagnosis;
import java.time.Instant;
import java.util.List;

/**
 * What the page shows of the rack.
 *
 * @param steps the stages of the way, in their order
 * @param nodes in the order of the rack file
 * @param phases of the cluster, in their order; none if it has none
 * @param strangers machines that are not in the rack file
 * @param fault why a changed rack file is not in force; else empty
 * @param brake since when and why stuck nodes are no longer power-cycled; else empty
 * @param appliance what is wrong with the appliance itself; its code is empty where nothing is
 */
public record RackView(
    String cluster,
    List<String> steps,
    List<NodeView> nodes,
    List<Phase> phases,
    List<Stranger> strangers,
    String fault,
    String brake,
    Diagnosis appliance) {
  /** Before anything was looked at. */
  public static final RackView NONE =
      new RackView("", List.of(), List.of(), List.of(), List.of(), "", "", Diagnosis.NONE);

  /**
   * A phase of the cluster and its gate.
   *
   * @param state waiting, running, done or blocked
   * @param need how many of its nodes let the next phase begin
   * @param pending nodes that it is blocked by or waits for
   */
  public record Phase(
      int number, String name, String state, int ready, int need, int of, List<Pending> pending) {
    public Phase {
      pending = List.copyOf(pending);
    }
  }

  /** A node that holds up a phase, and why. */
  public record Pending(String node, String why) {}

  /** A machine that asked to boot and is not in the rack file. */
  public record Stranger(String mac, Instant at, String said) {}

  public RackView {
    steps = List.copyOf(steps);
    nodes = List.copyOf(nodes);
    phases = List.copyOf(phases);
    strangers = List.copyOf(strangers);
  }
}
