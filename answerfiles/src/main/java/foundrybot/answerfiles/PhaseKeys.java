// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import java.time.Duration;
import java.util.List;

/** The keys of the rack file about the phases of the cluster. */
final class PhaseKeys {
  static final String KEY = "phases";
  static final String USUAL_DEADLINE = "30m";
  static final int USUAL_TIMEOUT = 10;

  private static final int MOST_PHASES = 32;
  private static final int MOST_ROLES = 256;
  private static final int MOST_WORDS = 32;

  /** The node asks for news of the mesh when its checks are over, so they cannot take long. */
  private static final int MOST_TIMEOUT = 60;

  private static final Duration LEAST_DEADLINE = Duration.ofMinutes(1);
  private static final Duration MOST_DEADLINE = Duration.ofHours(24);
  private static final String TIME = "[1-9][0-9]{0,4}[smh]";
  private static final String NUMBER = "[1-9][0-9]{0,4}";
  private static final String PORT = "[1-9][0-9]{0,4}( on [A-Za-z0-9_][A-Za-z0-9_.-]{0,14})?";

  private static final Rule NEED =
      Rule.pattern(
          "all, majority, a number such as 2, or 2 of 3",
          "all|majority|" + NUMBER + "( of " + NUMBER + ")?");
  private static final Rule DEADLINE =
      Rule.matching("a time of 1m to 24h, such as 90s, 30m or 2h", TIME, text -> isDeadline(text));
  private static final Rule SERVICE =
      Rule.pattern(
          "the name of a service, such as etcd.service", "[A-Za-z0-9][A-Za-z0-9@._:-]{0,127}");
  private static final Rule PORT_ON =
      Rule.matching(
          "a TCP port (1..65535) and perhaps the interface by whose address it is asked, such as:"
              + " 2379 on wg1",
          PORT,
          text -> text.matches(PORT) && Integer.parseInt(text.split(" ", 2)[0]) <= 65535);
  private static final Rule PLANE = Rule.pattern("wg0, wg1, wg2 or wg3", "wg[0-3]");
  private static final Rule WORD =
      Rule.pattern("1..500 printable ASCII characters", "[ -~]{1,500}");

  private PhaseKeys() {}

  static Table phases() {
    return new Table(Rules.LABEL_NAME, phase(), 1, MOST_PHASES);
  }

  /** The file of those that are built in. */
  static Mapping file() {
    return new Mapping(List.of(Shape.Key.required(KEY, phases(), "All of them.")));
  }

  private static Mapping phase() {
    return new Mapping(
        List.of(
            Shape.Key.required(
                "roles",
                new Items(Rules.LABEL_NAME, 1, MOST_ROLES),
                "Whose nodes belong to it; a role belongs to one phase at most."),
            Shape.Key.optional(
                "need",
                new Scalar(NEED),
                "all",
                "How many of them must be ready: all, majority, N, or N of M."),
            Shape.Key.optional(
                "deadline",
                new Scalar(DEADLINE),
                USUAL_DEADLINE,
                "How long an enrolled node may take until its checks pass."),
            Shape.Key.optional(
                "checks",
                checks(),
                "none: to be enrolled is enough",
                "What each of its nodes proves, by name: a service, a port, a handshake or a"
                    + " command.")));
  }

  /** Checks by name, of a phase, a role or a node. */
  static Table checks() {
    return new Table(Rules.LABEL_NAME, check(), 0, Phase.MOST_CHECKS);
  }

  private static Mapping check() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "service", new Scalar(SERVICE), "none", "It passes if this service is active."),
            Shape.Key.optional(
                "port",
                new Scalar(PORT_ON),
                "none",
                "It passes if this TCP port takes connections: PORT, or PORT on INTERFACE."),
            Shape.Key.optional(
                "handshake",
                new Scalar(PLANE),
                "none",
                "It passes if WireGuard reaches a peer on this interface of the mesh."),
            Shape.Key.optional(
                "command",
                new Items(WORD, 1, MOST_WORDS),
                "none",
                "It passes if this program, run as root without a shell, ends as expected."),
            Shape.Key.optional(
                "expect",
                new Scalar(Rule.number(0, 255)),
                "0",
                "Of command: the exit status that passes."),
            Shape.Key.optional(
                "timeout",
                new Scalar(Rule.number(1, MOST_TIMEOUT)),
                Integer.toString(USUAL_TIMEOUT),
                "Seconds after which it counts as failed.")));
  }

  private static boolean isDeadline(String text) {
    return text.matches(TIME)
        && duration(text).compareTo(LEAST_DEADLINE) >= 0
        && duration(text).compareTo(MOST_DEADLINE) <= 0;
  }

  static Duration duration(String text) {
    long number = Long.parseLong(text.substring(0, text.length() - 1));
    return switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(number);
      case 'm' -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }
}
