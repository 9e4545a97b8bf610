// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import foundrybot.answerfiles.Tree.Branch;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often a stuck node is power-cycled, of a role or a node: the keys, and their read. */
final class AttemptKeys {
  private static final String KEY = "attempts";

  /** The whole run, and the stages at which a machine is power-cycled, by the lifecycle's names. */
  static final List<String> PLACES =
      List.of(
          RetryLimits.RUN,
          "powered-on",
          "dhcp",
          "bootloader",
          "script",
          "kernel",
          "installing",
          "installed");

  private static final Rule PLACE = Rule.oneOf(PLACES);
  private static final Rule NUMBER = Rule.number(0, RetryLimits.MOST_ATTEMPTS);

  private AttemptKeys() {}

  static Shape.Key attempts(String fallback, String meaning) {
    Table table = new Table(PLACE, new Scalar(NUMBER), 0, PLACES.size());
    return Shape.Key.optional(KEY, table, fallback, meaning);
  }

  /** Those of the role or node that the branch is about, in a fixed order. */
  static Map<String, Integer> build(Branch branch) {
    Map<String, Integer> attempts = new TreeMap<>();
    branch.table(KEY).forEach((place, text) -> attempts.put(place, Integer.valueOf(text)));
    return attempts;
  }
}
