// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Outages;
import foundrybot.appliance.store.Unwritten;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a time in which the journal could not be written costs no node what was left to
 * it: when it began is kept beside the journal, which ends the appliance then; who starts knows it
 * at once; and the first thing after what can be written again is the fact that it is over.
 */
final class Outage {
  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

  private final Unwritten unwritten;
  private final InstantSource clock;
  private final Optional<Instant> since;
  private final AtomicBoolean told;

  /** Where the facts go; empty before there is a journal. */
  private volatile Optional<FlightRecorder> recorder = Optional.empty();

  private Outage(Unwritten unwritten, InstantSource clock) {
    this.unwritten = unwritten;
    this.clock = clock;
    this.since = unwritten.since();
    this.told = new AtomicBoolean(since.isEmpty());
  }

  /** Tells the fleet of one that was not over yet. */
  static Outage of(Path data, Fleet fleet, InstantSource clock) {
    Outage outage = new Outage(Unwritten.of(data), clock);
    outage.since.ifPresent(from -> fleet.interrupted(from, clock.instant()));
    return outage;
  }

  /** From now on facts can be recorded. */
  void into(FlightRecorder facts) {
    recorder = Optional.of(facts);
  }

  /** The journal was refused by its disk. */
  void begins() {
    if (!unwritten.began(clock.instant())) {
      LOG.warn("the time of this outage will count for the nodes: it could not be kept");
    }
  }

  /** A fact is durable, so that others can be. */
  void wasWritten() {
    Optional<FlightRecorder> facts = recorder;
    if (facts.isEmpty() || !told.compareAndSet(false, true)) {
      return;
    }
    Instant from = since.orElseThrow();
    LOG.warn("the journal can be written again; it could not since {}", from);
    var _ =
        facts
            .get()
            .record(FactKind.FLEET_OUTAGE.text(), Outages.detail(from))
            .thenRun(unwritten::over);
  }
}
