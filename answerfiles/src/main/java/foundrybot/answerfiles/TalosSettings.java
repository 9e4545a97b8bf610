// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.nio.file.Path;

/**
 * What nodes with Talos Linux need of their cluster.
 *
 * @param endpoint where all of them reach the Kubernetes API: {@code https://HOST:PORT}
 * @param secrets the file that {@code talosctl gen secrets} made
 */
public record TalosSettings(URI endpoint, Path secrets) {
  /** The role whose nodes are Talos' control plane; all others are its workers. */
  static final String CONTROL_PLANE = "control-plane";

  static boolean isControlPlane(Node node) {
    return node.role().name().equals(CONTROL_PLANE);
  }

  /** Whether a profile's machines are configured by a machine configuration of Talos. */
  static boolean isWantedBy(Profile profile) {
    return profile.files().values().stream().anyMatch(file -> file.format() == TextFormat.TALOS);
  }

  /** Whether this node cannot be installed without the secrets of its cluster. */
  public static boolean isWantedBy(Node node) {
    return isWantedBy(node.profile());
  }
}
