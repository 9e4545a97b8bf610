// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Racks whose nodes have one profile, for tests of what it renders. */
final class InstallerRacks {
  private static final String UNIT = Samples.UNIT + "\n[Install]\nWantedBy=multi-user.target\n";

  private static final String RAID_OF_NAMES =
      "layout: { root: raid1, disks: [/dev/sda, /dev/nvme0n1] }";

  /** All kinds of interfaces on two cards beside the boot card. */
  static final String NETWORK =
      "address: 10.77.0.12, network: { boot: { mtu: 9000 }, bond0: { bond: 802.3ad, members:"
          + " [52:54:00:bb:00:01, boot], mtu: 9000, addresses: [\"fd77::12/64\"], routes: {"
          + " 10.90.0.0/16: 10.77.0.253, \"::/0\": \"fd77::1\" } }, store: { card:"
          + " 52:54:00:bb:00:02, dhcp: ipv4 }, vlan20: { vlan: 20, on: bond0, addresses:"
          + " [10.91.0.5/24] }, br0: { bridge: plain, members: [vlan30], addresses:"
          + " [10.93.0.5/24, 10.93.0.6/24] }, vlan30: { vlan: 30, on: store } }";

  private InstallerRacks() {}

  /** Whether a profile puts that on a system of what roles and nodes ask for. */
  static boolean carries(String profile, String ability) {
    return Objects.requireNonNull(Profile.builtIn().get(profile)).carries().contains(ability);
  }

  /** One node with a lease and whatever disk there is. */
  static RackFile plain(String profile) {
    return Samples.withNodes("52:54:00:aa:00:01: { role: hub, profile: " + profile + " }");
  }

  /** The same with an encrypted disk, where the profile can do that. */
  static RackFile encrypted(String profile) {
    Profile known = Objects.requireNonNull(Profile.builtIn().get(profile));
    return known.layouts().contains("encrypted")
        ? Samples.withNodes(
            "52:54:00:aa:00:01: { role: hub, layout: encrypted, profile: " + profile + " }")
        : plain(profile);
  }

  /**
   * A node's keys for each layout that the profile can do, with data disks wiped, and for every
   * kind of interface.
   */
  static List<String> abilities(String profile) {
    Profile known = Objects.requireNonNull(Profile.builtIn().get(profile));
    List<String> keys = new ArrayList<>();
    for (String word : known.layouts()) {
      keys.add(
          switch (word) {
            case "data" -> "layout: { data: [/dev/disk/by-id/b, larger than 1 TB, others] }";
            case "raid1-named" -> RAID_OF_NAMES;
            case "zfs-named" -> "layout: zfs, disk: /dev/vda";
            default -> "layout: " + word;
          });
    }
    if (known.layouts().contains("raid1")) {
      keys.add(RAID_OF_NAMES);
    }
    if (!known.networks().isEmpty()) {
      keys.add(NETWORK);
    }
    return keys;
  }

  /** One node for each of {@link #abilities}. */
  static List<RackFile> able(String profile) {
    return abilities(profile).stream()
        .map(
            keys ->
                Samples.withNodes(
                    "52:54:00:aa:00:01: { role: hub, profile: " + profile + ", " + keys + " }"))
        .toList();
  }

  /** One node that uses all there is. */
  static RackFile full(String profile) {
    return Samples.rack(
        Samples.HEAD
            + """
            site: { timezone: Europe/Berlin, ntp: [ntp.alpha.rack, 10.77.0.3] }
            mesh: { planes: { control: { subnet: 10.80.1.0/24, roles: [worker] } } }
            nodes:
              52:54:00:aa:00:02: { role: worker, name: w, profile: %s, address: 10.77.0.12, disk: /dev/vda, kernel-arguments: [mitigations=off, quiet] }
            """
                .formatted(profile)
            + Samples.TALOS);
  }

  /** One node that asks for what its profile can put on a system beside packages. */
  static RackFile asking(String profile) {
    return Samples.withNodes(
        "52:54:00:aa:00:01: { role: hub, profile: " + profile + ", " + asks(profile) + " }");
  }

  /** The keys of such a node; a file's text is hostile to each format that it enters. */
  static String asks(String profile) {
    String always = "labels: { example.org/pool: a, tier: '' }, sysctls: { vm.swappiness: 10 }";
    String file =
        "files: { %s: { content: \"it's $(a)\\n\\t`b` ${c} \\\"\\n\", mode: 0640, owner: %s } }, ";
    return switch (profile) {
      case "talos" -> file.formatted("/var/lib/x/a.conf", "root") + always;
      case "nixos" -> file.formatted("/etc/x/a.conf", "haproxy:adm") + always;
      default ->
          file.formatted("/etc/x/a.conf", "haproxy:adm")
              + "services: { enable: [haproxy], disable: [cups] }, "
              + always;
    };
  }

  /** One node with a static address for each built-in role. */
  static RackFile everyRole(String profile) {
    StringBuilder nodes = new StringBuilder();
    int n = 0;
    for (String role : Role.builtIn().keySet()) {
      n++;
      nodes.append(
          "52:54:00:aa:01:%02x: { role: %s, profile: %s, address: 10.77.0.%d }\n"
              .formatted(n, role, profile, n + 20));
    }
    return Samples.withNodes(nodes.toString());
  }

  /** A run of a node without a mesh, with a unit as complete as the real one. */
  static RunContext run() {
    RunContext run = Samples.run();
    return new RunContext(
        run.nodeUrl(),
        run.applianceUrl(),
        run.image(),
        run.firstBootScript(),
        UNIT,
        run.installerSuite());
  }

  /** The same, in the mesh if the rack has one. */
  static RunContext run(RackFile rack) {
    return rack.mesh().isEmpty()
        ? run()
        : run()
            .with(
                Optional.of(
                    new MeshJoin(
                        URI.create("https://10.77.0.1"),
                        "0123456789abcdef".repeat(2),
                        "MCowBQYDK2VwAyEA" + "A".repeat(43) + "=",
                        "MIIB",
                        "#!/bin/sh\necho 'mesh'\n",
                        "[Service]\nExecStart=/x poll\n",
                        "[Timer]\nOnBootSec=5s\n[Install]\nWantedBy=timers.target\n")));
  }
}
