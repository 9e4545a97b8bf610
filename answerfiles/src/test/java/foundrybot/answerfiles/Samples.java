// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/** A rack and a run for tests. */
public final class Samples {
  static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me@desk";

  public static final String HEAD =
      """
      cluster: alpha
      domain: alpha.rack
      appliance: { interface: eth0, address: 10.77.0.1/24, router: 10.77.0.254, dns: [10.77.0.1, 10.77.0.2] }
      admin: { user: ops, ssh-keys: ["%s"] }
      """
          .formatted(KEY);

  static final String TALOS =
      "talos: { endpoint: https://10.77.0.10:6443, secrets: /etc/foundrybot/talos.yaml }\n";

  static final String FIRST_BOOT = "#!/bin/sh\n# it's $(hostile) `too`\necho \"up\"\n";
  static final String UNIT = "[Service]\nExecStart=/usr/local/lib/foundrybot/first-boot\n";

  private Samples() {}

  public static RackFile rack(String yaml) {
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid ->
          throw new AssertionError(RackFiles.report(invalid.faults()));
    };
  }

  static RackFile withNodes(String nodes) {
    return rack(HEAD + "nodes:\n" + nodes.indent(2) + TALOS);
  }

  static List<String> faults(String yaml) {
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid _ -> List.of();
      case RackReading.Invalid invalid -> invalid.faults().stream().map(Fault::toString).toList();
    };
  }

  static RunContext run() {
    return new RunContext(
        URI.create("http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef"),
        URI.create("http://10.77.0.1:8080/"),
        Optional.of(
            new ImageRef(
                URI.create("http://10.77.0.1:8080/image/debian-12.tar.zst"), "ab".repeat(32), 42)),
        FIRST_BOOT,
        UNIT,
        Optional.empty());
  }
}
