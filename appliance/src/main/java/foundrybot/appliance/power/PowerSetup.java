// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

/**
 * How an appliance reaches the power of its machines.
 *
 * @param bmcs where the hand on a node's power comes from
 */
public record PowerSetup(BmcSource bmcs, Patience patience) {
  /** With the patience that suits real BMCs. */
  public static PowerSetup of(BmcSource bmcs) {
    return new PowerSetup(bmcs, Patience.USUAL);
  }
}
