// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.NetLink.Dhcp;
import foundrybot.answerfiles.NetLink.Kind;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A node's interfaces, from its own keys or those of its role. */
final class LinkBuilder {
  private static final List<String> KINDS = Kind.WORDS;

  private final Faults faults;
  private final Map<String, Branch> roles;
  private final Map<String, Profile> profiles;

  /** Faults of a role are found with each of its nodes and told once. */
  private final Set<List<Object>> told = new HashSet<>();

  LinkBuilder(Faults faults, Map<String, Branch> roles, Map<String, Profile> profiles) {
    this.faults = faults;
    this.roles = roles;
    this.profiles = profiles;
  }

  /**
   * What is known of the node when its network is read.
   *
   * @param hasAddress also where that was found fault with
   */
  record Owner(
      Mac mac,
      boolean hasAddress,
      Optional<Cidr> address,
      Optional<String> role,
      Profile profile) {}

  /**
   * A node's own network stands in place of its role's as a whole.
   *
   * @param path of the node in the file
   * @param keyAt where the node is, for faults that its role alone does not have
   */
  NodeNetwork build(Branch node, String path, Position keyAt, Owner owner) {
    Optional<Branch> own = node.branch("network");
    if (own.isPresent()) {
      return network(own.get(), path + ".network", own.get().at(), path, owner);
    }
    Optional<Branch> inherited =
        owner.role().map(roles::get).flatMap(role -> role.branch("network"));
    return inherited
        .map(
            table ->
                network(
                    table, "roles." + owner.role().orElseThrow() + ".network", keyAt, path, owner))
        .orElseGet(() -> NodeNetwork.usual(owner.mac()));
  }

  private NodeNetwork network(
      Branch table, String path, Position at, String nodePath, Owner owner) {
    Map<String, NetLink> links = new LinkedHashMap<>();
    NodeNetwork.usual(owner.mac()).links().forEach(boot -> links.put(boot.name(), boot));
    Names names = names(table, path, owner.mac());
    for (String name : table.entries().keySet()) {
      table
          .branch(name)
          .flatMap(branch -> link(name, branch, path + "." + name, owner, names))
          .ifPresent(link -> links.put(name, link));
    }
    names.implied().forEach((mac, name) -> links.put(name, card(name, mac)));
    NodeNetwork network = new NodeNetwork(List.copyOf(links.values()));
    LinkChecks.Sink sink =
        (link, key, value, expected) -> fault(table, path, link, key, value, expected);
    new LinkChecks(sink).check(network, owner.hasAddress());
    new LinkAddresses(sink, network, owner.address(), owner.address().isEmpty()).check();
    checkProfile(network, at, nodePath + ".network", owner.profile());
    return network;
  }

  /** All names that may be used, and the cards that are only named by their MACs. */
  private record Names(Set<String> known, Map<Mac, String> cards, Map<Mac, String> implied) {
    Optional<String> of(String text) {
      if (known.contains(text)) {
        return Optional.of(text);
      }
      return Mac.parse(text)
          .map(
              mac ->
                  Optional.ofNullable(cards.get(mac))
                      .orElseGet(() -> implied.computeIfAbsent(mac, Names::nameOf)));
    }

    private static String nameOf(Mac mac) {
      return "c" + mac.toString().replace(":", "");
    }
  }

  private Names names(Branch table, String path, Mac boot) {
    Set<String> known = new HashSet<>(table.entries().keySet());
    known.add(NetLink.BOOT);
    Map<Mac, String> cards = new LinkedHashMap<>();
    cards.put(boot, NetLink.BOOT);
    for (String name : table.entries().keySet()) {
      Optional<Leaf> leaf = table.branch(name).flatMap(branch -> branch.leaf("card"));
      if (leaf.isPresent()) {
        Mac mac = Mac.parse(leaf.get().text()).orElseThrow();
        String earlier = cards.putIfAbsent(mac, name);
        if (earlier != null) {
          String expected = "each card once; this one is " + earlier;
          fault(leaf.get().at(), path + "." + name + ".card", leaf.get().text(), expected);
        }
      }
    }
    return new Names(known, cards, new LinkedHashMap<>());
  }

  private static NetLink card(String name, Mac mac) {
    return new NetLink(name, new Kind.Card(mac), Dhcp.OFF, List.of(), List.of(), Optional.empty());
  }

  private Optional<NetLink> link(
      String name, Branch branch, String path, Owner owner, Names names) {
    return kind(name, branch, path, owner, names)
        .map(
            kind ->
                new NetLink(
                    name,
                    kind,
                    branch
                        .text("dhcp")
                        .map(text -> Dhcp.valueOf(text.toUpperCase(Locale.ROOT)))
                        .orElse(Dhcp.OFF),
                    branch.texts("addresses").stream()
                        .flatMap(text -> IpPrefix.parse(text).stream())
                        .toList(),
                    routes(branch, path),
                    branch.text("mtu").map(Integer::parseInt)));
  }

