// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import foundrybot.answerfiles.butane.ButaneInput;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The nodes of a rack, each against all that came before it in the file. */
final class NodeBuilder {
  private static final int LONGEST_NAME = 63;

  /** x86 Linux takes 2048 characters; the rest is for FoundryBot's own. */
  private static final int LONGEST_ARGUMENTS = 1024;

  private final Faults faults;
  private final Map<String, Role> roles;
  private final Map<String, Profile> profiles;
  private final Profile profile;
  private final Optional<ApplianceSettings> appliance;
  private final BmcBuilder bmcs;
  private final MachineBuilder machines;
  private final DiskBuilder disks;
  private final LinkBuilder links;
  private final ButaneBuilder butane;
  private final TpmBuilder tpms;
  private final HostBuilder hosts;

  /** A further card of a node's, by which it can be told from others. */
  private record Card(Mac mac, Position at, String path) {}

  private final Map<Mac, Integer> macs = new HashMap<>();
  private final Map<Mac, Card> cards = new LinkedHashMap<>();
  private final Map<String, Integer> names = new HashMap<>();
  private final Map<Inet4Address, String> addresses = new HashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<RackPlace, String> places = new HashMap<>();

  NodeBuilder(
      Faults faults,
      Map<String, Role> roles,
      Map<String, Profile> profiles,
      Profile profile,
      Optional<ApplianceSettings> appliance,
      Site site,
      BmcBuilder bmcs,
      MachineBuilder machines,
      DiskBuilder disks,
      LinkBuilder links,
      ButaneBuilder butane,
      TpmBuilder tpms,
      HostBuilder hosts) {
    this.faults = faults;
    this.roles = roles;
    this.profiles = profiles;
    this.profile = profile;
    this.appliance = appliance;
    this.bmcs = bmcs;
    this.machines = machines;
    this.disks = disks;
    this.links = links;
    this.butane = butane;
    this.tpms = tpms;
    this.hosts = hosts;
    site.gateway().ifPresent(address -> addresses.put(address, "site.gateway"));
    appliance.ifPresent(
        own -> {
          for (RackNetwork network : own.others()) {
            String path = "appliance.networks." + network.subnet();
            network.router().ifPresent(address -> addresses.put(address, path + ".router"));
            network.address().ifPresent(address -> addresses.put(address, path + ".address"));
          }
          own.router().ifPresent(address -> addresses.put(address, "appliance.router"));
          addresses.put(own.address(), "appliance.address");
        });
  }

  List<Node> build(Branch table) {
    List<Node> nodes = new ArrayList<>();
    table.entries().forEach((key, entry) -> node(key, entry).ifPresent(nodes::add));
    machines.check(mac -> Optional.ofNullable(macs.get(mac)));
    checkCards();
    return nodes;
  }

  private Optional<Node> node(String key, Tree.Entry entry) {
    Mac mac = Mac.parse(key).orElseThrow(() -> new IllegalStateException("unchecked MAC " + key));
    String path = "nodes." + key;
    Integer earlier = macs.putIfAbsent(mac, entry.keyAt().line());
    if (earlier != null) {
      String expected = "each MAC once; " + mac + " is in line " + earlier + " already";
      faults.add(entry.keyAt(), "nodes", key, expected);
    }
    if (!(entry.value() instanceof Branch branch)) {
      return Optional.empty();
    }
    Optional<Role> role =
        branch
            .leaf("role")
            .flatMap(leaf -> RackBuilder.lookUp(faults, leaf, path + ".role", roles));
    Optional<Profile> own =
        branch
            .leaf("profile")
            .flatMap(leaf -> RackBuilder.lookUp(faults, leaf, path + ".profile", profiles));
    Optional<String> name = name(branch, role, entry.keyAt(), path);
    Optional<Cidr> address =
        branch.leaf("address").flatMap(leaf -> address(leaf, path + ".address", key));
    checkArguments(branch, path);
    Optional<BmcSettings> bmc = bmcs.build(branch, path);
    Optional<MachineSettings> machine = machines.build(branch, mac, bmc, path);
    List<DhcpOptionValue> options = DhcpOptionsBuilder.build(faults, branch, path);
    DiskPlan plan =
        disks.build(branch, path, entry.keyAt(), role.map(Role::name), own.orElse(profile));
    NodeNetwork network =
        links.build(
            branch,
            path,
            entry.keyAt(),
            new LinkBuilder.Owner(
                mac, branch.has("address"), address, role.map(Role::name), own.orElse(profile)));
    claim(network, branch, path);
    claimCards(network, branch, path);
    List<ButaneInput> inputs =
        butane.build(branch, path, role.map(Role::name), own.orElse(profile));
    TpmRule tpm = tpms.build(branch, mac, path);
    Optional<RackPlace> place = place(branch, path);
    HostBuilder.Asked asked = hosts.build(branch, path, entry.keyAt(), role, own.orElse(profile));
    if (role.isEmpty() || name.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Node(
            mac,
            name.get(),
            role.get(),
            own.orElse(profile),
            address,
            branch.text("disk").orElse(Node.AUTO),
            branch.texts("kernel-arguments"),
            DhcpOptionsBuilder.merge(role.get().dhcpOptions(), options),
            bmc,
            machine,
            branch.text("endpoint").map(InetAddress::ofLiteral),
            plan,
            network,
            tpm,
            place,
            RoleBuilder.over(role.get().deadlines(), DeadlineKeys.build(branch)),
            RoleBuilder.over(role.get().attempts(), AttemptKeys.build(branch)),
            asked.packages(),
            asked.settings(),
            asked.ready(),
            inputs));
  }

