// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.LogEntry;
import foundrybot.redfish.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a node's BMC knows of its machine, for the commands that show it. */
final class BmcView {
  @Mixin private BmcOfNode of = new BmcOfNode();

  @Option(
      names = "--log",
      paramLabel = "N",
      defaultValue = "0",
      description = "The newest N entries of the event log, too.")
  private int entries;

  @Option(
      names = "--accept-identity",
      description = {
        "Take UUID or MACs that differ for right, as they are now: the node is given secrets again."
      })
  private boolean accept;

  /** Asks, and prints. */
  int show(String name) {
    if (entries < 0 || entries > 10_000) {
      throw new UserException(Main.USAGE, "--log: " + entries + " (expected: 0..10000)");
    }
    try (BmcOfNode.Target target = of.open(name)) {
      return target.alone("bmc show " + name, () -> show(target));
    }
  }

  private int show(BmcOfNode.Target target) {
    Node node = target.node();
    Bmc bmc = target.bmc();
    System.out.println(node.name() + ": " + bmc.describe());
    Identity identity = target.require(bmc.identify());
    line("service", identity.service());
    line("machine", (identity.vendor() + " " + identity.model()).strip());
    line("firmware", identity.firmware());
    line("power", target.require(bmc.power()).name().toLowerCase(Locale.ROOT));
    optional("next boot", bmc.nextBoot(), boot -> line("next boot", boot.text()));
    optional("progress", bmc.bootProgress(), text -> line("progress", text));
    Outcome<Inventory> inventory = bmc.inventory();
    optional("inventory", inventory, known -> show(node, known));
    inventory.result().ifPresent(known -> compare(node, known));
    if (accept) {
      accept(node);
    }
    if (entries > 0) {
      optional("log", bmc.log(entries), BmcView::show);
    }
    return 0;
  }

  /** What is missing is said, and the rest is shown all the same. */
  private static <T> void optional(String what, Outcome<T> outcome, Consumer<T> show) {
    switch (outcome) {
      case Outcome.Done<T> done -> {
        show.accept(done.value());
        done.warnings().forEach(warning -> line("note", warning));
      }
      case Outcome.Unsupported<T> _ -> {}
      case Outcome.Failed<T> failed -> line(what, failed.evidence());
    }
  }

  /** The appliance alone knows what the machine says of itself. */
  private void compare(Node node, Inventory inventory) {
    // Some BMCs write words in its place; that counts as not told.
    boolean told = inventory.uuid().matches("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");
    List<String> lines = new ArrayList<>(List.of(told ? inventory.uuid() : ""));
    inventory.nics().forEach(nic -> lines.add(nic.mac().text()));
    try (ApiClient client = new ApiClient(of.data())) {
      line("MISMATCH", client.post("nodes/" + node.name() + "/identity", String.join("\n", lines)));
    } catch (UserException e) {
      line("note", "not compared with what it says when it boots: " + e.getMessage());
    }
  }

  private void accept(Node node) {
    try (ApiClient client = new ApiClient(of.data())) {
      String accepted = client.post("nodes/" + node.name() + "/accept-identity", "");
      line("accepted", accepted.isEmpty() ? "nothing: BMC and machine agree" : accepted);
    }
  }

  private static void show(Node node, Inventory inventory) {
    line("uuid", inventory.uuid());
    line("serial", inventory.serial());
    line("bios", inventory.biosVersion());
    inventory
        .cpus()
        .forEach(cpu -> line("cpu", (cpu.name() + " " + cpu.model()).strip() + cores(cpu)));
    line("memory", inventory.memoryMiB() == 0 ? "" : inventory.memoryMiB() + " MiB");
    for (Inventory.Nic nic : inventory.nics()) {
      String own = nic.mac().text().equals(node.mac().toString()) ? " (in the rack file)" : "";
      line("nic", (nic.mac() + " " + nic.name() + " " + nic.link()).strip() + own);
    }
    inventory
        .drives()
        .forEach(
            drive ->
                line(
                    "drive",
                    (drive.name() + " " + drive.model() + " " + drive.media()).strip()
                        + (drive.bytes() == 0
                            ? ""
                            : ", " + drive.bytes() / 1_000_000_000 + " GB")));
    line("tpm", inventory.tpm());
    if (isOther(inventory, node.mac())) {
      line("WARNING", node.mac() + " of the rack file is none of its cards");
    }
  }

  /** Whether a BMC knows cards, and this one is none of them. */
  static boolean isOther(Inventory inventory, Mac card) {
    return !inventory.nics().isEmpty()
        && inventory.nics().stream().noneMatch(nic -> nic.mac().text().equals(card.toString()));
  }

  private static String cores(Inventory.Cpu cpu) {
    return cpu.cores() == 0 ? "" : ", " + cpu.cores() + " cores";
  }

  private static void show(List<LogEntry> log) {
    for (LogEntry entry : log) {
      line("log", (entry.at() + " " + entry.severity() + " " + entry.message()).strip());
    }
  }

  private static void line(String name, String text) {
    String shown = BmcOfNode.shown(text);
    if (!shown.isEmpty()) {
      System.out.printf("  %-10s %s%n", name, shown);
    }
  }
}
