// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The WireGuard mesh that nodes join after their enrollment, as the rack file wants it.
 *
 * @param planes at least one, in the order of {@link Plane}
 * @param preshared whether each two peers also share a symmetric key
 * @param flows what nodes may say to each other beside what their roles need
 * @param relay whether a hub passes on to the appliance what nodes ask of it over the mesh
 */
public record MeshSettings(
    List<PlaneSettings> planes, boolean preshared, List<MeshFlow> flows, boolean relay) {
  public MeshSettings {
    planes = planes.stream().sorted(Comparator.comparing(PlaneSettings::plane)).toList();
    flows = List.copyOf(flows);
  }

  /** Whether that node is in any of its networks. */
  public boolean has(Node node) {
    return planes.stream().anyMatch(plane -> plane.has(node));
  }

  /** The plane whose hub does that: the first one that has a hub and is no plane of data. */
  public Optional<PlaneSettings> relayed() {
    return planes.stream()
        .filter(plane -> plane.plane() == Plane.BOOTSTRAP || plane.plane() == Plane.CONTROL)
        .filter(plane -> relay && plane.hub().isPresent())
        .findFirst();
  }

  /**
   * One network of the mesh.
   *
   * @param subnet where its nodes get their addresses
   * @param subnet6 the same for IPv6
   * @param hub the node through which all others speak; absent: each speaks to each
   * @param roles whose nodes are in it; empty: all
   * @param port UDP, on every node
   * @param mtu bytes of the largest packet inside the tunnel
   * @param keepalive seconds between packets of a node that nobody can reach first, so that the way
   *     back to it stays open; 0 for none
   */
  public record PlaneSettings(
      Plane plane,
      Cidr subnet,
      Optional<Cidr6> subnet6,
      Optional<Mac> hub,
      List<String> roles,
      int port,
      int mtu,
      int keepalive) {
    /** What 1500 bytes leave when the tunnel itself runs over IPv6. */
    static final int USUAL_MTU = 1420;

    /** Less than common firewalls and NATs forget a flow of UDP in. */
    static final int USUAL_KEEPALIVE = 25;

    public PlaneSettings {
      roles = List.copyOf(roles);
    }

    /** Whether that node is in this network. */
    public boolean has(Node node) {
      return roles.isEmpty() || roles.contains(node.role().name());
    }

    /** Whether these two are peers in it, which both are in. */
    public boolean speak(Node one, Node other) {
      return hub.isEmpty() || hub.get().equals(one.mac()) || hub.get().equals(other.mac());
    }

    /** How many nodes it has addresses for. */
    public int capacity() {
      int bits = 32 - subnet.prefixLength();
      return (int) Math.min(MOST_NODES, (1L << bits) - 2);
    }

    private static final long MOST_NODES = 1 << 20;
  }
}