  /** The further addresses of its interfaces are its alone, too. */
  private void claim(NodeNetwork network, Branch branch, String path) {
    for (NetLink link : network.links()) {
      for (IpPrefix prefix : link.addresses()) {
        String owner =
            prefix.address() instanceof Inet4Address four
                ? addresses.putIfAbsent(four, path)
                : null;
        if (owner != null && !owner.equals(path)) {
          String expected = "an address that is free; this is that of " + owner;
          faults.add(branch.at("network"), path + ".network", prefix.toString(), expected);
        }
      }
    }
  }

  /** Cards are known by their MACs alone, so one that two machines have is one of them at most. */
  private void claimCards(NodeNetwork network, Branch branch, String path) {
    for (NetLink link : network.links()) {
      if (link.kind() instanceof NetLink.Kind.Card(Mac mac) && !link.name().equals(NetLink.BOOT)) {
        Card card = new Card(mac, branch.at("network"), path);
        Card earlier = cards.putIfAbsent(mac, card);
        if (earlier != null) {
          refuse(card, earlier.path());
        }
      }
    }
  }

  /** Nodes that stand behind the one that names their card are known at the end. */
  private void checkCards() {
    cards.values().stream()
        .filter(card -> macs.containsKey(card.mac()))
        .forEach(card -> refuse(card, "nodes." + card.mac()));
  }

  private void refuse(Card card, String owner) {
    String expected = "a card of this machine; this is one of " + owner;
    faults.add(card.at(), card.path() + ".network", card.mac().toString(), expected);
  }

  private Optional<RackPlace> place(Branch branch, String path) {
    Optional<Branch> given = branch.branch("rack");
    Optional<String> name = given.flatMap(rack -> rack.text("name"));
    Optional<String> unit = given.flatMap(rack -> rack.text("unit"));
    if (name.isEmpty() || unit.isEmpty()) {
      return Optional.empty();
    }
    RackPlace place = new RackPlace(name.get(), Integer.parseInt(unit.get()));
    String owner = places.putIfAbsent(place, path);
    if (owner != null) {
      String expected = "a unit that is free; this is that of " + owner;
      faults.add(given.get().at("unit"), path + ".rack.unit", place.toString(), expected);
    }
    return Optional.of(place);
  }

  private void checkArguments(Branch branch, String path) {
    int length = String.join(" ", branch.texts("kernel-arguments")).length();
    if (length > LONGEST_ARGUMENTS) {
      String value = length + " characters";
      String expected = "at most " + LONGEST_ARGUMENTS + " in all";
      faults.add(branch.at("kernel-arguments"), path + ".kernel-arguments", value, expected);
    }
  }

  /** Counts every node of a role, so that giving one a name renames no other. */
  private Optional<String> name(Branch branch, Optional<Role> role, Position keyAt, String path) {
    int count = role.map(r -> counts.merge(r.name(), 1, Integer::sum)).orElse(0);
    Optional<Leaf> given = branch.leaf("name");
    if (given.isEmpty() && (branch.has("name") || role.isEmpty())) {
      return Optional.empty();
    }
    String name = given.map(Leaf::text).orElseGet(() -> role.orElseThrow().name() + "-" + count);
    Position at = given.map(Leaf::at).orElse(keyAt);
    if (name.length() > LONGEST_NAME) {
      faults.add(at, path + ".name", name, "a name, as that of the role is too long to count on");
      return Optional.empty();
    }
    Integer earlier = names.putIfAbsent(name, at.line());
    if (earlier != null) {
      String what = given.isPresent() ? "another name" : "a name of its own, not the default";
      faults.add(at, path + ".name", name, what + "; line " + earlier + " has this one");
    }
    return Optional.of(name);
  }

  private Optional<Cidr> address(Leaf leaf, String path, String key) {
    if (appliance.isEmpty()) {
      return Optional.empty();
    }
    List<RackNetwork> networks = appliance.get().networks();
    Optional<Inet4Address> given = Ipv4.parse(leaf.text().split("/", 2)[0]);
    Cidr subnet =
        given
            .flatMap(address -> NetworkBuilder.of(networks, address))
            .map(RackNetwork::subnet)
            .orElse(appliance.get().subnet());
    Cidr address = Values.cidr(leaf.text(), subnet.prefixLength());
    if (!RackBuilder.isHost(subnet, address.address())) {
      String expected =
          networks.size() == 1 ? RackBuilder.hostIn(subnet) : NetworkBuilder.anyOf(networks);
      faults.add(leaf.at(), path, leaf.text(), expected);
      return Optional.empty();
    }
    if (address.prefixLength() != subnet.prefixLength()) {
      String expected = "the prefix length of the node's subnet, /" + subnet.prefixLength();
      faults.add(leaf.at(), path, leaf.text(), expected);
      return Optional.empty();
    }
    String owner = addresses.putIfAbsent(address.address(), "nodes." + key);
    if (owner != null) {
      faults.add(leaf.at(), path, leaf.text(), "an address that is free; this is that of " + owner);
    }
    return Optional.of(address);
  }
}
