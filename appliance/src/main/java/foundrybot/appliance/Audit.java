// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.operator.Operator;
import foundrybot.appliance.store.Store;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import foundrybot.bootserver.http.HttpAnswer;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The audit log: what operators change, and what was refused to whom. It lies in the journal, among
 * what else is known of a node, and no word of it comes from the network.
 */
final class Audit implements WireObserver {
  /** Lines that are shown at a time, the newest. */
  private static final int MAX_SHOWN = 5_000;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** Why somebody got nothing; the names are those of the counters. */
  enum Attempt {
    TOKEN_UNKNOWN("token-unknown", "a token that opens nothing"),
    GUESSING("token-guesses", "too many tokens that open nothing; that address is not heard"),
    TOKEN_BURNT("token-burnt", "a burnt token"),
    SECOND_USE("second-use", "a token that another machine has"),
    QUARANTINED("quarantined", "a quarantined node"),
    RUN_OVER("run-over", "the token of a run that is over"),
    NOT_NOW("not-now", "what its run is not at"),
    NOT_THERE("not-there", "what its token does not open"),
    TOO_MUCH("too-much", "more than a run has to say"),
    MESH("mesh", "a request of the mesh"),
    TPM("tpm", "another TPM than the node must have, or none"),
    WINDOW_CLOSED("window-closed", "a machine whose window is closed"),
    ELSEWHERE("other-address", "a token from an address that is not its machine's"),
    ON_HOLD("on-hold", "a machine that is held"),
    MISMATCH("other-machine", "another machine than the node's BMC holds"),
    NOT_BY_ASKING("not-by-asking", "a machine that boots from a medium only"),
    LOG_IN("log-in", "no operator"),
    TOO_OFTEN("log-in-too-often", "too many refused log-ins"),
    IN_CLEAR("in-clear", "an operator's token without TLS"),
    SCOPE("scope", "beyond the operator's scope"),
    BUDGET("operator-budget", "more than an operator's budget"),
    PATH("path", "a path that leads upwards");

    private final String counter;
    private final String words;

    Attempt(String counter, String words) {
      this.counter = counter;
      this.words = words;
    }
  }

  /** In the place of an address: who may write a file is not the appliance's to know. */
  private static final String FROM_FILE = "file";

  private static final String RACK_FILE = "rack file, or what it names";

  private final FlightRecorder recorder;
  private final Counters counters = new Counters();

  Audit(FlightRecorder recorder) {
    this.recorder = recorder;
  }

  /**
   * A change that is under way.
   *
   * @param mac the node's, or nothing
   */
  record Change(Operator who, String from, String mac, String id, String what) {}

  /**
   * An operator asks for a change.
   *
   * @param command the id of the command by which it is asked for, if that has one
   * @return completes when that is durable, and not before may it be carried out
   */
  CompletableFuture<Change> asked(
      Operator who, String from, Optional<Mac> node, String what, Optional<String> command) {
    String mac = node.map(Mac::toString).orElse("");
    String id = command.map(AuditEntry::idOf).orElseGet(Audit::newId);
    Change change = new Change(who, from, mac, id, what);
    return recorder
        .record(mac, AuditEntry.ASKED, AuditEntry.asked(who.name(), from, change.id(), what))
        .thenApply(_ -> change);
  }

