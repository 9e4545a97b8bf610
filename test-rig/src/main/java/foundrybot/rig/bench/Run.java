// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * When and of what something was measured.
 *
 * @param began in UTC, such as {@code 2026-11-24T20:45:00Z}
 * @param commit of the sources, with {@code +changes} if there were some that are not committed
 * @param machine as {@link Machine} describes it
 */
record Run(String began, String commit, String machine) {
  static final String UNKNOWN = "unknown";

  private static final int GIT_SECONDS = 20;

  static Run now() {
    return new Run(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        commit(Product.home()),
        Machine.describe());
  }

  /** {@link #UNKNOWN} without git or without its folder. */
  private static String commit(Path home) {
    String head = git(home, "rev-parse", "--short=10", "HEAD");
    if (head.isEmpty()) {
      return UNKNOWN;
    }
    return git(home, "status", "--porcelain", "--untracked-files=no").isEmpty()
        ? head
        : head + "+changes";
  }

  private static String git(Path home, String... words) {
    List<String> command = new ArrayList<>(List.of("git", "-C", home.toString()));
    command.addAll(List.of(words));
    Shell.Ended ended = Shell.run(home, GIT_SECONDS, command);
    return ended.status() == 0 ? ended.output().strip() : "";
  }

  String day() {
    return began.substring(0, Math.min(began.length(), "2026-11-24".length()));
  }
}
