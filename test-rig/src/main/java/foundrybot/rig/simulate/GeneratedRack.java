// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Racks of any size: one made up, or the machines of a rack file many times over. */
final class GeneratedRack {
  static final int MOST_NODES = 10_000;

  private static final int PER_NET = 250;

  /** In a larger rack only those that lead are in the mesh: its signatures take real time. */
  private static final int MOST_IN_MESH = 200;

  private GeneratedRack() {}

  /**
   * With that many nodes, each with a BMC and a fixed address, half of them installed by a cast.
   */
  static RackFile of(int nodes) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "cluster: simulated",
                "domain: simulated.rack",
                "profile: debian-12-cast",
                "appliance: { address: 10.77.0.1/16, dhcp: proxy, site-servers: [10.255.255.254] }",
                "mesh: { planes: { control: { subnet: 10.80.0.0/16"
                    + (nodes > MOST_IN_MESH ? ", roles: [etcd, control-plane] } } }" : " } } }"),
                "admin: { user: ops, ssh-keys: [\"ssh-ed25519 "
                    + "AAAAC3NzaC1lZDI1NTE5AAAAI"
                    + "A".repeat(43)
                    + " simulated\"] }",
                "power: { on-per-second: 20, at-once: 200 }",
                "nodes:"));
    for (int i = 0; i < nodes; i++) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  52:54:00:dd:%02x:%02x: { role: %s, name: n%d, address: 10.77.%d.%d/16, profile:"
                  + " %s, bmc: \"http://10.78.%d.%d\" }",
              i >> 8,
              i & 0xff,
              role(i, nodes),
              i + 1,
              1 + i / PER_NET,
              1 + i % PER_NET,
              i % 2 == 0 ? "debian-12-cast" : "debian-12",
              1 + i / PER_NET,
              1 + i % PER_NET));
    }
    return read(String.join("\n", lines) + "\n");
  }

  /** As racks are: few that lead, many that work. */
  private static String role(int number, int nodes) {
    if (nodes < 8) {
      return number == 0 ? "control-plane" : "worker";
    }
    return switch (number) {
      case 0, 1, 2 -> "etcd";
      case 3, 4, 5 -> "control-plane";
      case 6 -> "load-balancer";
      default -> number % 10 == 7 ? "storage" : "worker";
    };
  }

  private static RackFile read(String yaml) {
    return switch (RackFiles.read(yaml, "simulated rack")) {
      case RackReading.Valid(RackFile rack) -> rack;
      case RackReading.Invalid invalid ->
          throw new IllegalStateException("the simulation's own rack file: " + invalid.faults());
    };
  }
}
