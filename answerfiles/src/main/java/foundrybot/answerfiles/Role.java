// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a node is for.
 *
 * @param from the role that it takes over what it does not say itself, if it does
 * @param packages that it needs beside those of its profile
 * @param ownPackages whether the rack file names them, or they are those of a built-in role
 * @param dhcpOptions that leases of its nodes have beside the usual ones
 * @param deadlines how long its nodes may be silent, by the name of a stage
 * @param attempts how often its nodes are power-cycled, by the name of a stage, or for the run
 * @param settings what its nodes' systems get beside packages
 * @param ready what its nodes have to prove beside the checks of their phase
 */
public record Role(
    String name,
    Optional<String> from,
    List<String> packages,
    boolean ownPackages,
    List<DhcpOptionValue> dhcpOptions,
    Map<String, Duration> deadlines,
    Map<String, Integer> attempts,
    HostSettings settings,
    List<NodeCheck> ready) {
  public Role {
    attempts = Map.copyOf(attempts);
    deadlines = Map.copyOf(deadlines);
    packages = List.copyOf(packages);
    dhcpOptions = List.copyOf(dhcpOptions);
    ready = List.copyOf(ready);
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
    roles.put(
        name,
        new Role(
            name,
            Optional.empty(),
            List.of(packages),
            false,
            List.of(),
            Map.of(),
            Map.of(),
            HostSettings.NONE,
            List.of()));
  }
}
