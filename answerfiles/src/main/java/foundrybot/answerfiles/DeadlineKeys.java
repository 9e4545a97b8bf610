// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import foundrybot.answerfiles.Tree.Branch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How long a node may be silent at a stage before it counts as stuck: the keys, and their read. */
final class DeadlineKeys {
  private static final String KEY = "deadlines";

  /** Those at which somebody waits; they are the lifecycle's, by its names. */
  private static final List<String> STAGES =
      List.of(
          "powered-on",
          "dhcp",
          "bootloader",
          "script",
          "kernel",
          "inspecting",
          "erasing",
          "installing",
          "installed",
          "first-boot");

  private static final Duration LEAST = Duration.ofSeconds(10);
  private static final Duration MOST = Duration.ofDays(2);

  private static final Rule STAGE = Rule.oneOf(STAGES);

  private static final Rule TIME =
      Rule.matching(
          "a time of 10s to 48h in s, m or h, such as 45m",
          "[1-9][0-9]{0,5}[smh]",
          text ->
              text.matches("[1-9][0-9]{0,5}[smh]")
                  && duration(text).compareTo(LEAST) >= 0
                  && duration(text).compareTo(MOST) <= 0);

  private DeadlineKeys() {}

  static Shape.Key deadlines(String fallback, String meaning) {
    Table table = new Table(STAGE, new Scalar(TIME), 0, STAGES.size());
    return Shape.Key.optional(KEY, table, fallback, meaning);
  }

  /** Those of the role or node that the branch is about, in a fixed order. */
  static Map<String, Duration> build(Branch branch) {
    Map<String, Duration> deadlines = new TreeMap<>();
    branch.table(KEY).forEach((stage, text) -> deadlines.put(stage, duration(text)));
    return deadlines;
  }

  private static Duration duration(String text) {
    long number = Long.parseLong(text.substring(0, text.length() - 1));
    return switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(number);
      case 'm' -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }
}
