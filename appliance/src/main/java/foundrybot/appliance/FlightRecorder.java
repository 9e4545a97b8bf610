// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.store.Journal;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the wire saw into facts of the journal, and sees to it that no flood fills the disk:
 * each machine has an allowance per minute, and so have all strangers together.
 */
final class FlightRecorder implements WireObserver {
  private static final Logger LOG = LoggerFactory.getLogger(FlightRecorder.class);
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final int PER_MACHINE = 300;
  private static final int PER_STRANGERS = 120;
  private static final int PER_MIRROR = 60;
  private static final int MAX_SAID = 200;

  /** How the labels of the package mirror's answers begin. */
  static final String MIRROR = "mirror ";

  /** The label for a file that the mirror does not have: evidence, but no progress. */
  static final String NOT_IN_MIRROR = MIRROR + "file that is not there";

  /** Before the kind of a fact of a machine outside the plan: it moves no node, now or later. */
  private static final String STRANGER = "stranger.";

  private record Allowance(Instant until, int used) {}

  private final Journal journal;
  private final Fleet fleet;
  private final Clock clock;
  // Two entries per node of the plan and two for all strangers: bounded by the rack file.
  private final Map<String, Allowance> allowances = new LinkedHashMap<>();
  private long suppressed;

  FlightRecorder(Journal journal, Fleet fleet, Clock clock) {
    this.journal = journal;
    this.fleet = fleet;
    this.clock = clock;
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
    // Hundreds of packages for each machine must not crowd out its reports.
    boolean mirror = ofMirror(event);
    String key = known ? mac.map(MacAddress::toString).orElse("") : "";
    if (!(mirror ? admits(MIRROR + key, PER_MIRROR) : admitsKey(key))) {
      return;
    }
    LOG.debug("{} mac={} peer={} {}", event.kind(), mac, event.peer(), event.detail());
    boolean fetched = mirror && !event.detail().contains(NOT_IN_MIRROR);
    String kind = fetched ? FactKind.PACKAGES_FETCHED.text() : event.kind();
    note(mac.map(MacAddress::toString).orElse(""), kind, event.detail());
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
    if (!isKnown(mac.toString())) {
      String shown = printable(said);
      fleet.heardStranger(
          new Mac(mac.bits()),
          clock.instant(),
          shown.length() > MAX_SAID ? shown.substring(0, MAX_SAID) : shown);
    }
    if (admits(mac.toString())) {
      note(mac.toString(), "discovered", said);
    }
  }

  /**
   * Appends evidence of a request that named its machine itself, so that anybody may have sent it:
   * only for machines of the rack file, and within their allowance.
   */
  void noteClaimed(MacAddress mac, String kind, String detail) {
    if (fleet.node(new Mac(mac.bits())).isPresent() && admits(mac.toString())) {
      note(mac.toString(), kind, detail);
    }
  }

  /** Appends a fact; the future completes when it is durable and the fleet knows it. */
  CompletableFuture<Fact> record(String mac, String kind, String detail) {
    return journal.append(new Fact(clock.instant(), mac, kind, printable(detail)));
  }

  CompletableFuture<Fact> record(Mac mac, String kind, String detail) {
    return record(mac.toString(), kind, detail);
  }

  /** Whether one more fact about that machine fits its allowance, or that of all strangers. */
  boolean admits(String mac) {
    return admitsKey(isKnown(mac) ? mac : "");
  }

  private boolean admitsKey(String key) {
    return admits(key, key.isEmpty() ? PER_STRANGERS : PER_MACHINE);
  }

  private synchronized boolean admits(String key, int limit) {
    Instant now = clock.instant();
    Allowance allowance = allowances.get(key);
    if (allowance == null || now.isAfter(allowance.until())) {
      allowance = new Allowance(now.plus(WINDOW), 0);
    }
    if (allowance.used() >= limit) {
      suppressed++;
      return false;
    }
    allowances.put(key, new Allowance(allowance.until(), allowance.used() + 1));
    return true;
  }

  /** Events left out because their machine said too much. */
  synchronized long suppressed() {
    return suppressed;
  }

  private static String printable(String detail) {
    StringBuilder text = new StringBuilder(detail.length());
    detail.codePoints().forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    return text.toString();
  }
}
