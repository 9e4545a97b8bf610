// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.Allowances.Source;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Mark;
import foundrybot.appliance.mesh.MeshLog;
import foundrybot.appliance.store.Journal;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the wire saw into facts of the journal, as far as the {@link Allowances} of its
 * machine go; there is one for all strangers together.
 */
final class FlightRecorder implements WireObserver {
  // Controls, formats (the directional ones among them), separators of lines and paragraphs.
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private static final Logger LOG = LoggerFactory.getLogger(FlightRecorder.class);
  private static final int MAX_SAID = 200;

  /** How the labels of the package mirror's answers begin. */
  static final String MIRROR = "mirror ";

  private static final String LABEL_OF_MIRROR = " " + MIRROR;

  /** The label for a file that the mirror does not have: evidence, but no progress. */
  static final String NOT_IN_MIRROR = MIRROR + "file that is not there";

  /** How the answer is told with which a machine gets its script once more. */
  private static final String SCRIPT_AGAIN = "GET " + ScriptRoutes.AGAIN;

  /** Before the kind of a fact of a machine outside the plan: it moves no node, now or later. */
  private static final String STRANGER = "stranger.";

  /** What the recorder has to know of one machine. */
  private record Ledger(Allowances allowances, Repeats repeats) {
    Ledger() {
      this(new Allowances(), new Repeats());
    }
  }

  private final Journal journal;
  private final Fleet fleet;
  private final Clock clock;
  // Only machines of the rack file: bounded by it.
  private final Map<Mac, Ledger> ledgers = new ConcurrentHashMap<>();
  private final Ledger ofStrangers = new Ledger();
  private final LongAdder refused = new LongAdder();

  FlightRecorder(Journal journal, Fleet fleet, Clock clock) {
    this.journal = journal;
    this.fleet = fleet;
    this.clock = clock;
  }

  @Override
  public void observed(WireEvent event) {
    Optional<Mac> mac = event.mac().map(Answers::mac);
    boolean known = mac.flatMap(fleet::node).isPresent();
    if (!known) {
      mac.ifPresent(stranger -> heardStranger(stranger, event));
    }
    Ledger ledger = known ? ledger(mac.orElseThrow()) : ofStrangers;
    Source source = source(event, known);
    // What anybody can say again and again: a client that resends, a script asked for once more.
    boolean repeatable =
        source == Source.DHCP || (source == Source.HTTP && event.kind().equals("http.request"));
    long now = clock.millis();
    if ((repeatable && ledger.repeats().isOne(event.kind(), event.said(), now))
        || !admits(ledger, source, now)) {
      return;
    }
    LOG.debug("{} mac={} peer={} {}", event.kind(), event.mac(), event.peer(), event.said());
    String text =
        repeatable ? ledger.repeats().written(event.kind(), event.said(), now) : event.detail();
    note(mac.map(Mac::toString).orElse(""), known, kind(event, source, text), text);
  }

  private static String kind(WireEvent event, Source source, String text) {
    if (source == Source.MIRROR) {
      return text.contains(NOT_IN_MIRROR) ? Mark.MISSING_PACKAGE : FactKind.PACKAGES_FETCHED.text();
    }
    if (source == Source.HTTP && text.startsWith(SCRIPT_AGAIN)) {
      return Mark.AGAIN;
    }
    return source == Source.DHCP
            && event.kind().equals("dhcp.ignored")
            && text.contains(Mark.NO_PROGRAM_WORDS)
        ? FactKind.NO_PROGRAM.text()
        : event.kind();
  }

  private Ledger ledger(Mac mac) {
    Ledger there = ledgers.get(mac);
    return there != null ? there : ledgers.computeIfAbsent(mac, _ -> new Ledger());
  }

  private boolean admits(Ledger ledger, Source source, long now) {
    boolean admitted = ledger.allowances().admits(source, now);
    if (!admitted) {
      refused.increment();
    }
    return admitted;
  }

  private boolean admits(Mac mac, Source source) {
    return admits(ledger(mac), source, clock.millis());
  }

  /** Only who wants to boot is worth showing; a laptop that asks for an address is not. */
  private void heardStranger(Mac mac, WireEvent event) {
    if (event.kind().equals("dhcp.discover") && event.detail().startsWith("arch=")) {
      fleet.heardStranger(mac, clock.instant(), printable(event.detail()));
    }
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
        && (event.detail().startsWith(MIRROR) || event.detail().contains(LABEL_OF_MIRROR));
  }

  /** Appends evidence that nobody waits for; a store that fails is told of by the journal. */
  void note(String mac, String kind, String detail) {
    note(mac, isKnown(mac), kind, detail);
  }

