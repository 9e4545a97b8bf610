// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

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
