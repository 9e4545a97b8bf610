// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/bench} itself, for seconds and without other servers, so that it does not rot. */
@Tag("qemu")
class SmokeTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void everyKindOfLoadRunsAndLeavesNothingBehind() throws IOException {
    Path out = folder.resolve("out.jsonl");
    Shell.Ended ended =
        Shell.run(
            folder,
            600,
            List.of(
                Product.home().resolve("bin/bench").toString(),
                "--reps",
                "1",
                "--secs",
                "0.3",
                "--warm",
                "0.5",
                "--peers",
                "none",
                "--nodes",
                "20",
                "--only",
                "DISCOVER, 1,000|proxy|window 4$|60 MB x16|new conn|20 machines at",
                "--out",
                out.toString()));
    assertEquals(0, ended.status(), ended.output());
    assertFalse(ended.output().contains("left out"), ended.output());
    List<String> lines = Files.readAllLines(out);
    assertEquals(8, lines.size(), ended.output());
    assertTrue(
        lines.stream().allMatch(line -> line.contains("\"failed\":0")), String.join("\n", lines));
    for (String place : List.of("/run/netns", "/dev/shm")) {
      try (Stream<Path> left = Files.list(Path.of(place))) {
        assertTrue(
            left.noneMatch(file -> file.toString().contains("-bench") && isOfDead(file)), place);
      }
    }
  }

  private static boolean isOfDead(Path file) {
    String pid = String.valueOf(file.getFileName()).replaceAll("^fb([0-9]+)-bench.*", "$1");
    return pid.matches("[0-9]+") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
  }

  @Test
  void whatIsWrongIsSaidWithWhatWasExpected() {
    Shell.Ended ended =
        Shell.run(
            folder, 60, List.of(Product.home().resolve("bin/bench").toString(), "--nodes", "many"));
    assertTrue(ended.output().contains("--nodes: many (expected: MACHINES"), ended.output());
    assertTrue(ended.status() != 0);
  }
}
