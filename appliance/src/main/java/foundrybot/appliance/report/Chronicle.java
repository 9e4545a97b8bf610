// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.report;

import static foundrybot.appliance.report.ClusterReport.NOT_YET;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.NodeCheck;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.DecidingFacts;
import foundrybot.appliance.lifecycle.DhcpServers;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.GateKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.phases.CheckResult;
import foundrybot.appliance.phases.GateBook;
import foundrybot.appliance.phases.PhaseState;
import foundrybot.appliance.phases.PhaseState.Standing;
import foundrybot.appliance.phases.Phases;
import foundrybot.appliance.report.ClusterReport.Check;
import foundrybot.appliance.report.ClusterReport.Member;
import foundrybot.appliance.report.ClusterReport.Phase;
import foundrybot.appliance.report.ClusterReport.Slow;
import foundrybot.appliance.report.ClusterReport.Stay;
import foundrybot.appliance.report.ClusterReport.Taken;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads a journal from its beginning and tells what it says: a pure function of journal, plan and
 * clock. So an appliance that was started again tells the same; when it was started, and what its
 * nodes repeat without news, is in none of them.
 */
public final class Chronicle {
  private static final int MOST_SLOW = 20;

  private final RackFile rack;
  private final Map<String, Tale> tales = new LinkedHashMap<>();
  private final GateBook gates = new GateBook();
  private final Deeds deeds;
  private final DhcpServers servers;

  /** Has read nothing yet. */
  public Chronicle(RackFile rack) {
    this.rack = rack;
    this.deeds = new Deeds(rack);
    this.servers = new DhcpServers(rack);
    rack.nodes()
        .forEach(node -> tales.put(node.mac().toString(), new Tale(node, servers.around(node))));
  }

  /** The kinds of facts that a report is made of. */
  public static Set<String> kinds() {
    Set<String> kinds = new HashSet<>(DecidingFacts.kinds());
    kinds.addAll(GateKind.texts());
    kinds.addAll(AuditEntry.KINDS);
    kinds.add(AuditEntry.BEGUN);
    kinds.add(Tale.BUNDLE);
    return Set.copyOf(kinds);
  }

  /** Takes the next fact. */
  public void see(Fact fact) {
    deeds.see(fact);
    Tale tale = tales.get(fact.mac());
    if (!gates.apply(fact) && tale != null) {
      servers.apply(fact);
      tale.see(fact);
    }
  }

  /** What it came to at that moment, which is after all facts. */
  public ClusterReport report(Sources sources, Instant now) {
    List<Member> members = tales.values().stream().map(tale -> tale.told(sources, now)).toList();
    List<PhaseState> phases =
        Phases.of(
            rack,
            this::state,
            mac -> results(mac, now),
            node -> why(node, now),
            Instant.EPOCH,
            now);
    boolean complete =
        members.stream().noneMatch(member -> member.enrolledAt().isEmpty())
            && phases.stream().allMatch(phase -> phase.standing() == Standing.DONE);
    Optional<Instant> began =
        tales.values().stream().flatMap(tale -> tale.began().stream()).min(Instant::compareTo);
    Optional<Instant> end = complete ? end(phases) : Optional.empty();
    Deeds.Told done = deeds.told();
    return new ClusterReport(
        ClusterReport.FORMAT,
        summary(members, phases, complete),
        complete,
        rack.cluster(),
        sources.clusterId(),
        now.toString(),
        sources.product(),
        rack.sha256(),
        rack.takenIn().entrySet().stream()
            .map(file -> new ClusterReport.Artifact(file.getKey(), file.getValue()))
            .toList(),
        Tale.text(began),
        Tale.text(end),
        Tale.seconds(began, end),
        phases.stream().map(phase -> phase(phase, now)).toList(),
        taken(members),
        slowest(members),
        members,
        done.deeds(),
        done.leftOut());
  }

  private Optional<Instant> end(List<PhaseState> phases) {
    return Stream.concat(
            tales.values().stream().flatMap(tale -> tale.enrolled().stream()),
            phases.stream().flatMap(phase -> phase.doneAt().stream()))
        .max(Instant::compareTo);
  }

