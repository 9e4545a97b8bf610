// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.logs.NodeLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a lost power takes of a log, and that the log goes on. */
final class FreshLinesTest {
  private static final Mac MAC = Mac.parse("52:54:00:aa:00:01").orElseThrow();

  @TempDir Path folder;

  private static void say(NodeLogs logs, FreshLines fresh, int second, String line) {
    fresh.comes(MAC, Duration.ofSeconds(second));
    logs.add(MAC, "10.77.0.11", line);
  }

  private List<String> lines(Path logs) throws IOException {
    try (NodeLogs again = NodeLogs.driven(logs, new VirtualTime())) {
      return again.tail(MAC, 9).stream().map(line -> line.text()).toList();
    }
  }

  @Test
  void whatCameLatelyMayBeLostAndWhatCameBeforeStays() throws IOException {
    Set<Integer> left = new HashSet<>();
    for (int seed = 0; seed < 60; seed++) {
      Path logs = folder.resolve("seed-" + seed);
      FreshLines fresh = new FreshLines(logs);
      try (NodeLogs written = NodeLogs.driven(logs, new VirtualTime())) {
        say(written, fresh, 0, "first");
        say(written, fresh, 60, "second");
        say(written, fresh, 70, "third");
      }
      Set<Mac> lost = fresh.cut(new Random(seed * 7919L), Duration.ofSeconds(80));
      List<String> there = lines(logs);
      assertEquals("first", there.getFirst());
      boolean whole = there.equals(List.of("first", "second", "third"));
      assertTrue(whole || lost.equals(Set.of(MAC)), there::toString);
      left.add(there.size());
    }
    assertTrue(left.containsAll(Set.of(1, 2, 3)), left::toString);
  }

  @Test
  void whatWasWrittenBackIsNotLostAndATornLineSwallowsNoOther() throws IOException {
    Path logs = folder.resolve("torn");
    FreshLines fresh = new FreshLines(logs);
    try (NodeLogs written = NodeLogs.driven(logs, new VirtualTime())) {
      say(written, fresh, 0, "first");
    }
    assertEquals(Set.of(), fresh.cut(new Random(1), Duration.ofSeconds(31)));
    try (NodeLogs written = NodeLogs.driven(logs, new VirtualTime())) {
      say(written, fresh, 40, "second, of which a part is lost");
    }
    Path file = logs.resolve("52-54-00-aa-00-01.log");
    FreshLines.truncate(file, Files.size(file) - 10);
    try (NodeLogs written = NodeLogs.driven(logs, new VirtualTime())) {
      say(written, fresh, 41, "third");
    }
    assertEquals(List.of("first", "second, of which a par", "third"), lines(logs));
  }
}
