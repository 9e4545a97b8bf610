// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.report;

import static foundrybot.appliance.report.ClusterReport.NOT_YET;

import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.DecidingFacts;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.SiteServers;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.report.ClusterReport.Again;
import foundrybot.appliance.report.ClusterReport.Artifact;
import foundrybot.appliance.report.ClusterReport.Found;
import foundrybot.appliance.report.ClusterReport.Member;
import foundrybot.appliance.report.ClusterReport.Stay;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the journal tells of one node's present run, fact by fact. */
final class Tale {
  /** Kinds of evidence that move nobody and stand in a report. */
  static final String BUNDLE = "mesh.bundle";

  private static final String DISCOVER = "dhcp.discover";
  private static final Set<String> LOADED = Set.of("tftp.done", "loader.fetched");

  /** Stays, retries and diagnoses of one node that are kept, the latest. */
  private static final int MOST = 60;

  private static final Pattern FIRMWARE = Pattern.compile("^arch=(.*?) program=FIRMWARE");
  private static final Pattern PROGRAM =
      Pattern.compile("^(?:[0-9a-f]{2}(?:-[0-9a-f]{2}){5}/)?(?!autoexec\\.ipxe)([^\\s,/]+)");
  private static final Pattern SERIAL = Pattern.compile("^serial ([0-9]{1,15})$");

  /** The machine came to a stage, in that attempt. */
  private record Step(Stage stage, int attempt, Instant at) {}

  private final Node node;
  private final Deadlines deadlines;
  private final SiteServers servers;
  private NodeState state = NodeState.planned(Instant.EPOCH);
  private final Deque<Step> steps = new ArrayDeque<>();
  private final Deque<Again> retries = new ArrayDeque<>();
  private final Deque<Found> found = new ArrayDeque<>();
  private Optional<Found> open = Optional.empty();
  private Optional<Instant> began = Optional.empty();
  private int left;
  private String firmware = "";
  private String program = "";
  private long serial = NOT_YET;

  Tale(Node node, SiteServers servers) {
    this.node = node;
    this.servers = servers;
    this.deadlines = Deadlines.of(node.deadlines());
  }

  NodeState state() {
    return state;
  }

  /** Takes the next fact of this node. */
  void see(Fact fact) {
    remember(fact);
    if (!DecidingFacts.kinds().contains(fact.kind())) {
      return;
    }
    judge(fact.at());
    NodeState before = state;
    state = before.after(fact);
    if (state.run() != before.run()) {
      forget();
    }
    follow(before, fact);
    judge(fact.at());
  }

  private void remember(Fact fact) {
    if (fact.kind().equals(DISCOVER)) {
      firmware = group(FIRMWARE, fact.detail()).orElse(firmware);
    } else if (LOADED.contains(fact.kind())) {
      program = group(PROGRAM, fact.detail()).orElse(program);
    } else if (fact.kind().equals(BUNDLE)) {
      serial = group(SERIAL, fact.detail()).map(Long::parseLong).orElse(serial);
    }
  }