  private Optional<Kind> kind(String name, Branch branch, String path, Owner owner, Names names) {
    List<String> said = KINDS.stream().filter(branch::has).toList();
    if (name.equals(NetLink.BOOT)) {
      if (!said.isEmpty()) {
        String expected =
            "no " + said.getFirst() + ": boot is the card that the machine boots from";
        fault(branch.at(said.getFirst()), path, said.getFirst(), expected);
      }
      return Optional.of(new Kind.Card(owner.mac()));
    }
    if (said.size() != 1) {
      String value = said.isEmpty() ? "missing" : String.join(" and ", said);
      fault(branch.at(), path, value, "one of card, bond, vlan, bridge");
      return Optional.empty();
    }
    String word = said.getFirst();
    boolean made = word.equals("bond") || word.equals("bridge");
    if (!fits(branch, "members", made, word, path)
        || !fits(branch, "on", word.equals("vlan"), word, path)) {
      return Optional.empty();
    }
    return branch.leaf(word).flatMap(leaf -> kind(word, leaf.text(), branch, path, names));
  }

  private boolean fits(Branch branch, String key, boolean needed, String word, String path) {
    if (needed && !branch.has(key)) {
      fault(branch.at(), path + "." + key, "missing", "it, since this is a " + word);
    } else if (!needed && branch.has(key)) {
      fault(branch.at(key), path + "." + key, word, "no " + key + " beside " + word);
    }
    return needed == branch.has(key);
  }

  private Optional<Kind> kind(String word, String text, Branch branch, String path, Names names) {
    List<String> members = new ArrayList<>();
    branch
        .leaves("members")
        .forEach(leaf -> name(leaf, path + ".members", names).ifPresent(members::add));
    return switch (word) {
      case "bond" -> Optional.of(new Kind.Bond(text, members));
      case "bridge" -> Optional.of(new Kind.Bridge(text.equals("stp"), members));
      case "vlan" ->
          branch
              .leaf("on")
              .flatMap(leaf -> name(leaf, path + ".on", names))
              .map(on -> new Kind.Vlan(Integer.parseInt(text), on));
      default -> Mac.parse(text).map(Kind.Card::new);
    };
  }

  private Optional<String> name(Leaf leaf, String path, Names names) {
    Optional<String> name = names.of(leaf.text());
    if (name.isEmpty()) {
      List<String> known = names.known().stream().sorted().toList();
      String expected = "one of " + String.join(", ", known) + ", or the MAC of a card";
      fault(leaf.at(), path, leaf.text(), Suggestion.append(expected, leaf.text(), known));
    }
    return name;
  }

  private List<NetLink.Route> routes(Branch link, String path) {
    List<NetLink.Route> routes = new ArrayList<>();
    link.values("routes")
        .forEach((to, via) -> route(to, via, path + ".routes." + to).ifPresent(routes::add));
    return routes;
  }

  private Optional<NetLink.Route> route(String to, Leaf via, String path) {
    IpPrefix prefix = IpPrefix.parse(to).orElseThrow();
    InetAddress router = InetAddress.ofLiteral(via.text());
    if (prefix.isV4() != new IpPrefix(router, 0).isV4()) {
      String expected = "a router of the same family as " + to;
      fault(via.at(), path, via.text(), expected);
      return Optional.empty();
    }
    return Optional.of(new NetLink.Route(prefix, router));
  }

  private void checkProfile(NodeNetwork network, Position at, String path, Profile profile) {
    network.links().stream()
        .map(link -> link.kind().word())
        .distinct()
        .filter(word -> !profile.networks().contains(word))
        .forEach(
            word -> {
              List<String> able =
                  profiles.values().stream()
                      .filter(other -> other.networks().contains(word))
                      .map(Profile::name)
                      .toList();
              String can =
                  profile.networks().isEmpty()
                      ? "no network, as profile " + profile.name() + " sets none up"
                      : "what profile "
                          + profile.name()
                          + " can do ("
                          + String.join(", ", profile.networks())
                          + ")";
              fault(at, path, word, can + "; for " + word + ": " + String.join(", ", able));
            });
    if (profile.networks().contains(NetLink.IPV4_LEASES)) {
      network.links().stream()
          .filter(link -> link.dhcp().v6())
          .forEach(link -> leases(link, at, path, profile));
    }
  }

  private void leases(NetLink link, Position at, String path, Profile profile) {
    String expected =
        "ipv4 or off, as systems of profile "
            + profile.name()
            + " ask for no lease by IPv6; static addresses and router advertisements do";
    String value = link.dhcp().name().toLowerCase(Locale.ROOT);
    fault(at, path + "." + link.name() + ".dhcp", value, expected);
  }

  private void fault(
      Branch table, String path, NetLink link, String key, String value, String expected) {
    Position at =
        table
            .branch(link.name())
            .map(own -> key.isEmpty() ? own.at() : own.at(key))
            .orElseGet(table::at);
    fault(at, path + "." + link.name() + (key.isEmpty() ? "" : "." + key), value, expected);
  }

  private void fault(Position at, String path, String value, String expected) {
    if (told.add(List.of(at, path, value))) {
      faults.add(at, path, value, expected);
    }
  }
}
