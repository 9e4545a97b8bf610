// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.lifecycle.InstallSteps;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Pace;
import foundrybot.appliance.lifecycle.Way;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a node is in numbers, as far as the journal and its installer's log tell.
 *
 * @param what the transfer under way, such as {@code artifact linux}; empty for none
 * @param done bytes of it
 * @param total bytes that it will be; 0 for none
 * @param secondsLeft until it is probably at the goal, by what others of its profile and role took,
 *     or of its profile alone; -1 where none has come there yet
 * @param rungs when it came to each stage of this run
 * @param percent of the installation that is behind its installer, by what that said; it never goes
 *     back within an attempt; -1 where the installer is not at work, or said nothing that is known
 * @param step what the installer does, in a few words; empty where the per cent are unknown
 * @param until ISO-8601 instant at which it is probably at the goal, whether that is past or not;
 *     empty where {@code secondsLeft} is unknown
 */
public record NodeProgress(
    String what,
    long done,
    long total,
    long secondsLeft,
    List<Rung> rungs,
    int percent,
    String step,
    String until) {
  /** Of the appliance's own transfers, and of the deployer, which adds the numbers once more. */
  private static final Pattern BYTES =
      Pattern.compile(
          "(?:http|report)\\.progress (?:detail=)?(?:(.{0,400}?):? )?(\\d{1,18}) of (\\d{1,18})"
              + " bytes(?: (?:bytes|total)=\\d{1,18}){0,2}");

  /**
   * A stage of the way.
   *
   * @param at ISO-8601 instant at which it was reached
   */
  public record Rung(String stage, String at) {}

  public NodeProgress {
    rungs = List.copyOf(rungs);
  }

  /** Where no installer is at work, and of none of its profile is known how long it takes. */
  public NodeProgress(String what, long done, long total, long secondsLeft, List<Rung> rungs) {
    this(what, done, total, secondsLeft, rungs, -1, "", "");
  }

  /** The same without the countdown, which every second changes. */
  NodeProgress withoutCountdown() {
    return new NodeProgress(what, done, total, -1, rungs, percent, step, until);
  }

  static NodeProgress of(
      Pace.Kind kind,
      NodeState state,
      Way way,
      Pace pace,
      Optional<InstallSteps.Reached> installed,
      Instant now) {
    Matcher bytes = BYTES.matcher(state.evidence());
    boolean moves = bytes.matches() && !state.isComplete();
    String label = moves && bytes.group(1) != null ? bytes.group(1) : "image";
    boolean estimated = !state.isInRescue() && !way.rungs().isEmpty();
    Optional<Duration> left =
        estimated ? pace.left(kind, state.stage(), state.since(), now) : Optional.empty();
    Optional<Instant> until =
        estimated ? pace.until(kind, state.stage(), state.since()) : Optional.empty();
    return new NodeProgress(
        moves ? label : "",
        moves ? Long.parseLong(bytes.group(2)) : 0,
        moves ? Long.parseLong(bytes.group(3)) : 0,
        left.map(Duration::toSeconds).orElse(-1L),
        way.rungs().stream()
            .map(rung -> new Rung(rung.stage().toString(), rung.at().toString()))
            .toList(),
        installed.map(InstallSteps.Reached::percent).orElse(-1),
        installed.map(InstallSteps.Reached::step).orElse(""),
        until.map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString()).orElse(""));
  }
}
