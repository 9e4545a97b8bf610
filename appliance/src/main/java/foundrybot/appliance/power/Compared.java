// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import java.net.URI;
import java.util.Optional;

/**
 * Which BMC has told already, in one deployment, what machine it holds. That takes a BMC up to
 * dozens of requests, and does not change from one attempt to the next; the rack file may.
 */
final class Compared {
  private Optional<URI> told = Optional.empty();

  boolean isWith(Optional<URI> bmc) {
    return told.isPresent() && told.equals(bmc);
  }

  void with(Optional<URI> bmc) {
    told = bmc;
  }
}