  /** By which the outcome of a change is found. */
  static String newId() {
    byte[] id = new byte[4];
    RANDOM.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  /** What came of a change; completes when it is durable. */
  CompletableFuture<Void> answered(Change change, String result) {
    return answered(change, change.mac(), result);
  }

  /** What came of a change for one node of several. */
  CompletableFuture<Void> answered(Change change, String mac, String result) {
    String text =
        AuditEntry.answered(change.who().name(), change.from(), change.id(), change.what(), result);
    return recorder.record(mac, AuditEntry.ANSWERED, text);
  }

  /** Another rack file is in force, or what one of its files says; nobody waits for the line. */
  void inForce(RackFile rack) {
    String result = "in force; %d nodes, sha256 %s".formatted(rack.nodes().size(), rack.sha256());
    var _ =
        recorder.record(
            "",
            AuditEntry.ANSWERED,
            AuditEntry.answered(AuditEntry.NOBODY, FROM_FILE, newId(), RACK_FILE, result));
  }

  /** Somebody who is no operator was refused something. */
  void refused(Attempt attempt, Optional<Mac> node, InetAddress from, String what) {
    refused(attempt, node, AuditEntry.NOBODY, from.getHostAddress(), what);
  }

  /**
   * Counts, and writes a line within the allowance of the node, or of all strangers.
   *
   * @param what was wanted, in the program's own words
   */
  void refused(Attempt attempt, Optional<Mac> node, String who, String from, String what) {
    counted(attempt);
    recorder.noteAttempt(
        node,
        AuditEntry.REFUSED,
        AuditEntry.refused(
            who, from, what.isEmpty() ? attempt.words : attempt.words + ": " + what));
  }

  /** What the log has a line of already. */
  void counted(Attempt attempt) {
    counters.count("refused." + attempt.counter);
  }

  /** Somebody was refused something in a node's name. */
  void refused(Attempt attempt, Mac node, String from, String what) {
    refused(attempt, Optional.of(node), AuditEntry.NOBODY, from, what);
  }

  /**
   * Passes on what is answered to who came with a node's token, and notes it if it is a refusal;
   * one with 403 has a reason that was noted already.
   *
   * @param what was wanted, in the program's own words
   */
  HttpAnswer noted(HttpAnswer answer, Mac node, InetAddress from, String what) {
    if (answer instanceof HttpAnswer.Body body && body.status() >= 400 && body.status() != 403) {
      Attempt attempt =
          switch (body.status()) {
            case 409 -> Attempt.NOT_NOW;
            case 410 -> Attempt.RUN_OVER;
            case 429 -> Attempt.TOO_MUCH;
            default -> Attempt.NOT_THERE;
          };
      refused(attempt, Optional.of(node), from, what);
    }
    return answer;
  }

  /** Goes on with a change that the command line told of when it began. */
  CompletableFuture<Void> answered(
      Operator who, String from, Mac node, String id, String what, String result) {
    return answered(new Change(who, from, node.toString(), id, what), result);
  }

  /** Paths that lead out of what is served never get to a route; here is where they are heard. */
  @Override
  public void observed(WireEvent event) {
    if (isPathTrick(event)) {
      String what = event.protocol() == WireEvent.Protocol.TFTP ? "by TFTP" : "by HTTP";
      refused(Attempt.PATH, Optional.empty(), event.peer().getAddress(), what);
    }
  }

  private static boolean isPathTrick(WireEvent event) {
    return switch (event.protocol()) {
      case HTTP -> event.said() instanceof String said && said.startsWith("? path-");
      case TFTP -> event.kind().equals("tftp.refused") && event.detail().contains("..");
      case DHCP, DNS, SNTP -> false;
    };
  }

  /** How often what was refused. */
  Map<String, Long> counters() {
    return counters.snapshot();
  }

  /**
   * The newest lines, oldest first; reads the whole journal.
   *
   * @param node whose lines alone; empty for all
   */
  static List<AuditEntry> read(Store store, Instant since, Optional<Node> node) {
    Deque<AuditEntry> newest = new ArrayDeque<>();
    Set<String> answered = new HashSet<>();
    store.replay(
        AuditEntry.KINDS,
        fact -> {
          if (fact.at().isBefore(since) || !isOf(fact, node)) {
            return;
          }
          AuditEntry.of(fact).ifPresent(newest::add);
          if (fact.kind().equals(AuditEntry.ANSWERED)) {
            AuditEntry.of(fact).map(AuditEntry::id).ifPresent(answered::add);
          }
          if (newest.size() > MAX_SHOWN) {
            newest.removeFirst();
          }
        });
    return newest.stream()
        .filter(entry -> !entry.result().isEmpty() || !answered.contains(entry.id()))
        .toList();
  }

  private static boolean isOf(Fact fact, Optional<Node> node) {
    return node.isEmpty() || fact.mac().equals(node.get().mac().toString());
  }
}
