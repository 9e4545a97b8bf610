// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.Cidr6;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.MeshSettings;
import foundrybot.answerfiles.MeshSettings.PlaneSettings;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.RackFile;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The mesh of a rack: a pure function of the rack file and of the numbers that nodes have already.
 * A node has one number, which is its place in the subnets of all planes, and keeps it: whoever
 * comes later takes the lowest that is free, so that adding a node moves nobody.
 *
 * @param members by number
 * @param numbers of all that have one, also of nodes that have left the rack file
 */
public record MeshPlan(MeshSettings settings, List<Member> members, Map<Mac, Integer> numbers) {
  public MeshPlan {
    members = List.copyOf(members);
    numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
  }

  /**
   * Gives each node its number.
   *
   * @param earlier numbers that were given before; they stay
   */
  public static Planning of(RackFile rack, MeshSettings settings, Map<Mac, Integer> earlier) {
    List<Node> nodes = rack.nodes().stream().filter(settings::has).toList();
    Map<Mac, Integer> numbers = new LinkedHashMap<>(earlier);
    Set<Integer> used = new HashSet<>(earlier.values());
    int next = 1;
    int most = settings.planes().stream().mapToInt(PlaneSettings::capacity).min().orElse(0);
    for (Node node : nodes) {
      if (!numbers.containsKey(node.mac())) {
        while (used.contains(next)) {
          next++;
        }
        if (next > most && !release(rack, numbers, used)) {
          return new Planning.Refused(full(node, settings));
        }
        next = next > most ? lowestFree(used) : next;
        numbers.put(node.mac(), next);
        used.add(next);
      }
    }
    List<Member> members =
        nodes.stream()
            .map(node -> new Member(node, numbers.getOrDefault(node.mac(), 0)))
            .sorted(Comparator.comparingInt(Member::number))
            .toList();
    return members.isEmpty() || members.getLast().number() <= most
        ? new Planning.Planned(new MeshPlan(settings, members, numbers))
        : new Planning.Refused(full(members.getLast().node(), settings));
  }

  /** Numbers of nodes that are no longer there are used again only when there are no others. */
  private static boolean release(RackFile rack, Map<Mac, Integer> numbers, Set<Integer> used) {
    Set<Mac> there = new HashSet<>(rack.nodes().stream().map(Node::mac).toList());
    numbers.keySet().removeIf(mac -> !there.contains(mac));
    boolean any = used.retainAll(new HashSet<>(numbers.values()));
    return any;
  }

  private static int lowestFree(Set<Integer> used) {
    int free = 1;
    while (used.contains(free)) {
      free++;
    }
    return free;
  }

  private static String full(Node node, MeshSettings settings) {
    PlaneSettings least =
        settings.planes().stream()
            .min(Comparator.comparingInt(PlaneSettings::capacity))
            .orElseThrow();
    return "mesh.planes."
        + least.plane().text()
        + ".subnet: "
        + least.subnet()
        + ": no address for "
        + node.name()
        + " (expected: a larger subnet; nodes keep the addresses that they have)";
  }

  /** The member with that MAC. */
  public Optional<Member> member(Mac mac) {
    return members.stream().filter(member -> member.node().mac().equals(mac)).findFirst();
  }

  /** Where that machine is in the mesh: its address, or both of its addresses, in each plane. */
  public List<InetAddress> addresses(Mac mac) {
    List<InetAddress> addresses = new ArrayList<>();
    member(mac)
        .ifPresent(
            self ->
                settings.planes().stream()
                    .filter(plane -> plane.has(self.node()))
                    .forEach(
                        plane -> {
                          addresses.add(address(plane, self).address());
                          address6(plane, self).map(Cidr6::address).ifPresent(addresses::add);
                        }));
    return addresses;
  }

  /** Those in one plane, by number. */
  List<Member> of(PlaneSettings plane) {
    return members.stream().filter(member -> plane.has(member.node())).toList();
  }

  /** The member's address in a plane, with the plane's prefix length. */
  static Cidr address(PlaneSettings plane, Member member) {
    int base = ByteBuffer.wrap(plane.subnet().address().getAddress()).getInt();
    byte[] octets = ByteBuffer.allocate(4).putInt(base + member.number()).array();
    try {
      return new Cidr(
          (Inet4Address) InetAddress.getByAddress(octets), plane.subnet().prefixLength());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four octets are always an address", e);
    }
  }

