// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.Allowances.Source;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.store.Journal;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the wire saw into facts of the journal, as far as the {@link Allowances} of its
 * machine go; there is one for all strangers together.
 */
final class FlightRecorder implements WireObserver {
  private static final Logger LOG = LoggerFactory.getLogger(FlightRecorder.class);
  private static final int MAX_SAID = 200;

  /** How the labels of the package mirror's answers begin. */
  static final String MIRROR = "mirror ";

  /** The label for a file that the mirror does not have: evidence, but no progress. */
  static final String NOT_IN_MIRROR = MIRROR + "file that is not there";

  /** Before the kind of a fact of a machine outside the plan: it moves no node, now or later. */
  private static final String STRANGER = "stranger.";

  private final Journal journal;
  private final Fleet fleet;
  private final Clock clock;
  private final Allowances allowances;
  private final Repeats repeats;

  FlightRecorder(Journal journal, Fleet fleet, Clock clock) {
    this.journal = journal;
    this.fleet = fleet;
    this.clock = clock;
    this.allowances = new Allowances(clock);
    this.repeats = new Repeats(clock);
  }

  @Override
  public void observed(WireEvent event) {
    Optional<MacAddress> mac = event.mac();
    boolean known = mac.flatMap(m -> fleet.node(new Mac(m.bits()))).isPresent();
    // Only who wants to boot is worth showing; a laptop that asks for an address is not.
    if (!known && event.kind().equals("dhcp.discover") && event.detail().startsWith("arch=")) {
      mac.ifPresent(
          m -> fleet.heardStranger(new Mac(m.bits()), clock.instant(), printable(event.detail())));
    }
    String machine = known ? mac.map(MacAddress::toString).orElse("") : "";
    Source source = source(event, known);
    // Only of DHCP, where clients resend; a second download is not a repetition.
    boolean repeatable = source == Source.DHCP;
    if ((repeatable && repeats.isOne(machine, event.kind(), event.detail()))
        || !allowances.admits(source, machine)) {
      return;
    }
    LOG.debug("{} mac={} peer={} {}", event.kind(), mac, event.peer(), event.detail());
    boolean fetched = ofMirror(event) && !event.detail().contains(NOT_IN_MIRROR);
    String kind = fetched ? FactKind.PACKAGES_FETCHED.text() : event.kind();
    note(
        mac.map(MacAddress::toString).orElse(""),
        kind,
        repeatable ? repeats.written(machine, kind, event.detail()) : event.detail());
  }

  private static Source source(WireEvent event, boolean known) {
    if (ofMirror(event)) {
      return Source.MIRROR;
    }
    if (!known) {
      return Source.STRANGERS;
    }
    return switch (event.protocol()) {
      case DHCP -> Source.DHCP;
      case TFTP -> Source.TFTP;
      // Only files of a run are so long that their progress is told.
      case HTTP -> event.kind().equals(FactKind.BYTES_SENT.text()) ? Source.RUN : Source.HTTP;
      case DNS, SNTP -> Source.STRANGERS;
    };
  }

  private static boolean ofMirror(WireEvent event) {
    return event.protocol() == WireEvent.Protocol.HTTP
        && (event.detail().startsWith(MIRROR) || event.detail().contains(" " + MIRROR));
  }

  /** Appends evidence that nobody waits for; a store that fails is told of by the journal. */
  void note(String mac, String kind, String detail) {
    boolean stranger = FactKind.of(kind).isPresent() && !isKnown(mac);
    var _ = record(mac, stranger ? STRANGER + kind : kind, detail);
  }

  private boolean isKnown(String mac) {
    return Mac.parse(mac).flatMap(fleet::node).isPresent();
  }

  /** A machine outside the plan has told who it is; what it says is shown as it says it. */
  void discovered(MacAddress mac, String said) {
    boolean known = isKnown(mac.toString());
    if (!known) {
      String shown = printable(said);
      fleet.heardStranger(
          new Mac(mac.bits()),
          clock.instant(),
          shown.length() > MAX_SAID ? shown.substring(0, MAX_SAID) : shown);
    }
    if (allowances.admits(known ? Source.HTTP : Source.STRANGERS, known ? mac.toString() : "")) {
      note(mac.toString(), "discovered", said);
    }
  }

  /**
   * Appends evidence of a request that named its machine itself, so that anybody may have sent it:
   * only for machines of the rack file, and within their allowance.
   */
  void noteClaimed(MacAddress mac, String kind, String detail) {
    if (isKnown(mac.toString()) && allowances.admits(Source.HTTP, mac.toString())) {
      note(mac.toString(), kind, detail);
    }
  }

  /** Appends a fact; the future completes when it is durable and the fleet knows it. */
  CompletableFuture<Fact> record(String mac, String kind, String detail) {
    return journal.append(new Fact(clock.instant(), mac, kind, printable(detail)));
  }

  /** The same, of a machine of the rack file, for which something new begins with it. */
  CompletableFuture<Fact> record(Mac mac, String kind, String detail) {
    repeats.forget(mac.toString());
    return record(mac.toString(), kind, detail);
  }

  /** Whether a machine of the rack file may have one more script with a token of its own. */
  boolean admitsScript(Mac mac) {
    return allowances.admits(Source.SCRIPTS, mac.toString());
  }

  /** Whether there may be one more fact of the machine's run: it has shown that run's token. */
  boolean admitsOfRun(Mac mac) {
    return allowances.admits(Source.RUN, mac.toString());
  }

  /** Events left out because their machine said too much. */
  long suppressed() {
    return allowances.refused();
  }

  private static String printable(String detail) {
    StringBuilder text = new StringBuilder(detail.length());
    detail.codePoints().forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    return text.toString();
  }
}
