// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.rig.load.LoadResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlameTest {
  private final Results results = new Results();

  @TempDir Path dir;

  private void add(String scenario, int seed, Map<String, Double> more) {
    LoadResult load = new LoadResult(2, 0, 0, 9, 40, 90, 0, more, "", "");
    results.add(new Outcome(ReportTest.RUN, "blame", scenario, Product.NAME, seed, load, 0, 0, 0));
  }

  @Test
  void ofAllRacksMedianAndWorstAreOfTheNodes() {
    add("twin", 1, Map.of("after n1", 5.0, "after n2", 21.0, "code duplicate-mac", 2.0));
    add(
        "twin",
        2,
        Map.of("after n1", 22.0, "after n9", 40.0, "code other", 2.0, "wrong other-machine", 15.0));
    assertTrue(
        Blame.table(results)
            .contains(
                "| `twin` | 4 | `duplicate-mac`, `other` | 5 | 22 | 40 | `other-machine` at most"
                    + " 15 s |"),
        () -> Blame.table(results));
  }

  @Test
  void aSimulatedRackIsMeasuredAndItsFileSaysTheSame() {
    Path file = dir.resolve("out.jsonl");
    Results found =
        Blame.run(
            ReportTest.RUN,
            40,
            1,
            Pattern.compile("no-link|status of"),
            one -> ResultFile.append(file, one));
    assertEquals(
        List.of("no-link", "status of 1,000 nodes"),
        found.all().stream().map(Outcome::scenario).toList());
    assertTrue(Blame.table(found).contains("| `no-link` | 1 | `no-discover` |"));
    assertEquals(Blame.table(found), Blame.table(ResultFile.read(List.of(file))));
    assertTrue(Files.exists(file));
  }

  @Test
  void thePageHasRoomForIt() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "performance.md"));
    assertTrue(Document.replace(page, Blame.EXPERIMENT, "new\n").contains("-->\nnew\n<!--"));
    assertTrue(Set.copyOf(Blame.scenarios()).contains("no-link"));
  }
}
