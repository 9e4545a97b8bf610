// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.appliance.cli.CommandProvider;

/** Brings {@code bootserver bmc-emulator}. */
public final class BmcEmulatorProvider implements CommandProvider {
  @Override
  public Object command() {
    return new BmcEmulatorCommand(System.out);
  }
}