  private static Optional<String> group(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private void forget() {
    steps.clear();
    retries.clear();
    found.clear();
    open = Optional.empty();
    began = Optional.empty();
    left = 0;
    program = "";
    serial = NOT_YET;
  }

  /** A rescue is no part of the run: its stages are none of the way. */
  private void follow(NodeState before, Fact fact) {
    if (state.isInRescue() || before.isInRescue()) {
      return;
    }
    if (fact.kind().equals(FactKind.POWER_AGAIN.text())) {
      var _ = keep(retries, new Again(fact.at().toString(), "appliance", fact.detail()));
    } else if (state.run() == before.run()
        && state.attempt() > before.attempt()
        && before.attempt() > 0
        && !before.stage().isBefore(Stage.SCRIPT)) {
      String why = "started over at " + before.stage() + ", attempt " + before.attempt();
      var _ = keep(retries, new Again(fact.at().toString(), "machine", why));
    }
    Step step = new Step(state.stage(), state.attempt(), fact.at());
    Step last = steps.peekLast();
    boolean same =
        last == null
            ? state.stage() == Stage.PLANNED && state.run() == before.run()
            : last.stage() == step.stage() && last.attempt() == step.attempt();
    if (!same) {
      began = Optional.of(began.orElse(fact.at()));
      left += keep(steps, step);
    }
  }

  /** Returns how many made room. */
  private static <T> int keep(Deque<T> latest, T more) {
    latest.addLast(more);
    if (latest.size() <= MOST) {
      return 0;
    }
    latest.removeFirst();
    return 1;
  }

  /** What is wrong at that moment, and since when: silence, from its deadline on. */
  private void judge(Instant now) {
    Optional<Diagnosis> wrong = Diagnosis.of(node.name(), state, now, deadlines, servers);
    Optional<String> from = Optional.empty();
    if (open.isPresent()) {
      Found before = open.get();
      boolean over = wrong.filter(it -> it.code().equals(before.code())).isEmpty();
      if (over) {
        var _ = keep(found, new Found(before.code(), before.why(), before.from(), now.toString()));
      }
      from = Optional.of(over ? now.toString() : before.from());
    }
    String since =
        from.orElseGet(() -> state.deadline(deadlines).filter(now::isAfter).orElse(now).toString());
    open = wrong.map(it -> new Found(it.code(), it.why(), since, ""));
  }

  Optional<Instant> began() {
    return began;
  }

  Optional<Instant> enrolled() {
    return state.isComplete() ? Optional.of(state.since()) : Optional.empty();
  }

  /** Its stays, in their order; the last one is not over. */
  List<Stay> stays() {
    List<Stay> stays = new ArrayList<>();
    List<Step> all = List.copyOf(steps);
    for (int i = 0; i < all.size(); i++) {
      Step step = all.get(i);
      long seconds =
          i + 1 < all.size()
              ? Duration.between(step.at(), all.get(i + 1).at()).toSeconds()
              : NOT_YET;
      stays.add(new Stay(step.stage().toString(), step.attempt(), step.at().toString(), seconds));
    }
    return stays;
  }

  /** All of it, as of that moment. */
  Member told(Sources sources, Instant now) {
    judge(now);
    Sources.Given given = sources.given().apply(node);
    List<Found> diagnoses = new ArrayList<>(found);
    open.ifPresent(diagnoses::add);
    return new Member(
        node.name(),
        node.mac().toString(),
        node.role().name(),
        node.profile().name(),
        node.profile().system() + " " + node.profile().version(),
        state.stage().toString(),
        state.condition(now, deadlines).toString(),
        state.run(),
        state.attempt(),
        state.isInRescue(),
        firmware,
        state.identity().bootUuid().map(UUID::toString).orElse(""),
        state.identity().bmcUuid().map(UUID::toString).orElse(""),
        List.copyOf(addresses(sources.leases().apply(node))),
        new Artifact(program, program.isEmpty() ? "" : sources.program().apply(program)),
        given.run() == state.run(),
        given.artifacts(),
        given.plan(),
        text(began),
        text(enrolled()),
        seconds(began, enrolled()),
        serial,
        stays(),
        left,
        List.copyOf(retries),
        diagnoses,
        sources.inspected().apply(node).stream().toList(),
        sources.erased().apply(node).stream().toList());
  }

  private Collection<String> addresses(List<String> leases) {
    Set<String> all = new LinkedHashSet<>();
    node.address().map(Cidr::address).ifPresent(fixed -> all.add(fixed.getHostAddress()));
    all.addAll(leases);
    return all;
  }

  static String text(Optional<Instant> at) {
    return at.map(Instant::toString).orElse("");
  }

  static long seconds(Optional<Instant> from, Optional<Instant> to) {
    return from.isPresent() && to.isPresent()
        ? Duration.between(from.get(), to.get()).toSeconds()
        : NOT_YET;
  }
}
