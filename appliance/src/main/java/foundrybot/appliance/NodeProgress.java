// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Pace;
import foundrybot.appliance.lifecycle.Way;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a node is in numbers, as far as the journal tells.
 *
 * @param what the transfer under way, such as {@code artifact linux}; empty for none
 * @param done bytes of it
 * @param total bytes that it will be; 0 for none
 * @param secondsLeft until it is probably at the goal, by what others of its profile took; -1 where
 *     none has come there yet
 * @param rungs when it came to each stage of this run
 */
public record NodeProgress(String what, long done, long total, long secondsLeft, List<Rung> rungs) {
  private static final Pattern BYTES =
      Pattern.compile("(?:http|report)\\.progress (?:(.*) )?(\\d{1,18}) of (\\d{1,18}) bytes");

  /**
   * A stage of the way.
   *
   * @param at ISO-8601 instant at which it was reached
   */
  public record Rung(String stage, String at) {}

  public NodeProgress {
    rungs = List.copyOf(rungs);
  }

  /** What a machine itself reports of it comes with a name before it and a colon behind it. */
  private static String what(String said) {
    String name = said.startsWith("detail=") ? said.substring("detail=".length()) : said;
    return name.endsWith(":") ? name.substring(0, name.length() - 1) : name;
  }

  /** The same without the countdown, which every second changes. */
  NodeProgress withoutCountdown() {
    return new NodeProgress(what, done, total, -1, rungs);
  }

  static NodeProgress of(String profile, NodeState state, Way way, Pace pace, Instant now) {
    Matcher bytes = BYTES.matcher(state.evidence());
    boolean moves = bytes.matches() && !state.isComplete();
    String label = moves && bytes.group(1) != null ? what(bytes.group(1)) : "image";
    long left =
        state.isInRescue() || way.rungs().isEmpty()
            ? -1
            : pace.left(profile, state.stage(), state.since(), now)
                .map(Duration::toSeconds)
                .orElse(-1L);
    return new NodeProgress(
        moves ? label : "",
        moves ? Long.parseLong(bytes.group(2)) : 0,
        moves ? Long.parseLong(bytes.group(3)) : 0,
        left,
        way.rungs().stream()
            .map(rung -> new Rung(rung.stage().toString(), rung.at().toString()))
            .toList());
  }
}
