// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Optional;

/** How many nodes of a phase must be ready, so that the next one may begin. */
public sealed interface PhaseNeed {
  /** How many that is of so many nodes. */
  int of(int nodes);

  /** Each of them. */
  record All() implements PhaseNeed {
    @Override
    public int of(int nodes) {
      return nodes;
    }
  }

  /** More than half: what etcd needs to have a leader. */
  record Majority() implements PhaseNeed {
    @Override
    public int of(int nodes) {
      return nodes / 2 + 1;
    }
  }

  /**
   * A number of them.
   *
   * @param planned how many nodes the author expected; empty where the file does not say it
   */
  record Exactly(int number, Optional<Integer> planned) implements PhaseNeed {
    @Override
    public int of(int nodes) {
      return number;
    }
  }

  /** The rack file's word for it: all, majority, N, or N of M. */
  static PhaseNeed parse(String text) {
    return switch (text) {
      case "all" -> new All();
      case "majority" -> new Majority();
      default -> {
        String[] numbers = text.split(" of ", 2);
        yield new Exactly(
            Integer.parseInt(numbers[0]),
            numbers.length == 1 ? Optional.empty() : Optional.of(Integer.valueOf(numbers[1])));
      }
    };
  }
}
