// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.discover.FoundBmc;
import java.util.Optional;

/**
 * A BMC that was found, and what it told to who logged in.
 *
 * @param machine absent where nobody logged in, or it told nothing
 * @param trouble why it told nothing; empty where it did, or was not asked to
 */
public record Surveyed(FoundBmc bmc, Optional<Machine> machine, String trouble) {

  /** What is behind it. */
  public record Machine(Identity identity, Inventory inventory) {}

  /** One that nobody has asked. */
  public static Surveyed unasked(FoundBmc bmc) {
    return new Surveyed(bmc, Optional.empty(), "");
  }
}
