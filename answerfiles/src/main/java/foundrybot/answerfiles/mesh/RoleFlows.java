// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.MeshFlow;
import java.util.List;

/** What the built-in roles need of each other, by the ports that their programs usually have. */
final class RoleFlows {
  static final List<MeshFlow> BUILT_IN =
      List.of(
          flow("bootstrap hub > any tcp/22"),
          flow("control hub > any tcp/22"),
          // etcd: its clients, and its members among each other.
          flow("control control-plane > etcd tcp/2379"),
          flow("control etcd > etcd tcp/2379-2380"),
          flow("control control-plane > control-plane tcp/2379-2380"),
          // The Kubernetes API, and the kubelets.
          flow("control any > control-plane tcp/6443"),
          flow("control any > load-balancer tcp/6443"),
          flow("control control-plane > any tcp/10250"),
          // Metrics: node exporter, kubelet, etcd.
          flow("control monitor > any tcp/9100"),
          flow("control monitor > any tcp/10250"),
          flow("control monitor > etcd tcp/2381"),
          // VXLAN between pods (RFC 7348 on the port of Linux), and Cilium's health checks.
          flow("data worker > worker udp/8472"),
          flow("data worker > control-plane udp/8472"),
          flow("data control-plane > worker udp/8472"),
          flow("data control-plane > control-plane udp/8472"),
          flow("data worker > worker tcp/4240"),
          flow("data worker > control-plane tcp/4240"),
          flow("data control-plane > worker tcp/4240"),
          flow("data control-plane > control-plane tcp/4240"),
          // Services of type NodePort.
          flow("data load-balancer > worker tcp/30000-32767"),
          // Ceph: monitors in both protocols, and the daemons.
          flow("storage any > storage tcp/3300"),
          flow("storage any > storage tcp/6789"),
          flow("storage any > storage tcp/6800-7300"));

  private RoleFlows() {}

  private static MeshFlow flow(String text) {
    return MeshFlow.parse(text).orElseThrow(() -> new IllegalStateException(text));
  }
}
