// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.Samples;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** A rack with a mesh, and keys for it. */
final class Meshes {
  static final String PLANES =
      """
      mesh:
        planes:
          bootstrap: { subnet: 10.80.0.0/24, topology: hub }
          control: { subnet: 10.80.1.0/24, subnet6: "fd4a:6e1f:20c8:1::/64", topology: hub }
          data: { subnet: 10.80.2.0/24, subnet6: "fd4a:6e1f:20c8:2::/64", roles: [worker, control-plane] }
          storage: { subnet: 10.80.3.0/24, mtu: 8920 }
        flows: ["control worker > monitor tcp/9090-9093"]
      """;

  static final String NODES =
      """
      nodes:
        52:54:00:aa:00:01: { role: hub, address: 10.77.0.11, endpoint: "2001:db8::11" }
        52:54:00:aa:00:02: { role: control-plane, address: 10.77.0.12 }
        52:54:00:aa:00:03: { role: worker, name: w1, address: 10.77.0.13 }
        52:54:00:aa:00:04: { role: worker, name: w2 }
        52:54:00:aa:00:05: { role: monitor, name: m1, address: 10.77.0.15 }
      """;

  private Meshes() {}

  static RackFile rack() {
    return Samples.rack(Samples.HEAD + PLANES + NODES);
  }

  static MeshPlan plan(RackFile rack, Map<Mac, Integer> earlier) {
    return switch (MeshPlan.of(rack, rack.mesh().orElseThrow(), earlier)) {
      case Planning.Planned(MeshPlan plan) -> plan;
      case Planning.Refused(String why) -> throw new AssertionError(why);
    };
  }

  static Mac mac(int last) {
    return new Mac(0x525400aa0000L + last);
  }

  static WgKey key(Mac mac, Plane plane) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) mac.bits();
    bytes[1] = (byte) (plane.usualPort() - Plane.BOOTSTRAP.usualPort() + 1);
    return new WgKey(Base64.getEncoder().encodeToString(bytes));
  }

  static PresharedKey preshared(Plane plane, Mac one, Mac other) {
    return new PresharedKey(key(new Mac(one.bits() ^ other.bits()), plane).text());
  }

  static NodeMesh of(MeshPlan plan, Mac self) {
    return plan.nodeMesh(
        plan.member(self).orElseThrow(),
        (mac, plane) -> Optional.of(key(mac, plane)),
        Meshes::preshared);
  }
}
