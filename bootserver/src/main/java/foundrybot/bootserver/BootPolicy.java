// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.net.Inet4Address;

/**
 * Decides what a boot client gets. It runs on the event loop: a look-up in an immutable snapshot,
 * never a wait for a disk, a database or a network.
 */
@FunctionalInterface
public interface BootPolicy {
  /**
   * The decision for one request.
   *
   * @param self our address on the network that the client is on: the host of every URL
   */
  BootDecision decide(BootClient client, Inet4Address self);
}
