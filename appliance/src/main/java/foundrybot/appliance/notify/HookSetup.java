// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import java.nio.file.Path;
import java.util.Map;

/**
 * What webhooks need beside the rack file.
 *
 * @param folder of the rack file, for files that it names
 * @param environment for keys in variables
 * @param patience with receivers
 * @param mostBehind bytes of the journal that wait for a receiver at most
 */
public record HookSetup(
    Path folder, Map<String, String> environment, Patience patience, long mostBehind) {
  /** A quarter of what a journal usually has. */
  public static final long USUAL_BEHIND = 64L << 20;

  public HookSetup {
    environment = Map.copyOf(environment);
  }

  /** With the usual patience. */
  public static HookSetup of(Path folder, Map<String, String> environment) {
    return new HookSetup(folder, environment, Patience.USUAL, USUAL_BEHIND);
  }
}
