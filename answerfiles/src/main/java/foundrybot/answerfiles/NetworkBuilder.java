// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The networks beside the appliance's own, each against all that came before it in the file. */
final class NetworkBuilder {
  private final Faults faults;
  private final List<Cidr> taken = new ArrayList<>();
  private final List<Inet4Address> usualDns;

  NetworkBuilder(Faults faults, Cidr own, List<Inet4Address> usualDns) {
    this.faults = faults;
    this.usualDns = usualDns;
    taken.add(new Cidr(own.network(), own.prefixLength()));
  }

  List<RackNetwork> build(Branch table) {
    List<RackNetwork> networks = new ArrayList<>();
    table.entries().forEach((key, entry) -> network(key, entry).ifPresent(networks::add));
    return networks;
  }

  private Optional<RackNetwork> network(String key, Tree.Entry entry) {
    String path = "appliance.networks." + key;
    Cidr subnet = Cidr.parse(key).orElseThrow(() -> new IllegalStateException("unchecked " + key));
    Optional<Cidr> other =
        taken.stream()
            .filter(t -> t.contains(subnet.address()) || subnet.contains(t.address()))
            .findFirst();
    if (other.isPresent()) {
      String expected = "a subnet that shares no address with " + other.get();
      faults.add(entry.keyAt(), "appliance.networks", key, expected);
      return Optional.empty();
    }
    taken.add(subnet);
    if (!(entry.value() instanceof Branch branch)) {
      return Optional.empty();
    }
    checkHost(branch, "address", path, subnet);
    checkHost(branch, "router", path, subnet);
    if (branch.has("interface") && !branch.has("address")) {
      String expected = "the appliance's address there, as the network has an interface";
      faults.add(branch.at(), path + ".address", "missing", expected);
    }
    Optional<Inet4Address> address = branch.text("address").map(Values::address);
    Optional<Inet4Address> router = branch.text("router").map(Values::address);
    if (address.isPresent() && address.equals(router)) {
      String expected = "another address than that of the appliance there";
      faults.add(branch.at("router"), path + ".router", shown(address), expected);
    }
    branch.leaf("pool").ifPresent(leaf -> checkPool(faults, leaf, path, subnet, address));
    return Optional.of(
        new RackNetwork(
            subnet,
            address,
            branch.text("interface").map(Values::interfaceName),
            branch.text("pool").flatMap(Values::range),
            router,
            branch.has("dns")
                ? branch.texts("dns").stream().map(Values::address).toList()
                : usualDns,
            routes(faults, branch, path, subnet)));
  }

  static List<Route> routes(Faults faults, Branch branch, String path, Cidr subnet) {
    List<Route> routes = new ArrayList<>();
    branch
        .values("routes")
        .forEach(
            (key, leaf) -> {
              Inet4Address router = Values.address(leaf.text());
              if (RackBuilder.isHost(subnet, router)) {
                routes.add(new Route(Cidr.parse(key).orElseThrow(), router));
              } else {
                faults.add(leaf.at(), path + ".routes." + key, leaf.text(), hostIn(subnet));
              }
            });
    return routes;
  }

  private static String shown(Optional<Inet4Address> address) {
    return address.map(Inet4Address::getHostAddress).orElse("");
  }

  private void checkHost(Branch branch, String key, String path, Cidr subnet) {
    branch
        .leaf(key)
        .filter(leaf -> !RackBuilder.isHost(subnet, Values.address(leaf.text())))
        .ifPresent(leaf -> faults.add(leaf.at(), path + "." + key, leaf.text(), hostIn(subnet)));
  }

  private static String hostIn(Cidr subnet) {
    return "an address of " + subnet + ", not its first or last";
  }

  /** A pool lies inside its subnet, and without the appliance's own address. */
  static void checkPool(
      Faults faults, Leaf leaf, String path, Cidr subnet, Optional<Inet4Address> own) {
    Optional<AddressRange> pool = Values.range(leaf.text());
    if (pool.isEmpty()) {
      return;
    }
    if (!RackBuilder.isHost(subnet, pool.get().first())
        || !RackBuilder.isHost(subnet, pool.get().last())) {
      Cidr shown = new Cidr(subnet.network(), subnet.prefixLength());
      faults.add(leaf.at(), path + ".pool", leaf.text(), "all of it " + hostIn(shown));
    } else if (own.filter(pool.get()::contains).isPresent()) {
      String expected = "a range without the appliance's " + shown(own);
      faults.add(leaf.at(), path + ".pool", leaf.text(), expected);
    } else if (pool.get().size() > AddressRange.MOST) {
      String expected = "at most " + AddressRange.MOST + " addresses";
      faults.add(leaf.at(), path + ".pool", leaf.text(), expected);
    }
  }

  /** The network that a machine with this address is in. */
  static Optional<RackNetwork> of(List<RackNetwork> networks, Inet4Address address) {
    return networks.stream().filter(network -> network.subnet().contains(address)).findFirst();
  }

  /** For faults: the subnets, and what may be had of them. */
  static String anyOf(List<RackNetwork> networks) {
    List<String> names = networks.stream().map(network -> network.subnet().toString()).toList();
    return "an address of " + String.join(" or ", names) + ", not its first or last";
  }
}
