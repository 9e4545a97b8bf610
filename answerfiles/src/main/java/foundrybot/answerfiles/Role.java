// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a node is for.
 *
 * @param packages that it needs beside those of its profile
 * @param dhcpOptions that leases of its nodes have beside the usual ones
 * @param deadlines how long its nodes may be silent, by the name of a stage
 */
public record Role(
    String name,
    List<String> packages,
    List<DhcpOptionValue> dhcpOptions,
    Map<String, Duration> deadlines) {
  public Role {
    deadlines = Map.copyOf(deadlines);
    packages = List.copyOf(packages);
    dhcpOptions = List.copyOf(dhcpOptions);
  }

  /** The roles that every rack file knows, by name; a rack file may add to them or change them. */
  public static Map<String, Role> builtIn() {
    Map<String, Role> roles = new LinkedHashMap<>();
    add(roles, "hub", "nftables");
    add(roles, "etcd");
    add(roles, "control-plane", "conntrack", "ethtool", "socat");
    add(roles, "worker", "conntrack", "ethtool", "socat");
    add(roles, "load-balancer", "haproxy", "keepalived");
    add(roles, "storage", "gdisk", "lvm2");
    add(roles, "monitor");
    return roles;
  }

  private static void add(Map<String, Role> roles, String name, String... packages) {
    roles.put(name, new Role(name, List.of(packages), List.of(), Map.of()));
  }
}
