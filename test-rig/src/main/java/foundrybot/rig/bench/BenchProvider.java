// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.appliance.cli.CommandProvider;

/** Brings {@code bootserver bench}, which {@code bin/bench} calls. */
public final class BenchProvider implements CommandProvider {
  @Override
  public Object command() {
    return new BenchCommand(System.out);
  }
}
