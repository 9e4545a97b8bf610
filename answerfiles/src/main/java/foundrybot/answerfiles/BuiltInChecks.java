// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the nodes of a built-in phase prove: as much as their roles and systems bring without
 * anybody's doing, and nothing that one of them has not. They report by their identity in the mesh,
 * so without a plane that has them all it is nothing.
 */
final class BuiltInChecks {
  private static final int SSH_PORT = 22;

  /** Either is in the list of packages of a profile that starts sshd. */
  private static final Set<String> SSH_PACKAGES = Set.of("openssh-server", "openssh");

  /** Systems in which a service runs once its package is installed, as it is configured there. */
  private static final Set<String> START_SERVICES =
      Set.of("debian-12", "debian-12-cast", "debian-13", "ubuntu-22-04", "ubuntu-24-04");

  /**
   * A service that comes with a role's package.
   *
   * @param packageName as the role has it
   * @param check its name
   */
  private record Brought(String packageName, String check, String unit) {}

  /** Keepalived is none of them: without a configuration it does not start. */
  private static final List<Brought> SERVICES =
      List.of(new Brought("haproxy", "balancer", "haproxy.service"));

  private static final Duration TIMEOUT = Duration.ofSeconds(PhaseKeys.USUAL_TIMEOUT);

  private BuiltInChecks() {}

  /**
   * Of one phase.
   *
   * @param own its nodes
   * @param all those of the rack
   */
  static List<NodeCheck> of(List<Node> own, List<Node> all, Optional<MeshSettings> mesh) {
    List<MeshSettings.PlaneSettings> planes =
        mesh.map(MeshSettings::planes).orElse(List.of()).stream()
            .filter(plane -> !own.isEmpty() && own.stream().allMatch(plane::has))
            // Control's, else the first.
            .sorted(Comparator.comparing(plane -> plane.plane() != Plane.CONTROL))
            .toList();
    if (planes.isEmpty()) {
      return List.of();
    }
    List<NodeCheck> checks = new ArrayList<>();
    // Who is alone on a plane has nobody to shake hands with.
    planes.stream()
        .filter(plane -> all.stream().filter(plane::has).count() > 1)
        .map(plane -> plane.plane().interfaceName())
        .map(name -> new NodeCheck.Handshake("mesh", name, TIMEOUT))
        .findFirst()
        .ifPresent(checks::add);
    if (own.stream().map(Node::profile).allMatch(BuiltInChecks::startsSshd)) {
      Optional<String> on = Optional.of(planes.getFirst().plane().interfaceName());
      checks.add(new NodeCheck.Port("login", SSH_PORT, on, TIMEOUT));
    }
    SERVICES.stream()
        .filter(service -> own.stream().allMatch(node -> runs(node, service)))
        .map(service -> new NodeCheck.Service(service.check(), service.unit(), TIMEOUT))
        .forEach(checks::add);
    return checks;
  }

  private static boolean startsSshd(Profile profile) {
    return !profile.ofUser() && isAnyOf(profile.packages(), SSH_PACKAGES);
  }

  private static boolean isAnyOf(Collection<String> packages, Set<String> wanted) {
    return packages.stream().anyMatch(wanted::contains);
  }

  private static boolean runs(Node node, Brought service) {
    return !node.profile().ofUser()
        && START_SERVICES.contains(node.profile().name())
        && node.packages().contains(service.packageName());
  }
}
