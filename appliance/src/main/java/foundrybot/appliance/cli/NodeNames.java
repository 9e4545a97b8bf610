// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.io.Console;

/** What may stand where a node's name is asked for. */
final class NodeNames {
  private NodeNames() {}

  static void check(String name) {
    if (!name.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
      throw new UserException(
          Main.USAGE, "node: " + name + " (expected: a name of the rack file, such as worker-1)");
    }
  }

  /**
   * Has the operator type the node's name.
   *
   * @param what is to happen to it, for who has no terminal to be asked at
   * @param question for who has one
   * @throws UserException unless that was the name
   */
  static void confirm(String name, String what, String question) {
    Console console =
        PasswordOption.terminal()
            .orElseThrow(
                () ->
                    new UserException(
                        Main.USAGE,
                        "--yes: missing (expected: it, where there is no terminal to ask whether "
                            + name
                            + " "
                            + what
                            + "); nothing was begun"));
    if (!name.equals(console.readLine("%s Type the node's name: ", question))) {
      throw new UserException(Main.FAILED, "not confirmed; nothing was begun");
    }
  }

  /**
   * A name that the appliance does not know.
   *
   * @param ending what else there is to say, or nothing
   */
  static UserException unknown(String name, String ending) {
    return new UserException(
        Main.FAILED,
        "node: "
            + name
            + " is not in the rack file that the appliance serves (expected: a name that"
            + " 'bootserver status' shows)"
            + ending);
  }
}
