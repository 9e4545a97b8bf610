// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.hardware.Erased;
import foundrybot.appliance.hardware.Erasure;
import foundrybot.appliance.hardware.Inspection;
import foundrybot.appliance.hardware.Inventory;
import foundrybot.appliance.lifecycle.EraseOrder;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.store.StoreException;
import foundrybot.bootserver.http.HttpAnswer;
import java.io.IOException;
import java.time.Instant;
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

  /**
   * What {@code bootserver erase NODE --show} prints.
   *
   * @param at ISO-8601 instant at which the machine reported
   * @param fault why that is no proof; empty if it is one
   * @param still whether nothing was begun with the machine since
   */
  public record ErasedNode(
      String node, String mac, String at, String fault, boolean still, Erasure report) {}

  private final Fleet fleet;
  private final KeptHardware kept;
  private final InstantSource clock;
  private final Executor blocking;

  HardwareReports(Fleet fleet, KeptHardware kept, InstantSource clock, Executor blocking) {
    this.fleet = fleet;
    this.kept = kept;
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
            kept.inspections().keep(node.mac(), new Inspection(at, found));
          } catch (IOException e) {
            throw unwritten("inspections", e);
          }
        },
        blocking);
  }

  /**
   * Keeps what a machine has overwritten, unless the order is over, or this is no proof and there
   * is one.
   *
   * @param fault why it is no proof
   * @return whether that is on the disk; completes when it is
   */
  CompletionStage<Boolean> keep(
      Node node, EraseOrder order, Erasure found, Optional<String> fault) {
    Instant at = clock.instant();
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return kept.erasures()
                .keepInPlaceOf(
                    node.mac(),
                    new Erased(at.toString(), fault.orElse(""), found),
                    last -> isAtWork(node, order) && (fault.isEmpty() || !isProof(last, order)));
          } catch (IOException e) {
            throw unwritten("erasures", e);
          }
        },
        blocking);
  }

  private boolean isAtWork(Node node, EraseOrder order) {
    NodeState now = fleet.state(node.mac());
    return now.stage() == Stage.ERASING && now.eraseOrder().equals(Optional.of(order));
  }

  /** It lies here before it is in the journal. */
  private static boolean isProof(Optional<Erased> last, EraseOrder order) {
    return last.filter(it -> it.fault().isEmpty())
        .filter(it -> !Instant.parse(it.at()).isBefore(order.at()))
        .isPresent();
  }

  /** What came of a node's last erasure; 422 if there was none that reported. */
  HttpAnswer erased(Node node) {
    try {
      return kept.erased(node)
          .map(it -> Answers.json(it, "api: erasure"))
          .orElseGet(
              () ->
                  Answers.text(
                      422, node.name() + ": no erasure of it has reported\n", "api: no erasure"));
    } catch (IOException e) {
      return Answers.text(422, e.getMessage() + "\n", "api: erasure unreadable");
    }
  }

  private static StoreException unwritten(String what, IOException problem) {
    return new StoreException(
        what + ": cannot be written (" + problem.getMessage() + "); is the disk full or read-only?",
        problem);
  }

  /** What a node's machine is made of; 422 if nobody knows. */
  HttpAnswer inspected(Node node) {
    try {
      return kept.inspected(node)
          .map(it -> Answers.json(it, "api: inventory"))
          .orElseGet(
              () ->
                  Answers.text(
                      422,
                      node.name()
                          + ": was never inspected ('bootserver inspect "
                          + node.name()
                          + "' does that)\n",
                      "api: no inventory"));
    } catch (IOException e) {
      return Answers.text(422, e.getMessage() + "\n", "api: inventory unreadable");
    }
  }
}
