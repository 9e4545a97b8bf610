// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.cli.Main;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import foundrybot.rig.sim.Milestone;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.SimulatedNode;
import foundrybot.rig.sim.Weather;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A whole rack on one machine, to watch. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Brings up a simulated rack on loopback, as a first look.",
      "Starts the appliance without rights, and simulated machines behind emulated BMCs; has it"
          + " switch",
      "them on ('bootserver deploy'), and shows how they come up by the real protocols, until all"
          + " are enrolled."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:the cluster is complete", "3:it is not; who is stuck is said"})
final class DemoCommand implements Callable<Integer> {
  private static final int INCOMPLETE = 3;
  private static final Duration REDRAW = Duration.ofMillis(200);
  private static final Duration ENDING = Duration.ofSeconds(15);

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "16",
      description = "How many machines (default: ${DEFAULT-VALUE}).")
  private int nodes = 16;

  @Option(
      names = "--dhcp",
      paramLabel = "MODE",
      defaultValue = "proxy",
      description =
          "proxy: beside the site's DHCP server; server: the appliance gives the addresses"
              + " (default: ${DEFAULT-VALUE}).")
  private String dhcp = "proxy";

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Keeps the appliance's data there (default: a temporary folder, removed).")
  private @Nullable Path keep;

  @Option(
      names = "--stop",
      paramLabel = "NODE=POINT",
      description =
          "Lets a machine fall silent, to see how that is diagnosed; POINT: OFF, OFFERED, PROGRAM,"
              + " SCRIPT, KERNEL, ANSWER, INSTALLED, FROM_DISK, FIRST_BOOT.")
  private Map<String, Milestone> stop = Map.of();

  @Option(
      names = "--loss",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Share of all UDP packets that get lost, 0..0.9 (default: 0).")
  private double loss;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "The same seed gives the same rack (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "Gives up after this time (default: ${DEFAULT-VALUE}).")
  private int timeout = 120;

  @Option(
      names = "--stay",
      description = "Goes on serving until Ctrl-C, for a look at the page in a browser.")
  private boolean stay;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final PrintStream out;
  private volatile String fatal = "";

  DemoCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    require(nodes >= 1 && nodes <= DemoRack.MOST_NODES, "--nodes: " + nodes, "1..500");
    require(List.of("proxy", "server").contains(dhcp), "--dhcp: " + dhcp, "proxy or server");
    require(loss >= 0 && loss <= 0.9, "--loss: " + loss, "0..0.9");
    List<String> names = DemoRack.names(nodes);
    for (String name : stop.keySet()) {
      require(
          names.contains(name),
          "--stop: " + name + " is none of the " + nodes + " nodes",
          String.join(", ", names));
    }
    require(timeout >= 1, "--timeout: " + timeout, "at least 1 second");
    Path data = keep == null ? Files.createTempDirectory("foundrybot-demo-") : emptyFolder(keep);
    // The table has the terminal; the appliance's log goes beside its data.
    System.setProperty("logback.configurationFile", "foundrybot/rig/demo/logback.xml");
    System.setProperty("foundrybot.demo.log", data.resolve("appliance.log").toString());
    Thread main = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> interrupted(main, ended), "demo-ends");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return run(data);
    } catch (InterruptedException e) {
      out.println("\ndemo: ended before it was complete");
      return INCOMPLETE;
    } finally {
      if (keep == null) {
        delete(data);
      }
      ended.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The hook runs already: it is Ctrl-C that ends us.
        out.flush();
      }
    }
  }

  private Integer run(Path data) throws InterruptedException {
    Demo.Settings settings =
        new Demo.Settings(
            nodes,
            dhcp.equals("server") ? DhcpMode.SERVER : DhcpMode.PROXY,
            true,
            data,
            Pace.watchable(),
            name -> new Mishaps(Optional.ofNullable(stop.get(name)), loss),
            Weather.FAIR,
            seed,
            problem -> fatal = problem);
    Instant start = Instant.now();
    try (Demo demo = Demo.start(settings)) {
      introduce(data, demo);
      Instant end = start.plusSeconds(timeout);
      Thread deploy = Thread.ofVirtual().name("deploy").start(() -> deploy(data));
      // Its lines come first; a table that is drawn anew would wipe them away.
      while (deploy.isAlive() && Instant.now().isBefore(end) && fatal.isEmpty()) {
        Thread.sleep(REDRAW);
      }
      LiveTable table = new LiveTable(out, isTerminal(), width(), start);
      FleetStatus status = demo.status();
      while (!status.complete()
          && !demo.isAtRest()
          && Instant.now().isBefore(end)
          && fatal.isEmpty()) {
        table.show(status, Instant.now());
        Thread.sleep(REDRAW);
        status = demo.status();
      }
      status = demo.status();
      table.show(status, Instant.now());
      int result = conclude(status, demo, Duration.between(start, Instant.now()), fatal);
      if (stay && fatal.isEmpty()) {
        stay(demo);
      }
      return result;
    } finally {
      if (keep != null) {
        out.println(
            "demo: kept in " + data + "; see 'bootserver events' there while one serves it");
      }
    }
  }

  /** Until somebody ends it, or the appliance itself has to. */
  private void stay(Demo demo) {
    out.println("demo: goes on at " + demo.page() + "; Ctrl-C ends it");
    out.flush();
    try {
      while (fatal.isEmpty()) {
        Thread.sleep(REDRAW);
      }
      out.println("demo: the appliance failed: " + fatal);
    } catch (InterruptedException e) {
      // That is how it is ended; what came of the cluster is said already.
      out.println("\ndemo: ended");
    }
  }

  /** As an operator does it. */
  private void deploy(Path data) {
    out.println("demo: bootserver deploy");
    out.flush();
    int status = Main.run("deploy", "--data", data.toString());
    System.out.flush();
    out.println(status == 0 ? "" : "demo: bootserver deploy: exit status " + status + "\n");
  }

  private void introduce(Path data, Demo demo) {
    List<SimulatedNode> machines = demo.rack().nodes();
    long bios = machines.stream().filter(m -> m.machine().firmware().name().equals("BIOS")).count();
    out.printf(
        "demo: the real appliance, and %d simulated machines (%d BIOS, %d UEFI) that speak DHCP,"
            + " TFTP and HTTP to it over loopback%n",
        machines.size(), bios, machines.size() - bios);
    demo.bmcs()
        .ifPresent(
            bmcs ->
                out.println(
                    "demo: all are off, each behind an emulated BMC that speaks Redfish over HTTPS,"
                        + " as these do: "
                        + String.join(", ", bmcs.personalities())));
    out.println(
        "demo: boot programs, kernels and images are stand-ins of noise; they are fetched, not"
            + " run");
    out.println("demo: rack file " + data.resolve("rack.yaml"));
    out.println(
        "demo: the page is "
            + demo.page()
            + (stay ? "" : " while this runs (--stay: until Ctrl-C)")
            + "; log in with what is in "
            + data.resolve("operator.token")
            + "\n");
    out.flush();
  }

  private int conclude(FleetStatus status, Demo demo, Duration took, String fatal) {
    String time = String.format(Locale.ROOT, "%.1f s", took.toMillis() / 1000.0);
    String count = status.arrived() + " of " + status.nodes().size() + " enrolled in " + time;
    if (status.complete()) {
      out.println("cluster demo: complete, " + count);
      return 0;
    }
    if (!fatal.isEmpty()) {
      out.println("demo: the appliance failed: " + fatal);
    }
    for (NodeStatus node : status.nodes()) {
      if (!node.stage().equals(Stage.GOAL.toString())) {
        blame(node, demo);
      }
    }
    out.println("cluster demo: incomplete, " + count);
    return INCOMPLETE;
  }

  private void blame(NodeStatus node, Demo demo) {
    out.println(
        node.name() + ": " + node.condition() + " at " + node.stage() + " since " + node.since());
    out.println("  the appliance's last evidence: " + node.evidence());
    if (!node.why().isEmpty()) {
      out.println("  why: " + node.why() + "\n  try: " + node.tryNext());
    }
    demo.rack().nodes().stream()
        .filter(machine -> machine.machine().name().equals(node.name()))
        .map(SimulatedNode::account)
        .filter(account -> !account.trouble().isEmpty())
        .forEach(account -> out.println("  the machine itself: " + account.trouble()));
  }

  private static boolean isTerminal() {
    // Since JDK 22 there is a console even where output goes to a file.
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
        && !System.getenv().getOrDefault("TERM", "dumb").equals("dumb");
  }

  private static int width() {
    try {
      return Math.max(40, Integer.parseInt(System.getenv().getOrDefault("COLUMNS", "120")));
    } catch (NumberFormatException e) {
      return 120;
    }
  }

  private Path emptyFolder(Path folder) throws IOException {
    require(
        !Files.exists(folder) || Files.isDirectory(folder),
        "--keep: " + folder + " is no folder",
        "a new or an empty folder");
    Files.createDirectories(folder);
    try (Stream<Path> content = Files.list(folder)) {
      require(
          content.findAny().isEmpty(),
          "--keep: " + folder + " is not empty",
          "a new or an empty folder");
    }
    return folder;
  }

  private void require(boolean holds, String found, String expected) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), found + " (expected: " + expected + ")");
    }
  }

  private static void interrupted(Thread main, CountDownLatch ended) {
    main.interrupt();
    try {
      if (!ended.await(ENDING.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("demo: not ended after " + ENDING.toSeconds() + " s; giving up");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path folder) {
    try {
      FileTrees.delete(folder);
    } catch (BuildException e) {
      System.err.println("demo: " + e.getMessage());
    }
  }
}
