// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class NodeLogsTest {
  private static final Mac W1 = Mac.parse("52:54:00:aa:00:01").orElseThrow();
  private static final Mac W2 = Mac.parse("52:54:00:aa:00:02").orElseThrow();
  private static final String FROM = "10.77.0.11";

  @TempDir Path folder = Path.of("");
  private Instant now = Instant.parse("2026-11-24T10:00:00Z");

  private NodeLogs open() throws IOException {
    return NodeLogs.open(folder.resolve("logs"), () -> now);
  }

  private static List<String> texts(List<LogLine> lines) {
    return lines.stream().map(LogLine::text).toList();
  }

  @Test
  void eachNodeHasItsOwnLinesInTheirOrder() throws Exception {
    try (NodeLogs logs = open()) {
      logs.add(W1, FROM, "partman: one");
      logs.add(W2, FROM, "partman: other");
      logs.add(W1, FROM, "partman: two");
      assertEquals(List.of("partman: one", "partman: two"), texts(logs.tail(W1, 10)));
      assertEquals(List.of("partman: two"), texts(logs.tail(W1, 1)));
      assertEquals(List.of("partman: other"), texts(logs.atHand(W2)));
    }
  }

  @Test
  void aConsoleAndTheOtherLinesDoNotCrowdEachOtherOutOfWhatIsAtHand() throws Exception {
    try (NodeLogs logs = open()) {
      logs.add(W1, FROM, "partman: no disk");
      for (int i = 0; i < 20; i++) {
        logs.add(W1, LogLine.CONSOLE, "kernel " + i);
      }
      assertEquals(21, logs.tail(W1, 100).size());
      List<String> hand = texts(logs.atHand(W1));
      assertEquals(1 + NodeLogs.AT_HAND, hand.size());
      assertEquals("partman: no disk", hand.getFirst());
      assertEquals("kernel 19", hand.getLast());
    }
    try (NodeLogs again = open()) {
      assertEquals("partman: no disk", texts(again.atHand(W1)).getFirst());
    }
  }

  @Test
  void aLoudConsoleTakesNothingFromWhatAnInstallerMayLog() throws Exception {
    try (NodeLogs logs = open()) {
      for (int i = 0; i < 1_000; i++) {
        logs.add(W1, LogLine.CONSOLE, "x".repeat(400));
      }
      assertTrue(logs.counters().containsKey("dropped-machine-too-loud"));
      logs.add(W1, FROM, "partman: no disk");
      assertEquals("partman: no disk", logs.tail(W1, 1).getFirst().text());
    }
  }

  @Test
  void linesOfOneMomentHaveTimesOfTheirOwnSoThatAReaderMissesNone() throws Exception {
    try (NodeLogs logs = open()) {
      for (int i = 0; i < 3; i++) {
        logs.add(W1, FROM, "line " + i);
      }
      List<LogLine> all = logs.tail(W1, 10);
      assertEquals(now, all.getFirst().at());
      assertEquals(List.of("line 1", "line 2"), texts(logs.after(W1, all.getFirst().at(), 10)));
      now = now.minus(Duration.ofHours(1));
      logs.add(W1, FROM, "of a clock that was set back");
      assertEquals(
          List.of("of a clock that was set back"), texts(logs.after(W1, all.getLast().at(), 10)));
    }
  }

  @Test
  void theyOutliveARestartAndAKillCostsTheTornLineAlone() throws Exception {
    try (NodeLogs logs = open()) {
      logs.add(W1, FROM, "before");
    }
    Path file = folder.resolve("logs").resolve("52-54-00-aa-00-01.log");
    Files.writeString(file, "2026-11-24T10:00:0", StandardOpenOption.APPEND);
    try (NodeLogs logs = open()) {
      assertEquals(List.of("before"), texts(logs.atHand(W1)));
      logs.add(W1, FROM, "after");
      assertEquals(List.of("before", "after"), texts(logs.tail(W1, 10)));
      assertEquals(List.of("before", "after"), texts(logs.atHand(W1)));
    }
  }

  @Test
  void theOldestHalfMakesRoom() throws Exception {
    try (NodeLogs logs = open()) {
      for (int i = 0; i < 3000; i++) {
        logs.add(W1, FROM, "line " + i + " " + "x".repeat(200));
        now = now.plusMillis(100);
        if (i % 100 == 0) {
          logs.tail(W1, 1);
        }
      }
      List<String> kept = texts(logs.tail(W1, NodeLogs.MOST_LINES));
      assertTrue(kept.getLast().startsWith("line 2999 "), kept::getLast);
      assertFalse(kept.getFirst().startsWith("line 0 "), kept::getFirst);
    }
    try (Stream<Path> files = Files.list(folder.resolve("logs"))) {
      for (Path file : files.toList()) {
        assertTrue(Files.size(file) < 2 * LogFiles.MOST_BYTES, file::toString);
      }
    }
  }

  @Test
  void aFloodOfOneNodeCostsACounterAndNothingOfTheOthers() throws Exception {
    try (NodeLogs logs = open()) {
      for (int i = 0; i < 20_000; i++) {
        logs.add(W1, FROM, "flood " + i);
        if (i % 1000 == 0) {
          logs.tail(W1, 1);
        }
      }
      logs.add(W2, FROM, "quiet");
      assertEquals(List.of("quiet"), texts(logs.tail(W2, 10)));
      long dropped = logs.counters().getOrDefault("dropped-machine-too-loud", 0L);
      assertTrue(dropped > 15_000, () -> "dropped " + dropped);
      now = now.plusSeconds(60);
      logs.add(W1, FROM, "heard again");
      assertEquals("heard again", logs.tail(W1, 1).getFirst().text());
    }
  }

  @Test
  void aKeyWhoseBeginningWasDroppedIsMaskedAllTheSame() throws Exception {
    try (NodeLogs logs = open()) {
      for (int i = 0; i < 1_000; i++) {
        logs.add(W1, FROM, "x".repeat(400));
      }
      logs.add(W1, FROM, "-----BEGIN PRIVATE KEY-----" + " ".repeat(400));
      now = now.plusSeconds(60);
      logs.add(W1, FROM, "short+last==");
      assertEquals("***", logs.tail(W1, 1).getFirst().text());
    }
  }

  @Test
  void whatLooksLikeASecretIsMasked() {
    String token = "0123456789abcdef0123456789abcdef";
    assertEquals(
        "url=http://10.77.0.1/node/***/preseed.cfg",
        Secrets.masked("url=http://10.77.0.1/node/" + token + "/preseed.cfg"));
    assertEquals("password=*** x", Secrets.masked("password=hunter2 x"));
    assertEquals("Authorization: Bearer ***", Secrets.masked("Authorization: Bearer abc.def"));
    assertEquals("root:***:19000", Secrets.masked("root:$6$salt$abcdefghijk./:19000"));
    assertEquals(
        "key *** set", Secrets.masked("key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= set"));
    assertEquals("no disk: /dev/vda", Secrets.masked("no disk: /dev/vda"));
  }

  @Test
  void filesOfNodesThatAreGoneGoAfterNinetyDays() throws Exception {
    try (NodeLogs logs = open()) {
      logs.add(W1, FROM, "old");
      logs.add(W2, FROM, "young");
    }
    Path file = folder.resolve("logs").resolve("52-54-00-aa-00-01.log");
    Files.setLastModifiedTime(file, FileTime.from(now.minus(Duration.ofDays(91))));
    Path other = folder.resolve("logs").resolve("52-54-00-aa-00-02.log");
    Files.setLastModifiedTime(other, FileTime.from(now));
    try (NodeLogs logs = open()) {
      assertEquals(List.of(), logs.tail(W1, 10));
      assertEquals(List.of("young"), texts(logs.tail(W2, 10)));
    }
  }
}
