// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.HostFile;
import foundrybot.answerfiles.HostSettings;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.GivenPlans;
import foundrybot.appliance.NodePlan;
import foundrybot.appliance.SettingsText;
import foundrybot.appliance.cli.PlanChange.Changed;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows what another installation would make of the rack. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what each node would be given if it were installed now, and what of it differs from"
          + " what its last run was given.",
      "DIGEST is over the kernel's arguments, all answer files, and the digests of the boot files;"
          + " two nodes or two days with the same one give the same. Nothing is changed, and no"
          + " appliance is asked."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:shown",
      "1:a file has faults or cannot be read, or a name is not in the rack file",
      "2:with --exit-code: something is new, changed or gone",
      "64:wrong use of the command line"
    })
final class PlanCommand implements Callable<Integer> {
  private static final int DIFFERS = 2;
  private static final int SHOWN_DIGITS = 12;
  private static final String DHCP = "dhcp";

  @Mixin private RackOption rack = new RackOption();
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", arity = "0..*", description = "Only these (default: all).")
  private List<String> names = new ArrayList<>();

  @Option(names = "--diff", description = "Also the lines that differ.")
  private boolean diff;

  @Option(names = "--json", description = "The same as data.")
  private boolean json;

  @Option(names = "--exit-code", description = "Exit status 2 if anything differs.")
  private boolean exitCode;

  /** A node of the rack file, what it would be given, and what has become of it since. */
  private record Row(Node node, NodePlan plan, PlanChange change) {}

