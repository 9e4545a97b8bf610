// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
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
   * @param rack the rack file, if there is one that holds
   * @param node of the rack file, if it is there
   */
  record Machine(Mac mac, Optional<RackFile> rack, Optional<Node> node) {
    String title() {
      return node.map(Node::name).orElseGet(mac::toString);
    }
  }

  BmcStore store() {
    return new BmcStore(data.keys());
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
      RackFile file = source.require();
      Node node = source.node(file, name);
      return new Machine(node.mac(), Optional.of(file), Optional.of(node));
    }
    Optional<RackFile> file = rack.ifValid();
    return new Machine(mac.get(), file, file.flatMap(known -> known.node(mac.get())));
  }
}
