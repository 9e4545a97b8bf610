// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.bench.Cases.StormSize;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bin/bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures this appliance and other boot servers side by side.",
      "Server and load run in two network namespaces and on a CPU each; needs root. Servers of"
          + " Debian that are not installed are named and left out.",
      "'blame' is in the virtual time of simulated racks, and needs neither: how long it takes from"
          + " a machine's fault to the status that names it."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:measured",
      "1:it could not be measured",
      "3:with --strict: a 'must' is missed"
    })
final class BenchCommand implements Callable<Integer> {
  private static final List<String> EXPERIMENTS =
      List.of(Blame.EXPERIMENT, "dhcp", "tftp", "http", "storm");
  private static final int MISSED = 3;

  @Parameters(
      arity = "0..*",
      paramLabel = "WHAT",
      description = "blame, dhcp, tftp, http, storm or all (default: all).")
  private List<String> what = List.of("all");

  @Option(
      names = "--reps",
      paramLabel = "N",
      defaultValue = "3",
      description = "Repetitions, in turn over all servers (default: ${DEFAULT-VALUE}).")
  private int repetitions = 3;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Simulated racks of 1,000 nodes, for blame (default: ${DEFAULT-VALUE}).")
  private int seeds = 5;

  @Option(
      names = "--secs",
      paramLabel = "S",
      defaultValue = "2",
      description = "Seconds of load per case (default: ${DEFAULT-VALUE}).")
  private double seconds = 2;

  @Option(
      names = "--warm",
      paramLabel = "S",
      defaultValue = "6",
      description =
          "CPU seconds of load before each case, for the appliance's JVM (default:"
              + " ${DEFAULT-VALUE}).")
  private double warm = 6;

  @Option(
      names = "--only",
      paramLabel = "RE",
      description = "Only cases in whose 'experiment: name' this regular expression is found.")
  private String only = "";

  @Option(
      names = "--peers",
      paramLabel = "LIST",
      defaultValue = "all",
      description =
          "all, none, or names such as dnsmasq,nginx: other servers (default: ${DEFAULT-VALUE}).")
  private String peers = "all";