  @Override
  public Integer call() {
    RackSource source = rack.source();
    RackFile whole = source.requireRehearsed();
    List<Node> nodes =
        names.isEmpty()
            ? whole.nodes()
            : names.stream().distinct().map(name -> source.node(whole, name)).toList();
    GivenPlans given = GivenPlans.in(data.path(), Clock.systemUTC());
    List<NodePlan> plans = NodePlan.all(whole, nodes, data.path(), PlanCommand::warn);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      rows.add(new Row(nodes.get(i), plans.get(i), change(given, plans.get(i))));
    }
    List<NodePlan> gone = names.isEmpty() ? gone(given, whole) : List.of();
    System.out.print(json ? json(rows, gone) : text(rows, gone));
    boolean differs =
        !gone.isEmpty()
            || rows.stream().anyMatch(row -> !(row.change() instanceof PlanChange.None));
    return exitCode && differs ? DIFFERS : 0;
  }

  /** A plan is looked at before everything is in place. */
  private static void warn(String missing) {
    System.err.println("bootserver: warning: " + missing);
  }

  private static PlanChange change(GivenPlans given, NodePlan plan) {
    try {
      return PlanChange.since(given.of(Mac.parse(plan.mac()).orElseThrow()), plan);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** What was installed once, and is in the rack file no more. */
  private static List<NodePlan> gone(GivenPlans given, RackFile rack) {
    try {
      List<NodePlan> gone = new ArrayList<>();
      for (Mac mac : given.machines()) {
        if (rack.node(mac).isEmpty()) {
          given.of(mac).map(GivenPlans.Given::plan).ifPresent(gone::add);
        }
      }
      return gone;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static UserException unreadable(IOException problem) {
    return new UserException(Main.FAILED, "plan: " + problem.getMessage());
  }

  private String text(List<Row> rows, List<NodePlan> gone) {
    StringBuilder text = new StringBuilder();
    int wide = rows.stream().mapToInt(row -> row.node().name().length()).max().orElse(0);
    String form = "%-" + Math.max(4, wide) + "s  %-14s %-16s %-18s %-12s  %s%n";
    text.append(
        String.format(form, "NODE", "ROLE", "PROFILE", "ADDRESS", "DIGEST", "SINCE ITS LAST RUN"));
    for (Row row : rows) {
      text.append(
          String.format(
              form,
              row.node().name(),
              row.plan().role(),
              row.plan().profile(),
              address(row.node()),
              row.plan().digest().substring(0, SHOWN_DIGITS),
              row.change().words()));
      text.append(settings(row.node()));
      if (diff) {
        text.append(row.change().lines());
      }
    }
    gone.forEach(
        plan ->
            text.append("gone: " + plan.name() + " (" + plan.mac() + ", " + plan.role() + ")\n"));
    return text.append(summary(rows, gone)).toString();
  }

  /** What role and node ask of it beside packages, in numbers; nothing where they ask nothing. */
  private static String settings(Node node) {
    HostSettings asked = node.settings();
    List<String> parts = new ArrayList<>();
    part(parts, asked.files().size(), "file");
    part(parts, asked.enabled().size() + asked.disabled().size(), "service");
    part(parts, asked.sysctls().size(), "sysctl");
    part(parts, asked.labels().size(), "label");
    part(parts, node.ready().size(), "check");
    return parts.isEmpty()
        ? ""
        : "  with "
            + String.join(", ", parts)
            + ": 'bootserver answer "
            + node.name()
            + " --file settings'\n";
  }

  private static void part(List<String> parts, int number, String what) {
    if (number > 0) {
      parts.add(number + " " + what + (number == 1 ? "" : "s"));
    }
  }

  private String summary(List<Row> rows, List<NodePlan> gone) {
    Map<String, Long> counts =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.change().word(), TreeMap::new, Collectors.counting()));
    if (!gone.isEmpty()) {
      counts.put("gone", (long) gone.size());
    }
    String counted =
        counts.entrySet().stream()
            .map(one -> one.getValue() + " " + one.getKey())
            .collect(Collectors.joining(", "));
    boolean changed = rows.stream().anyMatch(row -> row.change() instanceof Changed);
    return rows.size()
        + (rows.size() == 1 ? " node" : " nodes")
        + ": "
        + counted
        + (changed ? "; 'bootserver reinstall NODE' gives it what is new" : "")
        + (changed && !diff ? ", --diff shows the lines" : "")
        + "\n";
  }

  private static String address(Node node) {
    return node.address().map(Cidr::toString).orElse(DHCP);
  }

  private static void settings(ObjectNode one, Node node) {
    HostSettings asked = node.settings();
    ArrayNode packages = one.putArray("packages");
    node.packages().forEach(packages::add);
    ArrayNode files = one.putArray("files");
    for (HostFile file : asked.files()) {
      files
          .addObject()
          .put("path", file.path())
          .put("mode", file.mode())
          .put("owner", file.owner())
          .put("group", file.group())
          .put("bytes", file.bytes())
          .put("sha256", SettingsText.sha256(file));
    }
    ObjectNode services = one.putObject("services");
    ArrayNode enabled = services.putArray("enable");
    asked.enabled().forEach(enabled::add);
    ArrayNode disabled = services.putArray("disable");
    asked.disabled().forEach(disabled::add);
    ObjectNode sysctls = one.putObject("sysctls");
    asked.sysctls().forEach(sysctls::put);
    ObjectNode labels = one.putObject("labels");
    asked.labels().forEach(labels::put);
    ObjectNode ready = one.putObject("ready");
    node.ready().forEach(check -> ready.put(check.name(), check.what()));
  }

  private static String json(List<Row> rows, List<NodePlan> gone) {
    JsonMapper mapper = JsonMapper.builder().build();
    ObjectNode whole = mapper.createObjectNode();
    ArrayNode nodes = whole.putArray("nodes");
    for (Row row : rows) {
      ObjectNode one =
          nodes
              .addObject()
              .put("name", row.node().name())
              .put("mac", row.plan().mac())
              .put("role", row.plan().role())
              .put("profile", row.plan().profile())
              .put("system", row.plan().system())
              .put("address", address(row.node()))
              .put("disk", row.node().disk())
              .put("digest", row.plan().digest())
              .put("change", row.change().word());
      settings(one, row.node());
      ArrayNode changes = one.putArray("changes");
      if (row.change() instanceof Changed changed) {
        one.put("last-run", changed.given().run()).put("last-run-at", changed.given().at());
        changed.what().forEach(changes::add);
      }
    }
    ArrayNode left = whole.putArray("gone");
    gone.forEach(
        plan ->
            left.addObject()
                .put("name", plan.name())
                .put("mac", plan.mac())
                .put("role", plan.role()));
    return whole.toPrettyString() + "\n";
  }
}
