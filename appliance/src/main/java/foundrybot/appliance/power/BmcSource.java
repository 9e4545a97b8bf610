// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Node;
import foundrybot.redfish.Bmc;

/** Where the hand on a node's power comes from. */
@FunctionalInterface
public interface BmcSource {
  /**
   * Opens a node's; nothing is sent before its first call.
   *
   * @throws PowerException where it has none, or where something that belongs to it is missing
   */
  Bmc open(Node node);
}
