// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.BmcStore;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What commands share that enter or remove the BMC of one machine. */
final class MachineOption {
  @Mixin private RackOption rack = new RackOption();
  @Mixin private DataOption data = new DataOption();

  @Parameters(
      index = "0",
      paramLabel = "NODE|MAC",
      description = "A node's name in the rack file, or the MAC of any machine.")
  private String name = "";

  /**
   * A machine.
   *
   * @param node of the rack file, if it is there
   */
  record Machine(Mac mac, Optional<Node> node) {
    String title() {
      return node.map(Node::name).orElseGet(mac::toString);
    }
  }

  BmcStore store() {
    return new BmcStore(data.path());
  }

  DataOption data() {
    return data;
  }

  RackSource source() {
    return rack.source();
  }

  /** The machine of that name or MAC, or the end of the command. */
  Machine machine() {
    Optional<Mac> mac = Mac.parse(name);
    if (mac.isEmpty()) {
      RackSource source = rack.source();
      Node node = source.node(source.require(), name);
      return new Machine(node.mac(), Optional.of(node));
    }
    return new Machine(mac.get(), rack.source().ifValid().flatMap(file -> file.node(mac.get())));
  }
}
