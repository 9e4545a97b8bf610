// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.bench.Subject.Role;
import foundrybot.rig.load.Order;
import foundrybot.rig.load.Order.Dialogue;
import foundrybot.rig.load.Target;
import java.util.Set;
import java.util.function.Function;

/**
 * One load.
 *
 * @param experiment {@code dhcp}, {@code tftp}, {@code http} or {@code storm}
 * @param name as shown
 * @param roles subjects that take it
 * @param metric what is compared
 * @param order the load, for what the subject serves where
 * @param warmUp a load of the same kind that leaves the measured machines alone
 */
record Case(
    String experiment,
    String name,
    Set<Role> roles,
    Metric metric,
    Function<Places, Order> order,
    Function<Places, Order> warmUp) {

  /**
   * Where a subject serves what.
   *
   * @param target the server, and where its clients are
   * @param www folder with the references
   * @param image path of the large file
   * @param script path of the script
   * @param callback path of the last report
   * @param machines in the rack file
   * @param dialogue how a machine of a storm gets its answer
   * @param seconds of load
   */
  record Places(
      Target target,
      String www,
      String image,
      String script,
      String callback,
      int machines,
      Dialogue dialogue,
      double seconds) {}
}
