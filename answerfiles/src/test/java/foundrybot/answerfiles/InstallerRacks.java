// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.util.Objects;
import java.util.Optional;

/** Racks whose nodes have one profile, for tests of what it renders. */
final class InstallerRacks {
  private static final String UNIT = Samples.UNIT + "\n[Install]\nWantedBy=multi-user.target\n";

  private InstallerRacks() {}

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