  private void note(String mac, boolean known, String kind, String detail) {
    boolean moves = FactKind.of(kind).isPresent();
    journal.note(fact(mac, moves && !known ? STRANGER + kind : kind, detail));
  }

  private boolean isKnown(String mac) {
    return Mac.parse(mac).flatMap(fleet::node).isPresent();
  }

  private Fact fact(String mac, String kind, String detail) {
    return new Fact(clock.instant(), mac, kind, printable(detail));
  }

  /** A machine outside the plan has told who it is; what it says is shown as it says it. */
  void discovered(MacAddress address, String said) {
    Mac mac = Answers.mac(address);
    boolean known = fleet.node(mac).isPresent();
    if (!known) {
      String shown = printable(said);
      fleet.heardStranger(
          mac, clock.instant(), shown.length() > MAX_SAID ? shown.substring(0, MAX_SAID) : shown);
    }
    if (known ? admits(mac, Source.HTTP) : admits(ofStrangers, Source.STRANGERS, clock.millis())) {
      note(mac.toString(), known, "discovered", said);
    }
  }

  /**
   * Appends evidence of a request that named its machine itself, so that anybody may have sent it:
   * only for machines of the rack file, and within their allowance.
   */
  void noteClaimed(MacAddress address, String kind, String detail) {
    Mac mac = Answers.mac(address);
    if (fleet.node(mac).isPresent() && admits(mac, Source.HTTP)) {
      note(mac.toString(), true, kind, detail);
    }
  }

  /** Appends that a machine's own time is not ours, if it told any; {@link NodeClock}. */
  void noteClock(MacAddress address, String said) {
    NodeClock.off(said, clock.instant()).ifPresent(off -> noteClaimed(address, Mark.CLOCK, off));
  }

  /** Appends that a machine of the rack file asks by another UUID than before. */
  void noteIdentity(Mac mac, UUID uuid) {
    if (admits(mac, Source.DHCP)) {
      note(mac.toString(), true, FactKind.BOOT_IDENTITY.text(), uuid.toString());
    }
  }

  /**
   * Appends a fact of a machine of the rack file, with which something new begins for it; the
   * future completes when it is durable and the fleet knows it.
   */
  CompletableFuture<Void> record(Mac mac, String kind, String detail) {
    ledger(mac).repeats().forget();
    return journal.append(fact(mac.toString(), kind, detail));
  }

  /** The same of the appliance as a whole. */
  CompletableFuture<Void> record(String kind, String detail) {
    return journal.append(fact("", kind, detail));
  }

  /**
   * Appends a fact of the audit log, of a machine or of the appliance as a whole; the future
   * completes when it is durable.
   */
  CompletableFuture<Void> record(String mac, String kind, String detail) {
    return journal.append(fact(mac, kind, detail));
  }

  /** Where facts of the mesh go. */
  MeshLog ofMesh() {
    return (machine, kind, detail) ->
        machine.map(mac -> record(mac, kind, detail)).orElseGet(() -> record(kind, detail));
  }

  /**
   * Appends that something was refused: what is tried again and again is one line with a count, and
   * there are only so many lines for each machine, and for all that name none.
   */
  void noteAttempt(Optional<Mac> node, String kind, String detail) {
    Ledger ledger = node.isPresent() ? ledger(node.get()) : ofStrangers;
    long now = clock.millis();
    if (!ledger.repeats().isOne(kind, detail, now) && admits(ledger, Source.ATTEMPTS, now)) {
      String text = ledger.repeats().written(kind, detail, now);
      journal.note(fact(node.map(Mac::toString).orElse(""), kind, text));
    }
  }

  /** Completes when all that was told until now is durable and the fleet knows it. */
  CompletableFuture<Void> settled() {
    return journal.settled();
  }

  /** Whether a machine of the rack file may have one more script with a token of its own. */
  boolean admitsScript(Mac mac) {
    return admits(mac, Source.SCRIPTS);
  }

  /** Whether there may be one more fact of the machine's run: it has shown that run's token. */
  boolean admitsOfRun(Mac mac) {
    return admits(mac, Source.RUN);
  }

  /** Events left out because their machine said too much. */
  long suppressed() {
    return refused.sum();
  }

  /** In one line, and in the order in which it stands there: nothing turns the text around. */
  static String printable(String detail) {
    return isPlain(detail) ? detail : UNPRINTABLE.matcher(detail).replaceAll(" ");
  }

  /** Whether it is printable US-ASCII, as nearly all is; a look without tables of Unicode. */
  private static boolean isPlain(String detail) {
    for (int i = 0; i < detail.length(); i++) {
      if (detail.charAt(i) < ' ' || detail.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }
}
