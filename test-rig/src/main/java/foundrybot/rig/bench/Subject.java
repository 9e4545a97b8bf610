// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.load.Order.Dialogue;
import java.util.List;

/**
 * What is measured as one: a server, or those that together boot machines.
 *
 * @param name as shown
 * @param role which cases it takes
 * @param servers started in this order
 */
record Subject(String name, Role role, List<Contender> servers) {
  /** What a subject can do; cases are chosen by it. */
  enum Role {
    DHCP_SERVER,
    DHCP_PROXY,
    SMALL_RACK,
    LARGE_RACK,
    TFTP,
    HTTP,
    STORM_SERVER,
    STORM_PROXY;

    boolean isStorm() {
      return this == STORM_SERVER || this == STORM_PROXY;
    }

    /** The role beside whose subjects it is measured: the two racks differ in their size alone. */
    Role company() {
      return this == LARGE_RACK ? SMALL_RACK : this;
    }

    Dialogue dialogue() {
      return this == STORM_PROXY || this == DHCP_PROXY ? Dialogue.PROXY : Dialogue.DORA;
    }
  }

  Subject {
    servers = List.copyOf(servers);
  }

  boolean isOurs() {
    return servers.stream().anyMatch(Contender::isOurs);
  }
}