  private NodeState state(Mac mac) {
    return Optional.ofNullable(tales.get(mac.toString()))
        .map(Tale::state)
        .orElse(NodeState.planned(Instant.EPOCH));
  }

  /**
   * What a node said last holds until it says something else; what it said before its enrollment
   * came from another system.
   */
  private Map<String, CheckResult> results(Mac mac, Instant now) {
    Map<String, CheckResult> valid = new LinkedHashMap<>();
    Instant enrolled = state(mac).since();
    gates
        .of(mac)
        .forEach(
            (check, result) -> {
              if (!result.heardAt().isBefore(enrolled)) {
                valid.put(
                    check, new CheckResult(result.passed(), result.said(), result.since(), now));
              }
            });
    return valid;
  }

  private String why(Node node, Instant now) {
    return Diagnosis.of(
            node.name(),
            state(node.mac()),
            now,
            Deadlines.of(node.deadlines()),
            servers.around(node))
        .map(Diagnosis::why)
        .orElse("");
  }

  private String summary(List<Member> members, List<PhaseState> phases, boolean complete) {
    long arrived = members.stream().filter(member -> !member.enrolledAt().isEmpty()).count();
    String counts = arrived + " of " + members.size() + " nodes enrolled";
    long done = phases.stream().filter(phase -> phase.standing() == Standing.DONE).count();
    String ofPhases = phases.isEmpty() ? "" : ", " + done + " of " + phases.size() + " phases done";
    return complete
        ? "cluster " + rack.cluster() + " is complete: " + counts + ofPhases
        : "UNFINISHED: cluster " + rack.cluster() + ", " + counts + ofPhases;
  }

  private Phase phase(PhaseState state, Instant now) {
    List<Check> checks = new ArrayList<>();
    rack.phases().stream()
        .filter(phase -> phase.name().equals(state.name()))
        .forEach(
            phase ->
                phase
                    .of(rack.nodes())
                    .forEach(
                        node ->
                            phase.checksOf(node).stream()
                                // Of what nobody has asked for it says nothing where nothing is.
                                .filter(
                                    check ->
                                        !phase.builtIn()
                                            || !phase.checks().contains(check)
                                            || results(node.mac(), now).containsKey(check.name()))
                                .forEach(check -> checks.add(check(node, check, now)))));
    return new Phase(
        state.number(),
        state.name(),
        state.standing().toString(),
        state.ready(),
        state.need(),
        state.of(),
        Tale.text(state.doneAt()),
        state.pending().stream().map(it -> it.node() + ": " + it.why()).toList(),
        checks);
  }

  private Check check(Node node, NodeCheck check, Instant now) {
    CheckResult result = results(node.mac(), now).get(check.name());
    return result == null
        ? new Check(node.name(), check.name(), false, "", "")
        : new Check(
            node.name(), check.name(), result.passed(), result.since().toString(), result.said());
  }

  private static List<Slow> slowest(List<Member> members) {
    List<Slow> all = new ArrayList<>();
    for (Member member : members) {
      for (Stay stay : member.stages()) {
        if (stay.seconds() > 0) {
          all.add(new Slow(member.name(), stay.stage(), stay.attempt(), stay.seconds()));
        }
      }
    }
    all.sort(Comparator.comparingLong(Slow::seconds).reversed());
    return all.subList(0, Math.min(MOST_SLOW, all.size()));
  }

  /** In the order of the way; stages at which nobody was are left out. */
  private static List<Taken> taken(List<Member> members) {
    List<Taken> taken = new ArrayList<>();
    for (Stage stage : Stage.values()) {
      List<Long> seconds =
          members.stream()
              .flatMap(member -> member.stages().stream())
              .filter(stay -> stay.stage().equals(stage.toString()) && stay.seconds() != NOT_YET)
              .map(Stay::seconds)
              .sorted()
              .toList();
      if (!seconds.isEmpty()) {
        long median = seconds.get((seconds.size() - 1) / 2);
        taken.add(new Taken(stage.toString(), seconds.size(), median, seconds.getLast()));
      }
    }
    return taken;
  }
}
