// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Why a node is stuck, by what that is known, and what to try.
 *
 * @param code of {@link Trouble}; stays as it is, for programs; empty: there is no trouble
 * @param why what the evidence says, in one sentence
 * @param evidence what was seen, each with its time, the oldest first
 * @param causes what may be behind it, the likeliest first
 * @param tries what to do, one after the other
 */
public record Diagnosis(
    String code, String why, List<String> evidence, List<String> causes, List<String> tries) {
  /** Of a node that is not stuck, nor waits for the operator. */
  public static final Diagnosis NONE = new Diagnosis("", "", List.of(), List.of(), List.of());

  /** Below that much room on its disk the appliance is in danger; the journal grows by less. */
  public static final long LEAST_ROOM = 256L << 20;

  private static final String UNHEARD =
      "none would be heard (dhcp: off), and no file was asked for: the site's DHCP server may name"
          + " none of the appliance's, or UDP port 69 may be blocked";

  private static final String DEPLOY = "deploy";

  public Diagnosis {
    evidence = List.copyOf(evidence);
    causes = List.copyOf(causes);
    tries = List.copyOf(tries);
  }

  /**
   * The same with more evidence.
   *
   * @param more lines that begin with their instant, as those at hand do
   */
  public Diagnosis with(List<String> more) {
    List<String> lines = new ArrayList<>(evidence);
    lines.addAll(more);
    lines.sort(Comparator.comparing(Diagnosis::at));
    return new Diagnosis(code, why, lines, causes, tries);
  }

  /** The same with a sentence that says more. */
  public Diagnosis saying(Optional<String> more) {
    return more.map(said -> new Diagnosis(code, why + "; " + said, evidence, causes, tries))
        .orElse(this);
  }

  private static Instant at(String line) {
    return Instant.parse(line.substring(0, line.indexOf(' ')));
  }

  /** The next thing to do, in words; empty where there is no trouble. */
  public String tryNext() {
    return tries.isEmpty() ? "" : tries.getFirst();
  }

  /** The same by the limits that hold where the rack file names no others. */
  public static Optional<Diagnosis> of(String node, NodeState state, Instant now) {
    return of(node, state, now, Deadlines.USUAL, SiteServers.NONE);
  }

  /**
   * Empty unless the node of that name is stuck, or waits for the operator.
   *
   * @param servers what is known of the DHCP servers beside the appliance
   */
  public static Optional<Diagnosis> of(
      String node, NodeState state, Instant now, Deadlines deadlines, SiteServers servers) {
    if (state.hold().isPresent()) {
      return state.hold().map(hold -> onHold(node, state, hold));
    }
    if (state.condition(now, deadlines) == Condition.STUCK) {
      return Optional.of(stuck(node, state, now, deadlines, servers));
    }
    return state.isHeld() ? Optional.of(held(node, state)) : Optional.empty();
  }

  /**
   * Of the appliance itself.
   *
   * @param usable bytes that are left on the disk of the data folder
   * @param folder where that is
   */
  public static Optional<Diagnosis> ofRoom(long usable, String folder, Instant now) {
    if (usable >= LEAST_ROOM) {
      return Optional.empty();
    }
    String room = (usable >> 20) + " MB left for " + folder;
    return Optional.of(
        Trouble.APPLIANCE_DISK_FULL.of(
            "",
            DEPLOY,
            Map.of("said", room),
            List.of(now + " " + room + " (expected: 256 or more)")));
  }

  /**
   * Of a node that is enrolled and keeps its phase from being done.
   *
   * @param said which of its checks does not pass, and what the node says of it
   * @param evidence lines that begin with their instant
   */
  public static Diagnosis ofCheck(String node, String said, List<String> evidence) {
    Trouble named = FailureWords.of(said);
    Trouble trouble = named == Trouble.NO_HANDSHAKE ? named : Trouble.CHECK_FAILED;
    return trouble.of(node, DEPLOY, Map.of("said", said), evidence);
  }

  private static Diagnosis stuck(
      String node, NodeState state, Instant now, Deadlines deadlines, SiteServers servers) {
    return shared(node, state)
        .or(() -> mismatched(node, state))
        .or(() -> said(node, state, Trouble.DUPLICATE_MACHINE, state.quarantine()))
        .or(() -> said(node, state, Trouble.BMC_REFUSED, state.refusal()))
        .or(() -> said(node, state, Trouble.BMC_REFUSED, state.trial(now).map(BmcTrial::text)))
        .orElseGet(() -> restarted(node, state, now, deadlines, servers));
  }

  /** What its attempt came to, or, if it started over since, what stands in its way now. */
  private static Diagnosis restarted(
      String node, NodeState state, Instant now, Deadlines deadlines, SiteServers servers) {
    Diagnosis before = attempted(node, state, servers);
    Optional<String> at =
        state.restartedAt().map(started -> "it started over at " + inWords(started));
    // Firmware that starts its network boot anew is one way of being stuck before the script.
    return state
        .sinceRestart(now, deadlines)
        .map(
            since ->
                silent(node, since, servers)
                    .saying(at)
                    .saying(
                        Optional.of(
                            "before that it was stuck at " + state.stage() + ": " + before.why()))
                    .with(unlike(evidence(since), evidenceOfRestart(state))))
        .orElseGet(() -> before.saying(at.filter(_ -> !state.stage().isBefore(Stage.SCRIPT))));
  }

  private static Diagnosis attempted(String node, NodeState state, SiteServers servers) {
    return state
        .failure()
        .flatMap(reason -> reported(node, state, reason))
        .or(() -> looping(node, state))
        .or(() -> unarmed(node, state))
        .orElseGet(
            () -> silent(node, state, servers).saying(state.endedBefore().map(Diagnosis::before)));
  }

  private static String before(Ends.At ended) {
    return "before its last power cycle it had started over " + ended;
  }

  private static List<String> evidenceOfRestart(NodeState state) {
    List<String> lines = new ArrayList<>();
    state.restartedAt().ifPresent(at -> lines.add(at + " started over, and is not as far again"));
    lines.addAll(evidence(state));
    return lines;
  }

  private static List<String> unlike(List<String> there, List<String> more) {
    return more.stream().filter(line -> !there.contains(line)).toList();
  }

  /** That two ask in turn says more than that the last of them is the wrong one. */
  private static Optional<Diagnosis> shared(String node, NodeState state) {
    boolean felt = state.isTakenForAnother() || state.loop().isPresent();
    return state
        .trail()
        .of(Mark.OTHER_UUID)
        .filter(_ -> felt && state.hasTwin() && state.quarantine().isEmpty())
        .map(asked -> of(node, state, Trouble.DUPLICATE_MAC, values(Mark.OTHER_UUID, asked)));
  }

  private static Optional<Diagnosis> mismatched(String node, NodeState state) {
    return state
        .mismatch()
        .map(
            found ->
                of(
                    node,
                    state,
                    Trouble.OTHER_MACHINE,
                    Map.of("bmc", found.bmc(), "machine", found.machine())));
  }

  private static Optional<Diagnosis> said(
      String node, NodeState state, Trouble trouble, Optional<String> said) {
    return said.map(text -> of(node, state, trouble, Map.of("said", text)));
  }

  private static Optional<Diagnosis> reported(String node, NodeState state, String reason) {
    if (reason.isBlank()) {
      Diagnosis plain = of(node, state, Trouble.REPORTED_FAILURE, Map.of("said", ""));
      String why = "the machine reported a failure, and no reason";
      return Optional.of(
          new Diagnosis(plain.code(), why, plain.evidence(), plain.causes(), plain.tries()));
    }
    Trouble trouble =
        state.purpose().equals(Optional.of(Purpose.ERASE))
            ? Trouble.ERASURE_FAILED
            : FailureWords.of(reason);
    return said(node, state, trouble, Optional.of(reason));
  }

  private static Optional<Diagnosis> looping(String node, NodeState state) {
    return state
        .loop()
        .map(
            it ->
                of(
                    node,
                    state,
                    Trouble.REINSTALL_LOOP,
                    Map.of("times", Sighting.times(it.times()), "stage", it.stage().toString())));
  }

  private static Diagnosis onHold(String node, NodeState state, NodeHold hold) {
    Diagnosis plain = of(node, state, Trouble.HELD, Map.of("said", hold.said()));
    return new Diagnosis(
        plain.code(), plain.why(), plain.evidence(), plain.causes(), List.of(hold.tryNext(node)));
  }

  /** Also where it had its script already when its time was over. */
  private static Optional<Diagnosis> unarmed(String node, NodeState state) {
    return state.power().hold() == PowerRun.Hold.NOT_ARMED
        ? Optional.of(held(node, state))
        : Optional.empty();
  }

  private static Diagnosis held(String node, NodeState state) {
    if (state.power().hold() != PowerRun.Hold.NOT_ARMED) {
      return of(node, state, Trouble.NOT_DEPLOYED, Map.of());
    }
    String armed =
        state
            .power()
            .armed()
            .map(end -> "was armed until " + end + " only")
            .orElse("waits to be armed");
    return of(node, state, Trouble.NOT_ARMED, Map.of("armed", armed));
  }

  /** Without DHCP its TFTP or HTTP is the first that is heard of a machine. */
  private static boolean isUnheard(Trouble trouble, SiteServers servers) {
    return trouble == Trouble.NO_DISCOVER && !servers.areHeard();
  }

  private static Diagnosis silent(String node, NodeState state, SiteServers servers) {
    Rungs.Row row = Rungs.of(state, servers);
    Map<String, String> values = new HashMap<>();
    values.put("powered", inWords(state.power().at()));
    values.put("said", state.power().said());
    row.mark()
        .flatMap(mark -> state.trail().of(mark).map(seen -> values(mark, seen)))
        .ifPresent(values::putAll);
    return row.mark().equals(Optional.of(Mark.OTHER_SERVER))
        ? taken(node, state, row.trouble(), values, servers)
        : of(node, state, row.trouble(), values)
            .saying(Optional.of(UNHEARD).filter(_ -> isUnheard(row.trouble(), servers)));
  }

  /**
   * It took the offer of another DHCP server: of one that is not meant to be there, if it did so at
   * its stage at all, though it may have taken another one since, as its old disk's system does.
   */
  private static Diagnosis taken(
      String node,
      NodeState state,
      Trouble trouble,
      Map<String, String> values,
      SiteServers servers) {
    Optional<SiteServers.Taken> rival = servers.rival(state.since());
    if (rival.isPresent()) {
      SiteServers.Taken taken = rival.get();
      Map<String, String> named = new HashMap<>(values);
      if (!taken.server().equals(values.get("server"))) {
        named.put("times", "once or more");
      }
      named.put("server", taken.server());
      named.put("at", inWords(taken.last()));
      String line =
          "%s took the offer of %s, of %s; appliance.site-servers: %s"
              .formatted(taken.last(), taken.address(), taken.server(), servers.names());
      return of(node, state, trouble, named).with(List.of(line));
    }
    String others = servers.unlike(values.getOrDefault("server", ""));
    return of(node, state, trouble, values)
        .saying(Optional.of(others).filter(said -> !said.isEmpty()));
  }

  private static Map<String, String> values(Mark mark, Sighting seen) {
    String subject = mark.subject(seen.said());
    boolean other = mark == Mark.OTHER_SERVER;
    return Map.of(
        "said", seen.said(),
        "times", seen.times(),
        "first", inWords(seen.first()),
        "at", inWords(seen.last()),
        "server", other ? subject : "",
        "by", other ? " of the DHCP server " + subject : "");
  }

  /** As a sentence has it; evidence has all of it. */
  private static String inWords(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static Diagnosis of(
      String node, NodeState state, Trouble trouble, Map<String, String> values) {
    String begin = state.purpose().map(Purpose::toString).orElse(DEPLOY);
    return trouble.of(node, begin, values, evidence(state));
  }

  /** The way to the stage, what was seen at it, and the last that was heard at all. */
  private static List<String> evidence(NodeState state) {
    List<String> lines = new ArrayList<>();
    PowerRun power = state.power();
    if (power.step() != PowerRun.Step.NONE) {
      lines.add(power.at() + " power " + power.step() + ": " + power.said());
    }
    lines.add(
        state.since()
            + " came to "
            + state.stage()
            + ", run "
            + state.run()
            + ", attempt "
            + state.attempt());
    lines.addAll(state.trail().lines());
    String heard = state.evidenceAt() + " last heard: " + state.evidence();
    lines.add(heard);
    if (state.progressAt().isAfter(state.since())) {
      lines.add(state.progressAt() + " last progress");
    }
    lines.sort(Comparator.comparing(Diagnosis::at));
    return lines;
  }
}
