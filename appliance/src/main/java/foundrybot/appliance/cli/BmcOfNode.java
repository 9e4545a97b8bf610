// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.power.Bmcs;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.Outcome;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;

/** What commands share that speak to the BMC of one node. */
final class BmcOfNode {
  @Mixin private RackOption rack = new RackOption();
  @Mixin private DataOption data = new DataOption();

  /**
   * A node and the hand on it.
   *
   * @param bmc opened, nothing sent yet
   * @param turn that keeps other commands from it
   */
  record Target(Node node, Bmc bmc, BmcTurn turn) implements AutoCloseable {
    /** {@link BmcTurn#alone}. */
    <T> T alone(String what, Supplier<T> deed) {
      return turn.alone(what, deed);
    }

    @Override
    public void close() {
      bmc.close();
    }

    /** The value, with its warnings on the error output; or the end of the command. */
    <T> T require(Outcome<T> outcome) {
      if (outcome instanceof Outcome.Done<T> done) {
        done.warnings()
            .forEach(warning -> System.err.println(node.name() + ": note: " + shown(warning)));
        return done.value();
      }
      throw new UserException(Main.FAILED, node.name() + ": " + shown(outcome.evidence()));
    }
  }

  /**
   * A BMC's words on one line: nothing in them may steer the terminal or turn the reading around.
   */
  static String shown(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " ").strip();
  }

  /** The appliance's folder. */
  Path data() {
    return data.path();
  }

  /** The node of that name and its BMC, or the end of the command. */
  Target open(String name) {
    RackSource source = rack.source();
    RackFile file = source.require();
    Node node = source.node(file, name);
    Bmcs bmcs = new Bmcs(source.folder(), data.keys(), System.getenv(), file.appliance().address());
    BmcTurn turn = BmcTurn.at(data.path(), bmcs.url(node), node.mac(), node.name());
    return new Target(node, bmcs.open(node), turn);
  }
}
