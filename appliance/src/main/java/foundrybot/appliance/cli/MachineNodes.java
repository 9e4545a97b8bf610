// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.power.Bmcs;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.Outcome;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What commands share that work on the virtual machines of some nodes. */
final class MachineNodes {
  @Mixin private RackOption rack = new RackOption();
  @Mixin private DataOption data = new DataOption();

  @Parameters(arity = "0..*", paramLabel = "NODE", description = "Names in the rack file.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--role", paramLabel = "ROLE", description = "Only nodes of that role.")
  private Optional<String> role = Optional.empty();

  /** Whether neither names nor a role say which. */
  boolean isAll() {
    return names.isEmpty() && role.isEmpty();
  }

  /** Those that are meant, in the order of the rack file; or the end of the command. */
  List<Node> nodes() {
    names.forEach(NodeNames::check);
    RackSource source = rack.source();
    RackFile file = source.require();
    for (String name : names) {
      if (source.node(file, name).machine().isEmpty()) {
        throw new UserException(
            Main.FAILED,
            name + ": no machine in the rack file (expected: machine: beside its bmc:)");
      }
    }
    List<Node> nodes =
        file.nodes().stream()
            .filter(node -> node.machine().isPresent())
            .filter(node -> names.isEmpty() || names.contains(node.name()))
            .filter(node -> role.isEmpty() || role.get().equals(node.role().name()))
            .toList();
    if (nodes.isEmpty()) {
      throw new UserException(
          Main.FAILED,
          source.path()
              + ": no node "
              + role.map(r -> "of role " + r + " ").orElse("")
              + "with machine: (expected: at least one); docs/rack-file.md");
    }
    return nodes;
  }

  /** What tells hypervisors, and accounts there, apart. */
  private record Host(URI url, Optional<String> user, BmcSettings.Password password) {}

  /** The nodes of each hypervisor, together. */
  static List<List<Node>> byHost(List<Node> nodes) {
    Map<Host, List<Node>> hosts = new LinkedHashMap<>();
    for (Node node : nodes) {
      BmcSettings bmc = node.bmc().orElseThrow();
      Host host = new Host(bmc.url(), bmc.user(), bmc.password());
      hosts.computeIfAbsent(host, _ -> new ArrayList<>()).add(node);
    }
    return List.copyOf(hosts.values());
  }

  /**
   * Asks each node's hypervisor for something, and goes on with the others where one fails.
   *
   * @param what the change is, for the audit log
   * @param nodes of one hypervisor or of several
   * @param asked gives what is printed behind the node's name
   * @return how many failed; the error output has the reasons
   */
  int each(String what, List<Node> nodes, Function<Task, Outcome<String>> asked) {
    int failed = 0;
    for (List<Node> together : byHost(nodes)) {
      try (Hypervisor host = open(together.getFirst())) {
        for (Node node : together) {
          failed += tell(node, noted(what, new Task(node, host), asked)) ? 0 : 1;
        }
      }
    }
    return failed;
  }

  private Outcome<String> noted(String what, Task task, Function<Task, Outcome<String>> asked) {
    List<Outcome<String>> outcome = new ArrayList<>();
    new CommandTrail(data.path(), task.node().mac(), what + " " + task.node().name())
        .around(
            () -> {
              outcome.add(asked.apply(task));
              return outcome.getFirst() instanceof Outcome.Done<String> done
                  ? done.value()
                  : "failed";
            });
    return outcome.getFirst();
  }

  /** One node, and where its machine is. */
  record Task(Node node, Hypervisor host) {}

  /** The hypervisor of a node; nothing is sent yet. */
  Hypervisor open(Node node) {
    RackSource source = rack.source();
    return new Bmcs(
            source.folder(), data.keys(), System.getenv(), source.require().appliance().address())
        .hypervisor(node);
  }

  private static boolean tell(Node node, Outcome<String> outcome) {
    if (outcome instanceof Outcome.Done<String> done) {
      System.out.println(node.name() + ": " + BmcOfNode.shown(done.value()));
      done.warnings()
          .forEach(w -> System.err.println(node.name() + ": note: " + BmcOfNode.shown(w)));
      return true;
    }
    System.err.println(node.name() + ": " + BmcOfNode.shown(outcome.evidence()));
    return false;
  }
}
