// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.redfish.client.RedfishSettings;
import foundrybot.redfish.ipmi.Ipmi;

/**
 * How long one BMC is waited for, by protocol.
 *
 * @param ipmi but for its cipher suites, which the rack file says
 */
public record BmcWaits(RedfishSettings redfish, Ipmi.Settings ipmi) {
  /** What suits real BMCs. */
  public static final BmcWaits USUAL = new BmcWaits(RedfishSettings.USUAL, Ipmi.Settings.USUAL);
}