  @Option(
      names = "--nodes",
      paramLabel = "LIST",
      defaultValue = "1000,5000/10",
      description =
          "Boot storms: machines, or machines/seconds over which they power on (default:"
              + " ${DEFAULT-VALUE}).")
  private String nodes = "1000,5000/10";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Appends each measurement to FILE, a line of JSON each.")
  private @Nullable Path out;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      arity = "1..*",
      description =
          "Measures nothing: puts together what runs of the same commit have written with --out, of"
              + " which each may have measured a part. Give WHAT before it.")
  private List<Path> from = List.of();

  @Option(names = "--write-doc", description = "Puts the tables into docs/performance.md.")
  private boolean writeDoc;

  @Option(names = "--list", description = "Lists cases and servers, and measures nothing.")
  private boolean list;

  @Option(names = "--strict", description = "Exit status 3 if a 'must' of the goals is missed.")
  private boolean strict;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final PrintStream print;
  private volatile boolean stopping;
  private volatile Optional<Worker> working = Optional.empty();

  BenchCommand(PrintStream print) {
    this.print = print;
  }

  @Override
  public Integer call() {
    Bench.Plan plan = plan();
    if (list) {
      showList(plan);
      return 0;
    }
    Results results;
    try {
      results = results(plan);
    } catch (BenchException e) {
      print.println("bench: " + e.getMessage());
      return 1;
    }
    if (results.all().isEmpty()) {
      print.println("bench: nothing was measured");
      return 1;
    }
    List<Goal> goals = Goals.all(storms());
    String tables = Report.tables(plan.cases(), results);
    String judged = Report.goals(goals, results);
    String trust = Report.trust(results);
    String blame = Blame.table(results);
    print.println("\n" + blame + "\n" + tables + "\n" + judged + "\n" + trust);
    if (writeDoc) {
      Path file = Product.home().resolve("docs/performance.md");
      Results loads = results.of(Predicate.not(BenchCommand::isBlame));
      if (!blame.isEmpty()) {
        Document.update(file, blame, results.of(BenchCommand::isBlame), commandLine());
      }
      if (!loads.all().isEmpty()) {
        Document.update(file, judged, tables, trust, loads, commandLine());
      }
      print.println("bench: wrote " + file);
    }
    boolean missed =
        goals.stream()
            .anyMatch(
                goal -> goal.verdict(goal.value().apply(results), goal.must()) == Goal.Verdict.NO);
    return strict && missed ? MISSED : 0;
  }

  private Results results(Bench.Plan plan) {
    if (!from.isEmpty()) {
      Set<String> names = new LinkedHashSet<>();
      plan.cases().forEach(one -> names.add(one.name()));
      names.addAll(blamed());
      return ResultFile.read(from).only(names);
    }
    Results results =
        blamed().isEmpty()
            ? new Results()
            : Blame.run(plan.run(), Blame.NODES, seeds, pattern(), this::took);
    if (!plan.cases().isEmpty()) {
      withRoot(plan).all().forEach(results::add);
    }
    return results;
  }

  private Results withRoot(Bench.Plan plan) {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new BenchException("not root (expected: root, for network namespaces); use sudo");
    }
    return measured(plan);
  }

  /** What of blame is asked for. */
  private List<String> blamed() {
    return wanted().contains(Blame.EXPERIMENT)
        ? Blame.scenarios().stream()
            .filter(name -> pattern().matcher(Blame.EXPERIMENT + ": " + name).find())
            .toList()
        : List.of();
  }

  private Set<String> wanted() {
    return new LinkedHashSet<>(what.contains("all") ? EXPERIMENTS : what);
  }

  private String commandLine() {
    return typed(spec.commandLine().getParseResult().originalArgs(), spec.name());
  }

  /** What was typed after bin/bench, which puts this command's name before it. */
  static String typed(List<String> arguments, String name) {
    List<String> own = arguments.subList(arguments.indexOf(name) + 1, arguments.size());
    return "bin/bench " + String.join(" ", own);
  }

  private Bench.Plan plan() {
    require(repetitions >= 1 && repetitions <= 99, "--reps: " + repetitions, "1..99");
    require(seconds > 0 && seconds <= 600, "--secs: " + seconds, "more than 0, at most 600");
    require(warm >= 0 && warm <= 600, "--warm: " + warm, "0..600");
    require(seeds >= 1 && seeds <= 99, "--seeds: " + seeds, "1..99");
    Set<String> wanted = wanted();
    wanted.forEach(
        name -> require(EXPERIMENTS.contains(name), name, "blame, dhcp, tftp, http, storm or all"));
    Pattern pattern = pattern();
    List<Case> cases =
        Cases.all(storms()).stream()
            .filter(one -> wanted.contains(one.experiment()))
            .filter(one -> pattern.matcher(one.experiment() + ": " + one.name()).find())
            .toList();
    require(
        !cases.isEmpty() || !blamed().isEmpty(),
        "--only: " + only,
        "found in one of the names of --list");
    require(from.isEmpty() || out == null, "--from with --out", "one of them");
    return new Bench.Plan(Run.now(), cases, subjects(), repetitions, seconds, warm);
  }

  private Pattern pattern() {
    try {
      return Pattern.compile(only);
    } catch (PatternSyntaxException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--only: " + only + " (expected: a regular expression): " + e.getDescription(),
          e);
    }
  }

  private List<StormSize> storms() {
    try {
      return List.of(nodes.split(",")).stream().map(StormSize::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private List<Subject> subjects() {
    List<Subject> own = Product.subjects(Cases.largest(storms()));
    List<Subject> subjects = new ArrayList<>(own);
    if (peers.equals("none")) {
      return subjects;
    }
    List<String> names = List.of(peers.split(","));
    Map<String, String> missing = list ? Map.of() : Peers.missing();
    missing.forEach(
        (program, cure) ->
            print.println("bench: " + program + ": not installed, left out; " + cure));
    for (Subject peer : Peers.ALL) {
      boolean there = peer.servers().stream().noneMatch(one -> missing.containsKey(one.program()));
      boolean asked =
          names.contains("all")
              || peer.servers().stream().allMatch(one -> names.contains(one.program()));
      if (there && asked) {
        subjects.add(peer);
      }
    }
    require(
        names.contains("all") || subjects.size() > own.size() || !missing.isEmpty(),
        "--peers: " + peers,
        "all, none, or programs of --list");
    return subjects;
  }

  private void require(boolean holds, String found, String expected) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), found + " (expected: " + expected + ")");
    }
  }

  private void showList(Bench.Plan plan) {
    blamed().forEach(name -> print.println(Blame.EXPERIMENT + ": " + name + "  [simulated racks]"));
    for (Case one : plan.cases()) {
      List<String> takers =
          plan.subjects().stream()
              .filter(subject -> one.roles().contains(subject.role()))
              .map(Subject::name)
              .toList();
      print.println(one.experiment() + ": " + one.name() + "  [" + String.join(", ", takers) + "]");
    }
    print.println("--peers knows: dnsmasq, kea-dhcp4, in.tftpd, atftpd, nginx");
  }

  /** Ctrl-C ends the run by the front door: servers stopped, namespaces and folder removed. */
  private Results measured(Bench.Plan plan) {
    CountDownLatch cleared = new CountDownLatch(1);
    Thread hook = new Thread(() -> end(cleared), "bench-ends");
    Runtime.getRuntime().addShutdownHook(hook);
    int loadCpu = 0;
    try (Lab lab = Lab.open();
        Worker worker = Worker.start(lab, loadCpu)) {
      working = Optional.of(worker);
      return new Bench(
              plan,
              lab,
              worker,
              this::took,
              line -> print.println("bench: " + line),
              () -> stopping)
          .run();
    } finally {
      cleared.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        print.println("bench: ended before it was complete");
      }
    }
  }

  private void end(CountDownLatch cleared) {
    stopping = true;
    // Whoever waits for its answer goes on with that, and sees that it is to end.
    working.ifPresent(Worker::close);
    try {
      if (!cleared.await(20, TimeUnit.SECONDS)) {
        System.err.println("bench: not ended after 20 s; the next run removes what is left");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void took(Outcome outcome) {
    Metric metric =
        Cases.all(storms()).stream()
            .filter(one -> one.name().equals(outcome.scenario()))
            .findFirst()
            .map(Case::metric)
            .orElse(Metric.MEDIAN_MS);
    print.printf(
        "%d  %s: %-40s %-26s %10s %s%s%n",
        outcome.repetition(),
        outcome.experiment(),
        outcome.scenario(),
        outcome.subject(),
        Spread.number(metric.of(outcome)),
        metric.unit(),
        outcome.load().failed() == 0
            ? ""
            : ", " + outcome.load().failed() + " failed: " + outcome.load().trouble());
    print.flush();
    if (out != null) {
      ResultFile.append(out, outcome);
    }
  }

  private static boolean isBlame(Outcome one) {
    return one.experiment().equals(Blame.EXPERIMENT);
  }
}
