// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.rig.bench.Cases.StormSize;
import foundrybot.rig.load.LoadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFileTest {
  private static final String COMMIT = "0123456789";

  @TempDir Path dir;

  private Path file(String name) {
    return dir.resolve(name);
  }

  private static Outcome outcome(Run run, String scenario, String subject, int turn, double cpu) {
    LoadResult load = new LoadResult(1000, 0, 5_000_000, 1, 2, 3, 0.5, Map.of("x", 1.5), "", "");
    return new Outcome(run, "dhcp", scenario, subject, turn, load, cpu, 200, Double.NaN);
  }

  private static Run run(String began) {
    return new Run("2026-11-24T" + began + "Z", COMMIT, "2 CPUs");
  }

  private void sideBySide(Path file, Run run, int turn, double ours, double peers) {
    ResultFile.append(file, outcome(run, Cases.DISCOVER, Product.NAME, turn, ours));
    ResultFile.append(file, outcome(run, Cases.DISCOVER, "dnsmasq", turn, peers));
  }

  @Test
  void thePageNamesTheCommandAsItWasTyped() {
    assertEquals(
        "bin/bench dhcp --reps 1",
        BenchCommand.typed(List.of("bench", "dhcp", "--reps", "1"), "bench"));
    assertEquals("bin/bench dhcp", BenchCommand.typed(List.of("dhcp"), "bench"));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Outcome one = outcome(run("20:45:00"), Cases.DISCOVER, Product.NAME, 1, 0.0128);
    ResultFile.append(file("a"), one);
    assertEquals(List.of(one), ResultFile.read(List.of(file("a"))).all());
  }

  @Test
  void runsOfPartsBecomeRepetitionsAndOnlyWhatRanSideBySideIsCompared() {
    sideBySide(file("a"), run("20:45:00"), 1, 0.01, 0.02);
    // The same file a second time, as --out appends, and a run of two repetitions.
    sideBySide(file("a"), run("20:50:00"), 1, 0.03, 0.05);
    sideBySide(file("b"), run("20:55:00"), 1, 0.02, 0.05);
    sideBySide(file("b"), run("20:55:00"), 2, 0.04, 0.08);
    // Another part has its own count.
    ResultFile.append(file("b"), outcome(run("20:55:00"), Cases.PROXY, Product.NAME, 1, 0.01));

    Results results = ResultFile.read(List.of(file("a"), file("b")));
    assertEquals(
        List.of(1, 1, 2, 2, 3, 3, 4, 4, 1),
        results.all().stream().map(Outcome::repetition).toList());
    String goals = Report.goals(Goals.all(StormSize.USUAL), results);
    assertTrue(goals.contains("against dnsmasq | 0.5 (0.4-0.6) | <= 1 | yes |"), goals);
  }

  @Test
  void differentCommitsAndMachinesAreNotPutTogether() {
    ResultFile.append(file("a"), outcome(run("20:45:00"), Cases.DISCOVER, "x", 1, 1));
    ResultFile.append(
        file("b"), outcome(new Run("later", "other", "2 CPUs"), Cases.DISCOVER, "x", 1, 1));
    ResultFile.append(
        file("c"), outcome(new Run("later", COMMIT, "4 CPUs"), Cases.DISCOVER, "x", 1, 1));
    assertRefused("of 0123456789 and other (expected: no different commits)", "a", "b");
    assertRefused("of 2 CPUs and 4 CPUs (expected: no different machines)", "a", "c");
  }

  @Test
  void theSameMeasurementCountsOnce() {
    ResultFile.append(file("a"), outcome(run("20:45:00"), Cases.DISCOVER, "x", 1, 1));
    assertRefused("a:1: measured once, and here again", "a", "a");
  }

  @Test
  void aLineThatIsNoMeasurementIsNamed() throws IOException {
    ResultFile.append(file("a"), outcome(run("20:45:00"), Cases.DISCOVER, "x", 1, 1));
    Files.writeString(file("a"), Files.readString(file("a")) + "{}\n");
    Files.writeString(file("b"), "no JSON\n");
    assertRefused("a:2 (expected: a line that --out wrote)", "a");
    assertRefused("b:1 (expected: a line that --out wrote)", "b");
    assertRefused("c: cannot be read", "c");
  }

  private void assertRefused(String why, String... names) {
    List<Path> files = List.of(names).stream().map(this::file).toList();
    String said =
        String.valueOf(
            assertThrows(BenchException.class, () -> ResultFile.read(files)).getMessage());
    assertTrue(said.contains(why), said);
  }

  @Test
  void thePageSaysHowManyRunsItIsMadeOf() {
    sideBySide(file("a"), run("20:45:00"), 1, 0.01, 0.02);
    sideBySide(file("a"), run("20:50:00"), 1, 0.03, 0.05);
    Results results = ResultFile.read(List.of(file("a")));
    assertEquals(
        "Measured on 2026-11-24 with `bin/bench --from a`, from 2 runs of parts, at commit"
            + " 0123456789, on 2 CPUs.\n",
        Document.described(results, "bin/bench --from a"));
  }
}
