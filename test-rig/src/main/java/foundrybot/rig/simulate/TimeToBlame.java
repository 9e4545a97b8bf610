// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.RackFile;
import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes from a machine's fault to the status that names it: in the virtual time of a
 * simulated rack with machines of every fault, and with the usual loss on its network.
 */
public final class TimeToBlame {
  /** Between two looks at the status; no time is known more exactly. */
  public static final Duration LOOK = Simulation.SWEEP;

  private TimeToBlame() {}

  /**
   * One machine.
   *
   * @param fault what is wrong with it, such as {@code no-link}
   * @param code of the diagnosis that names it; empty if none did, or if it was not needed
   * @param after from the moment at which the machine felt it to the first status with that code
   * @param wrong which other codes the status had for it meanwhile, and how long
   */
  public record Blamed(
      String node, String fault, String code, Duration after, Map<String, Duration> wrong) {
    public Blamed {
      wrong = Map.copyOf(wrong);
    }
  }

  /**
   * Of one rack.
   *
   * @param violated what of the simulation's invariants did not hold; empty if all did
   * @param looks how long it took to make each status of the whole rack, in real time
   */
  public record Found(
      int nodes,
      List<Blamed> machines,
      String violated,
      Duration virtual,
      Duration real,
      List<Duration> looks) {
    public Found {
      machines = List.copyOf(machines);
      looks = List.copyOf(looks);
    }
  }

  /** What the machines can have, in the order of a node's way. */
  public static List<String> faults() {
    return Fault.names();
  }

  /**
   * Plays a made-up rack of so many nodes, of which half a percent has each fault, and at least
   * one.
   *
   * @throws IOException if there is no room for the simulated appliance's state
   */
  public static Found inRackOf(int nodes, long seed) throws IOException {
    Simulation.alone();
    RackFile rack = GeneratedRack.of(nodes);
    FaultsFile usual = FaultsFile.usual(seed);
    Simulation.Trouble trouble =
        new Simulation.Trouble(usual.weather(), List.of(), usual.down(), usual.limit());
    Path folder = Files.createTempDirectory("foundrybot-blame-");
    try {
      Simulation.Result result =
          Simulation.run(rack, folder, seed, trouble, usual.drawn(rack, seed), _ -> {});
      return new Found(
          nodes,
          machines(rack, result),
          result.violated().map(v -> String.valueOf(v.getMessage())).orElse(""),
          result.virtual(),
          result.real(),
          result.looks());
    } finally {
      delete(folder);
    }
  }

  private static List<Blamed> machines(RackFile rack, Simulation.Result result) {
    List<Blamed> machines = new ArrayList<>();
    result
        .faults()
        .forEach(
            (mac, fault) -> machines.add(one(name(rack, mac), fault, result.blames().get(mac))));
    return machines;
  }

  private static Blamed one(String name, Fault fault, Watch.@Nullable Blame blame) {
    return blame == null
        ? new Blamed(name, fault.toString(), "", Duration.ZERO, Map.of())
        : new Blamed(name, fault.toString(), blame.code(), blame.after(), blame.wrong());
  }

  private static String name(RackFile rack, Mac mac) {
    return rack.nodes().stream()
        .filter(node -> node.mac().equals(mac))
        .findFirst()
        .orElseThrow()
        .name();
  }

  private static void delete(Path folder) {
    try {
      FileTrees.delete(folder);
    } catch (BuildException e) {
      System.err.println("bench: " + e.getMessage());
    }
  }
}
