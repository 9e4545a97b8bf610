// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that writes facts and leases as fast as it can, and says which are acknowledged. */
@Tag("slow")
class KilledJournalTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final int KILLS = 6;

  /** Blocks of 512 bytes: what the shell lets a process write to one file. */
  private static final int FEW = 200;

  private static final String PRUNING = "pruning";

  @TempDir private Path data = Path.of("");

  /** The process. */
  static final class Writer {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration MONTH = Duration.ofDays(30);

    /** Old enough to be dropped, where the process prunes. */
    private static final Instant LONG_AGO = AT.minus(Duration.ofDays(60));

    private Writer() {}

    public static void main(String[] args) {
      int number = Integer.parseInt(args[1]);
      try (Store store = Store.open(Path.of(args[0]));
          Journal journal =
              new Journal(store, _ -> {}, problem -> say("fatal " + problem.getMessage()))) {
        if (args[2].equals(PRUNING)) {
          Thread.ofPlatform().daemon(true).start(() -> prune(store));
        }
        while (true) {
          for (int i = 0; i < 20; i++) {
            journal.note(new Fact(LONG_AGO, MAC, "noted", String.valueOf(number)));
          }
          journal.append(new Fact(AT, MAC, "kind", String.valueOf(number))).join();
          store.save(List.of(new Store.LeaseRow("10.0.0.1", MAC, AT.plusSeconds(number), "BOUND")));
          say(String.valueOf(number++));
        }
      } catch (RuntimeException e) {
        say("ended " + e.getMessage());
      }
    }

    private static void prune(Store store) {
      while (true) {
        store.prune(new Keeping(MONTH, 1 << 30), _ -> true, AT);
      }
    }

    private static void say(String text) {
      System.out.println(text);
      System.out.flush();
    }
  }

  private Process start(int number, String limit, String mode) throws IOException {
    String path = System.getProperty("surefire.test.class.path", "");
    return new ProcessBuilder(
            "sh",
            "-c",
            limit + "exec \"$@\"",
            "sh",
            Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            path.isEmpty() ? System.getProperty("java.class.path", "") : path,
            Writer.class.getName(),
            data.toString(),
            String.valueOf(number),
            mode)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private List<Integer> kept() {
    List<Integer> kept = new ArrayList<>();
    try (Store store = Store.open(data)) {
      store.replay(Set.of("kind"), fact -> kept.add(Integer.valueOf(fact.detail())));
      Instant lease = store.leases().getFirst().expires();
      assertTrue(
          kept.size() - lease.minusSeconds(Writer.AT.getEpochSecond()).getEpochSecond() <= 2,
          "the lease is of " + lease + " with " + kept.size() + " facts");
    }
    return kept;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", PRUNING})
  void whateverWasAcknowledgedIsThereAfterAKillAtAnyMoment(String mode) throws Exception {
    SplittableRandom random = new SplittableRandom(5);
    int next = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start(next, "", mode);
      int acknowledged = next - 1;
      try (BufferedReader out = process.inputReader()) {
        int until = next + random.nextInt(300);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          acknowledged = Integer.parseInt(line);
          if (acknowledged == until) {
            // In the middle of what comes next.
            Thread.sleep(0, random.nextInt(900_000));
            // Not by the process itself, which would close what it still says.
            process.toHandle().destroyForcibly();
          }
        }
      }
      process.waitFor();
      List<Integer> kept = kept();
      for (int i = 0; i < kept.size(); i++) {
        assertEquals(i, kept.get(i));
      }
      int lost = acknowledged + 1 - kept.size();
      assertTrue(lost == 0 || lost == -1, "lost of " + (acknowledged + 1) + ": " + lost);
      next = kept.size();
    }
    try (Store store = Store.open(data)) {
      int noted = store.newest(fact -> fact.kind().equals("noted"), 1 << 20, 1 << 20).size();
      // What was written since the last pruning is still there.
      assertEquals(mode.isEmpty(), noted >= 20 * (next - 1), "noted: " + noted + " of " + next);
    }
  }

  @Test
  void whereNothingMoreCanBeWrittenItSaysSoAndAcknowledgesNothingMore() throws Exception {
    Process process = start(0, "ulimit -f " + FEW + "; ", "");
    List<String> said = new ArrayList<>();
    try (BufferedReader out = process.inputReader()) {
      out.lines().forEach(said::add);
    }
    process.waitFor();
    List<String> fatal = said.stream().filter(line -> line.startsWith("fatal ")).toList();
    assertEquals(1, fatal.size(), said::toString);
    assertTrue(
        fatal.getFirst().contains("state: cannot be written or read (File too large); free space"),
        fatal.getFirst());

    int acknowledged =
        said.stream()
            .filter(line -> line.matches("\\d+"))
            .mapToInt(Integer::parseInt)
            .max()
            .orElse(-1);
    List<Integer> kept = kept();
    assertTrue(acknowledged > 10, said::toString);
    assertEquals(acknowledged + 1, kept.size());
  }
}
