// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.hardware.Differences;
import foundrybot.appliance.hardware.Inspection;
import foundrybot.appliance.hardware.Inventory;
import foundrybot.appliance.hardware.KeptReports;
import foundrybot.appliance.store.StoreException;
import foundrybot.bootserver.http.HttpAnswer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Keeps what machines say of their hardware, and shows it to operators. */
final class HardwareReports {
  /**
   * What {@code bootserver inspect NODE --show} prints.
   *
   * @param at ISO-8601 instant at which the machine said so
   * @param differences from the rack file, a line each
   */
  public record Inspected(
      String node, String mac, String at, Inventory inventory, List<String> differences) {
    public Inspected {
      differences = List.copyOf(differences);
    }
  }

  private final Fleet fleet;
  private final KeptReports<Inspection> inspections;
  private final InstantSource clock;
  private final Executor blocking;

  HardwareReports(Fleet fleet, Path data, InstantSource clock, Executor blocking) {
    this.fleet = fleet;
    this.inspections = KeptReports.inspections(data);
    this.clock = clock;
    this.blocking = blocking;
  }

  /**
   * Keeps what a machine is made of.
   *
   * @return completes when that is on the disk
   */
  CompletionStage<Void> keep(Node node, Inventory found) {
    String at = clock.instant().toString();
    return CompletableFuture.runAsync(
        () -> {
          try {
            inspections.keep(node.mac(), new Inspection(at, found));
          } catch (IOException e) {
            throw unwritten("inspections", e);
          }
        },
        blocking);
  }

  private static StoreException unwritten(String what, IOException problem) {
    return new StoreException(
        what + ": cannot be written (" + problem.getMessage() + "); is the disk full or read-only?",
        problem);
  }

  /** What a node's machine is made of; 422 if nobody knows. */
  HttpAnswer inspected(Node node) {
    Optional<Inspection> last;
    try {
      last = inspections.of(node.mac());
    } catch (IOException e) {
      return Answers.text(422, e.getMessage() + "\n", "api: inventory unreadable");
    }
    return last.map(it -> Answers.json(inspected(node, it), "api: inventory"))
        .orElseGet(
            () ->
                Answers.text(
                    422,
                    node.name()
                        + ": was never inspected ('bootserver inspect "
                        + node.name()
                        + "' does that)\n",
                    "api: no inventory"));
  }

  private Inspected inspected(Node node, Inspection last) {
    return new Inspected(
        node.name(),
        node.mac().toString(),
        last.at(),
        last.inventory(),
        Differences.of(
            node,
            last.inventory(),
            told -> !fleet.state(node.mac()).identity().fits(told)));
  }
}
