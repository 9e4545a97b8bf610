// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.util.List;
import java.util.function.Function;

/**
 * One server program in one configuration.
 *
 * @param name as shown
 * @param program to be found on the system
 * @param debianPackage that brings it; empty for the product itself
 * @param ready the port that it opens last
 * @param command writes its configuration and says how it is started
 */
record Contender(
    String name,
    String program,
    String debianPackage,
    Ready ready,
    Function<Bay, List<String>> command) {

  /**
   * A port that listens.
   *
   * @param protocol {@code udp} or {@code tcp}
   */
  record Ready(String protocol, int port) {}

  boolean isOurs() {
    return debianPackage.isEmpty();
  }
}
