// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Node;
import java.net.URI;

/** Where the boot media come from that BMCs play. */
@FunctionalInterface
public interface MediumSource {
  /**
   * That of a node's run; made now, which takes a second.
   *
   * @return a secret, where its BMC can fetch it
   * @throws foundrybot.images.BuildException with the cure, if it cannot be made
   */
  URI medium(Node node) throws InterruptedException;
}