  /** The same for IPv6. */
  static Optional<Cidr6> address6(PlaneSettings plane, Member member) {
    return plane.subnet6().map(subnet -> subnet.plus(member.number()));
  }

  /** The public keys of all nodes that have sent them. */
  public interface PublicKeys {
    /** Empty as long as the node has none there. */
    Optional<WgKey> of(Mac node, Plane plane);
  }

  /** What each two peers share. */
  public interface PresharedKeys {
    /** The same for both orders. */
    PresharedKey between(Plane plane, Mac one, Mac other);
  }

  /** What one node is told: its interfaces with those peers that have keys, and its rules. */
  public NodeMesh nodeMesh(Member self, PublicKeys keys, PresharedKeys preshared) {
    List<NodeInterface> interfaces = new ArrayList<>();
    for (PlaneSettings plane : settings.planes()) {
      if (plane.has(self.node())) {
        interfaces.add(nodeInterface(plane, self, keys, preshared));
      }
    }
    return new NodeMesh(interfaces, NftRules.of(this, self), relay(self));
  }

  /** Where it reaches the appliance over the mesh; the hub itself is told the same. */
  private Optional<MeshRelay> relay(Member self) {
    return settings
        .relayed()
        .filter(plane -> plane.has(self.node()))
        .flatMap(
            plane ->
                plane
                    .hub()
                    .flatMap(this::member)
                    .map(hub -> address(plane, hub).address().getHostAddress())
                    .map(address -> new MeshRelay(plane.plane(), address)));
  }

  /** Whether it passes on what comes in by that plane. */
  boolean isRelay(PlaneSettings plane, Member member) {
    return isHub(plane, member) && settings.relayed().filter(plane::equals).isPresent();
  }

  private NodeInterface nodeInterface(
      PlaneSettings plane, Member self, PublicKeys keys, PresharedKeys preshared) {
    List<WgPeer> peers = new ArrayList<>();
    for (Member other : of(plane)) {
      boolean speak = plane.speak(self.node(), other.node());
      Optional<WgKey> key = keys.of(other.node().mac(), plane.plane());
      if (speak && key.isPresent() && !other.equals(self)) {
        Optional<PresharedKey> shared =
            settings.preshared()
                ? Optional.of(
                    preshared.between(plane.plane(), self.node().mac(), other.node().mac()))
                : Optional.empty();
        peers.add(peer(plane, self, other, key.get(), shared));
      }
    }
    List<String> addresses = new ArrayList<>();
    addresses.add(address(plane, self).toString());
    address6(plane, self).ifPresent(address -> addresses.add(address.toString()));
    return new NodeInterface(
        plane.plane(),
        plane.mtu(),
        addresses,
        isHub(plane, self),
        new WgConfig(plane.port(), peers));
  }

  static boolean isHub(PlaneSettings plane, Member member) {
    return plane.hub().filter(member.node().mac()::equals).isPresent();
  }

  private static WgPeer peer(
      PlaneSettings plane, Member self, Member other, WgKey key, Optional<PresharedKey> shared) {
    List<String> allowed = new ArrayList<>();
    if (isHub(plane, other)) {
      // Behind it are all others.
      allowed.add(plane.subnet().toString());
      plane.subnet6().ifPresent(subnet -> allowed.add(subnet.toString()));
    } else {
      allowed.add(address(plane, other).address().getHostAddress() + "/32");
      address6(plane, other)
          .ifPresent(address -> allowed.add(Cidr6.text(address.address()) + "/128"));
    }
    Optional<String> endpoint =
        other.node().meshEndpoint().map(address -> endpoint(address, plane.port()));
    boolean unreachable = self.node().meshEndpoint().isEmpty();
    int keepalive = unreachable && endpoint.isPresent() ? plane.keepalive() : 0;
    return new WgPeer(key, shared, allowed, endpoint, keepalive);
  }

  private static String endpoint(InetAddress address, int port) {
    return address instanceof Inet6Address v6
        ? "[" + Cidr6.text(v6) + "]:" + port
        : address.getHostAddress() + ":" + port;
  }
}
