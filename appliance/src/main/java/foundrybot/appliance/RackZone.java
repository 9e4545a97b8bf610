// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.EtcdDiscovery;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.bootserver.dhcp.Lease;
import foundrybot.bootserver.dns.ZoneData;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What the rack file and the leases say about names, as the zone of the cluster's domain. */
final class RackZone {
  /** A changed lease or rack file is seen by everybody after as many seconds. */
  private static final int TTL = 60;

  private static final String SERVER = "appliance";
  private static final String ETCD = "etcd";
  private static final String CONTROL_PLANE = "control-plane";
  private static final int ETCD_PEERS = 2380;
  private static final int ETCD_CLIENTS = 2379;

  private RackZone() {}

  /**
   * The zone now.
   *
   * @param leases all that are known; those that are over, or not of a node, give no name
   * @param serial of this zone, greater than that of the one before
   */
  static ZoneData of(RackFile rack, Collection<Lease> leases, Instant now, long serial) {
    Map<String, Set<InetAddress>> hosts = new LinkedHashMap<>();
    Map<Mac, Inet4Address> leased = leased(rack, leases, now);
    for (Node node : rack.nodes()) {
      Set<InetAddress> addresses = new LinkedHashSet<>();
      node.address().ifPresent(cidr -> addresses.add(cidr.address()));
      if (addresses.isEmpty() && leased.containsKey(node.mac())) {
        addresses.add(leased.get(node.mac()));
      }
      hosts.put(node.name(), addresses);
    }
    rack.site()
        .names()
        .forEach(
            (name, more) -> hosts.computeIfAbsent(name, _ -> new LinkedHashSet<>()).addAll(more));
    return new ZoneData(
        rack.domain(),
        server(hosts.keySet()),
        List.of(rack.appliance().address()),
        serial,
        TTL,
        hosts.entrySet().stream()
            .map(host -> new ZoneData.Host(host.getKey(), List.copyOf(host.getValue())))
            .toList(),
        services(rack));
  }

  /** The newest lease of each node; an address that the rack file gives to a node is that one's. */
  private static Map<Mac, Inet4Address> leased(
      RackFile rack, Collection<Lease> leases, Instant now) {
    Set<InetAddress> fixed = new LinkedHashSet<>();
    rack.nodes().forEach(node -> node.address().ifPresent(cidr -> fixed.add(cidr.address())));
    Map<Mac, Inet4Address> addresses = new HashMap<>();
    leases.stream()
        .filter(lease -> lease.state() == Lease.State.BOUND && lease.until().isAfter(now))
        .filter(lease -> !fixed.contains(lease.address()))
        .sorted(Comparator.comparing(Lease::until))
        .forEach(lease -> addresses.put(new Mac(lease.mac().bits()), lease.address()));
    return addresses;
  }

  /** The appliance's own name; a node or name of the user's goes before it. */
  private static String server(Set<String> taken) {
    return Stream.iterate(1, i -> i + 1)
        .map(i -> i == 1 ? SERVER : SERVER + "-" + i)
        .filter(name -> !taken.contains(name))
        .findFirst()
        .orElseThrow();
  }

  /** Without nodes for etcd alone, it runs beside the control plane. */
  private static List<ZoneData.Service> services(RackFile rack) {
    if (rack.site().etcdDiscovery() == EtcdDiscovery.OFF) {
      return List.of();
    }
    String suffix = rack.site().etcdDiscovery() == EtcdDiscovery.TLS ? "-ssl._tcp" : "._tcp";
    List<Node> members = ofRole(rack, ETCD);
    List<ZoneData.Service> services = new ArrayList<>();
    for (Node node : members.isEmpty() ? ofRole(rack, CONTROL_PLANE) : members) {
      services.add(new ZoneData.Service("_etcd-server" + suffix, ETCD_PEERS, node.name()));
      services.add(new ZoneData.Service("_etcd-client" + suffix, ETCD_CLIENTS, node.name()));
    }
    return services;
  }

  private static List<Node> ofRole(RackFile rack, String role) {
    return rack.nodes().stream().filter(node -> node.role().name().equals(role)).toList();
  }
}
