// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import foundrybot.appliance.cli.CommandProvider;

/** Brings {@code bootserver demo}. */
public final class DemoProvider implements CommandProvider {
  @Override
  public Object command() {
    return new DemoCommand(System.out);
  }
}
