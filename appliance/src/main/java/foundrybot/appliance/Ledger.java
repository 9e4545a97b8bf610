// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.lifecycle.DecidingFacts;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.GateKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.mesh.MeshBook;
import foundrybot.appliance.store.Store;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Brings what the journal proves to those who know by it where machines stand: all of it at the
 * start, and then each fact when it is durable. An appliance with threads and one that is driven
 * have no other way to it, so what a simulation replays is what a restart replays.
 */
final class Ledger {
  private final Fleet fleet;
  private final MeshBook book = new MeshBook();
  private final Outage outage;
  private volatile Optional<Expulsion> expulsion = Optional.empty();

  private Ledger(Fleet fleet, Outage outage) {
    this.fleet = fleet;
    this.outage = outage;
  }

  /** Where the journal of that store ends. */
  static Ledger of(Fleet fleet, Store store, Path data, Clock clock) {
    store.replay(DecidingFacts.kinds(), fleet::apply);
    store.replay(GateKind.texts(), fleet::apply);
    Ledger ledger = new Ledger(fleet, Outage.of(data, fleet, clock));
    store.replay(MeshBook.KINDS, ledger.book::apply);
    return ledger;
  }

  MeshBook book() {
    return book;
  }

  /** From now on facts can be recorded. */
  void into(FlightRecorder recorder) {
    outage.into(recorder);
  }

  /** From now on what follows from a quarantine is done; what a kill has interrupted at once. */
  void expelling(Expulsion expelling) {
    expelling.begin();
    expulsion = Optional.of(expelling);
  }

  /**
   * A fact is durable.
   *
   * @param moved is told where a machine stood before it and after it
   */
  void apply(Fact fact, BiConsumer<NodeState, NodeState> moved) {
    if (!book.apply(fact)) {
      fleet.apply(fact, moved);
    }
    expulsion.ifPresent(it -> it.heard(fact));
    outage.wasWritten();
  }

  /** The journal was refused by its disk. */
  void refused() {
    outage.begins();
  }
}
