// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.Node;
import foundrybot.redfish.Bmc;
import java.net.URI;
import java.util.Optional;

/** Where the hand on a node's power comes from. */
@FunctionalInterface
public interface BmcSource {
  /**
   * Opens a node's; nothing is sent before its first call.
   *
   * @throws PowerException where it has none, or where something that belongs to it is missing
   */
  Bmc open(Node node);

  /** Whether a node has one: the rack file's own, or else one that an operator entered. */
  default boolean has(Node node) {
    return node.bmc().isPresent();
  }

  /** The same as of a second ago at most, for what is asked with each packet. */
  default boolean hadLately(Node node) {
    return has(node);
  }

  /** Where it is; empty where it has none. */
  default Optional<URI> url(Node node) {
    return node.bmc().map(BmcSettings::url);
  }
}
