// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.cli.UserRack;
import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A whole rack's way, in seconds, without a network. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = {
      "Plays a rack through on a virtual clock: deploys it, and follows it to the end.",
      "The appliance's own code runs, against simulated machines and BMCs, with the faults of a"
          + " file;",
      "what must always hold is looked at after every step. No network and no BMC is touched.",
      "With a rack file and without --nodes it says what would happen to each of its nodes."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all nodes without a fault arrived, and all invariants held",
      "1:a file is wrong",
      "3:something did not hold; what, and how to play it again, is said"
    })
final class SimulateCommand implements Callable<Integer> {
  private static final int VIOLATED = 3;
  private static final String USUAL = "usual";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "The rack file (default: a made-up one of 100 nodes).")
  private @Nullable Path file;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many machines; those of the rack file are repeated, or left out.")
  private @Nullable Integer nodes;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "The same seed gives the same events (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--faults",
      paramLabel = "FILE",
      description =
          "What goes wrong (docs/simulation.md); '"
              + USUAL
              + "': something of everything. Without"
              + " it nothing does.")
  private @Nullable String faults;

  @Option(
      names = "--kills",
      paramLabel = "N",
      description =
          "How often the appliance loses its power at random points, with what its disk had not yet"
              + " (default: never).")
  private int kills;

  @Option(
      names = "--to-rest",
      description =
          "Goes on until nothing more is done by itself about nodes that do not arrive: their power"
              + " cycles are used up.")
  private boolean toRest;

  @Option(
      names = "--dry-run",
      description = "Says each node's way; the default for a rack file without --nodes.")
  private boolean dryRun;

  @Option(
      names = "--events",
      paramLabel = "FILE",
      description = "Writes all events there, a line each.")
  private @Nullable Path events;

  @Option(names = "--json", description = "The outcome as data.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final PrintStream out;

  SimulateCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    int count = nodes == null ? 100 : nodes;
    if (count < 1 || count > GeneratedRack.MOST_NODES) {
      throw new ParameterException(
          spec.commandLine(),
          "--nodes: " + count + " (expected: 1.." + GeneratedRack.MOST_NODES + ")");
    }
    if (kills < 0 || kills > FaultsFile.MOST_CRASHES) {
      throw new ParameterException(
          spec.commandLine(),
          "--kills: " + kills + " (expected: 0.." + FaultsFile.MOST_CRASHES + ")");
    }
    RackFile rack = rack(count);
    FaultsFile what = faults();
    Map<Mac, Ailment> drawn;
    try {
      drawn = what.drawn(rack, seed);
    } catch (FaultsFile.Wrong e) {
      throw UserRack.refused(faults + ": " + e.getMessage());
    }
    Simulation.alone();
    Path data = Files.createTempDirectory("foundrybot-simulate-");
    try {
      Simulation.Result result = run(rack, data, what, drawn);
      if (json) {
        out.println(JSON.writeValueAsString(Report.json(result, seed)));
      } else {
        Report.print(out, result, again(), dryRun || (file != null && nodes == null));
      }
      return result.violated().isEmpty() ? 0 : VIOLATED;
    } finally {
      delete(data);
    }
  }

  private RackFile rack(int count) {
    if (file == null) {
      return GeneratedRack.of(count);
    }
    return nodes == null
        ? UserRack.require(file)
        : UserRack.require(file, text -> Repeated.text(text, count));
  }

  private FaultsFile faults() {
    if (faults == null) {
      return FaultsFile.NONE;
    }
    if (faults.equals(USUAL)) {
      return FaultsFile.usual(seed);
    }
    Path path = Path.of(faults);
    try {
      return FaultsFile.read(
          UserRack.text(path, "docs/simulation.md says what stands in it"), faults);
    } catch (FaultsFile.Wrong e) {
      throw UserRack.refused(String.valueOf(e.getMessage()));
    }
  }

  private Simulation.Result run(RackFile rack, Path data, FaultsFile what, Map<Mac, Ailment> drawn)
      throws IOException {
    Simulation.Trouble chosen = what.trouble().killed(kills);
    Simulation.Trouble trouble = toRest ? chosen.untilRest() : chosen;
    if (events == null) {
      return Simulation.run(rack, data, seed, trouble, drawn, _ -> {});
    }
    try (PrintStream lines =
        new PrintStream(Files.newOutputStream(events), false, StandardCharsets.UTF_8)) {
      return Simulation.run(rack, data, seed, trouble, drawn, lines::println);
    } catch (UncheckedIOException e) {
      throw UserRack.refused(String.valueOf(e.getMessage()));
    }
  }

  /** The command that plays the same once more. */
  private String again() {
    return "bootserver simulate"
        + Optional.ofNullable(file).map(path -> " " + path).orElse("")
        + Optional.ofNullable(nodes).map(n -> " --nodes " + n).orElse("")
        + " --seed "
        + seed
        + Optional.ofNullable(faults).map(path -> " --faults " + path).orElse("")
        + (kills == 0 ? "" : " --kills " + kills)
        + (toRest ? " --to-rest" : "");
  }

  private static void delete(Path folder) {
    try {
      FileTrees.delete(folder);
    } catch (BuildException e) {
      System.err.println("simulate: " + e.getMessage());
    }
  }
}
