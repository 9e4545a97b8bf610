// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Plane;
import java.util.List;

/**
 * One WireGuard interface of one node.
 *
 * @param mtu bytes
 * @param addresses of the interface: ADDRESS/LENGTH
 * @param forwards whether it is the hub, which passes on what the others say to each other
 */
public record NodeInterface(
    Plane plane, int mtu, List<String> addresses, boolean forwards, WgConfig config) {
  public NodeInterface {
    addresses = List.copyOf(addresses);
  }
}
