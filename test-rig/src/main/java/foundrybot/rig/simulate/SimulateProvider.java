// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.appliance.cli.CommandProvider;

/** Brings {@code bootserver simulate}. */
public final class SimulateProvider implements CommandProvider {
  @Override
  public Object command() {
    return new SimulateCommand(System.out);
  }
}
