// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.RackFile;
import foundrybot.rig.simulate.Simulation.Result;
import foundrybot.rig.simulate.Simulation.Trouble;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole racks, with the appliance's own code from packets to files, whose appliance loses its power
 * at random points while machines and BMCs go on.
 */
@Tag("slow")
final class RandomKillsTest {
  private static final int KILLS = 200;
  private static final int IN_A_RUN = 40;
  private static final int NODES = 6;
  private static final Pattern LOST = Pattern.compile("lost its power, and ([0-9]+) facts");

  private static final Trouble TROUBLE =
      new Trouble(Weather.USUAL, List.of(), Duration.ofSeconds(10), Duration.ofHours(6));

  @TempDir Path folder;

  private final List<Integer> lost = new ArrayList<>();

  private Result run(String name, RackFile rack, long seed, Trouble trouble) {
    Result result =
        Simulation.run(
            rack,
            folder.resolve(name + seed),
            seed,
            trouble,
            faults(rack, seed),
            line -> {
              Matcher one = LOST.matcher(line);
              if (one.find()) {
                lost.add(Integer.valueOf(one.group(1)));
              }
            });
    assertEquals(
        Optional.empty(),
        result.violated().map(Throwable::getMessage),
        () -> name + seed + "\n" + String.join("\n", result.last()));
    return result;
  }

  /** Two of the machines have one each, other ones with each seed. */
  private static Map<Mac, Ailment> faults(RackFile rack, long seed) {
    Map<Mac, Ailment> faults = new LinkedHashMap<>();
    Fault[] all = Fault.values();
    for (int i = 0; i < 2; i++) {
      Fault fault = all[(int) (seed + i * 13L) % all.length];
      faults.put(rack.nodes().get(2 + 3 * i).mac(), new Ailment(fault, Duration.ZERO));
    }
    return faults;
  }

  /** By name: that it has arrived, or the fault that was named. */
  private static Map<String, String> ends(RackFile rack, Result result) {
    Map<String, String> ends = new TreeMap<>();
    result
        .ways()
        .forEach(way -> ends.put(way.name(), way.stage().equals("enrolled") ? "enrolled" : ""));
    rack.nodes()
        .forEach(
            node -> {
              Watch.Blame blame = result.blames().get(node.mac());
              if (blame != null) {
                ends.merge(node.name(), " " + blame.fault(), String::concat);
              }
            });
    return ends;
  }

  @Test
  void theSameEndIsReachedWhereverTheApplianceIsKilledAndWhateverItsDiskLoses() {
    int kills = 0;
    Map<String, Integer> seen = new TreeMap<>();
    for (long seed = 1; kills < KILLS; seed++) {
      RackFile rack = GeneratedRack.of(NODES);
      Map<String, String> end = ends(rack, run("unharmed-", rack, seed, TROUBLE));
      Result killed = run("killed-", rack, seed, TROUBLE.killed(IN_A_RUN));
      assertEquals(end, ends(rack, killed), "seed " + seed);
      assertEquals(IN_A_RUN, killed.crashes());
      kills += killed.crashes();
      end.values().forEach(how -> seen.merge(how, 1, Integer::sum));
    }
    assertEquals(KILLS, kills);
    assertEquals(KILLS, lost.size());
    assertTrue(lost.stream().filter(facts -> facts > 0).count() > KILLS / 10, lost::toString);
    assertTrue(seen.size() > 5, () -> "faults and arrivals: " + seen);
  }

  @Test
  void killsOfTheSameSeedAreTheSame() {
    RackFile rack = GeneratedRack.of(NODES);
    Trouble killed = TROUBLE.killed(5);
    assertEquals(run("one-", rack, 7, killed).digest(), run("same-", rack, 7, killed).digest());
  }
}
