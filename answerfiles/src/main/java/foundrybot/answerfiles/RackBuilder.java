// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;

/** From a checked tree to the rack: defaults, and the rules between values. */
final class RackBuilder {
  static final int DEFAULT_PREFIX_LENGTH = 24;
  static final String DEFAULT_PROFILE = "debian-12";

  /** The deployer takes an answer file of 64 KiB, in which the keys are base64. */
  private static final int LONGEST_KEYS = 32 << 10;

  private static final Cidr ANY = new Cidr(Ipv4.of(0), 0);

  private final Faults faults;
  private final Map<String, Profile> profiles;
  private final Function<String, Optional<String>> beside;
  private final ButaneFiles inputs;

  /**
   * Builds one rack.
   *
   * @param beside the text of a file beside the rack file by its name; empty if there is none
   * @param inputs with Butane's keys
   */
  RackBuilder(
      Faults faults,
      Map<String, Profile> profiles,
      Function<String, Optional<String>> beside,
      ButaneFiles inputs) {
    this.faults = faults;
    this.profiles = profiles;
    this.beside = beside;
    this.inputs = inputs;
  }

  /**
   * Goes on past faults as far as it can, to find them all; empty if the rack lacks a part.
   *
   * @param sha256 of the text
   * @param takenIn what was read beside it until the rack is built, as {@link RackFile} has it
   */
  Optional<RackFile> build(Tree tree, String sha256, SortedMap<String, String> takenIn) {
    if (!(tree instanceof Branch root)) {
      return Optional.empty();
    }
    Optional<Profile> profile = profile(root);
    HostBuilder hosts = new HostBuilder(faults, profiles, beside, CheckBuilder.of(faults, root));
    RoleBuilder ofRoles = new RoleBuilder(faults, root, hosts);
    Map<String, Role> roles = ofRoles.build();
    Map<String, Branch> branches = ofRoles.withBases();
    Optional<ApplianceSettings> appliance =
        root.branch("appliance").flatMap(branch -> appliance(branch));
    Site site = site(root.branch("site"), appliance);
    Optional<Admin> admin = root.branch("admin").flatMap(branch -> admin(branch));
    TpmBuilder tpms = new TpmBuilder(faults, root.branch("mesh"));
    NodeBuilder builder =
        new NodeBuilder(
            faults,
            roles,
            profiles,
            profile.orElseGet(() -> known(profiles, DEFAULT_PROFILE)),
            appliance,
            site,
            new BmcBuilder(faults, root.branch("bmc-defaults")),
            new MachineBuilder(faults, root.branch("machine-defaults")),
            new DiskBuilder(faults, branches, profiles),
            new LinkBuilder(faults, branches, profiles),
            new ButaneBuilder(faults, branches, profiles, inputs),
            tpms,
            hosts);
    List<Node> nodes = root.branch("nodes").map(builder::build).orElse(List.of());
    appliance.ifPresent(settings -> checkPool(root, settings, nodes));
    Optional<MeshSettings> mesh =
        root.branch("mesh")
            .flatMap(
                branch ->
                    appliance.flatMap(
                        own -> new MeshBuilder(faults, roles, own, nodes).build(branch)));
    tpms.check(mesh, nodes);
    List<Phase> phases = new PhaseBuilder(faults, roles, nodes, mesh).build(root);
    List<WebhookSettings> webhooks = new WebhookBuilder(faults).build(root);
    Optional<TalosSettings> talos = TalosKeys.build(faults, root, nodes);
    Optional<String> cluster = root.text("cluster");
    Optional<String> domain = root.text("domain");
    if (cluster.isEmpty() || domain.isEmpty() || appliance.isEmpty() || admin.isEmpty()) {
      return Optional.empty();
    }
    return profile.map(
        p ->
            new RackFile(
                cluster.get(),
                domain.get(),
                p.name(),
                appliance.get(),
                admin.get(),
                site,
                roles,
                nodes,
                digests(root),
                power(root.branch("power")),
                retries(root.branch("retries")),
                mesh,
                phases,
                webhooks,
                talos,
                sha256,
                takenIn));
  }

  private Optional<Profile> profile(Branch root) {
    if (!root.has("profile")) {
      return Optional.of(known(profiles, DEFAULT_PROFILE));
    }
    return root.leaf("profile").flatMap(leaf -> lookUp(leaf, "profile", profiles));
  }

  private static <T> T known(Map<String, T> table, String name) {
    T value = table.get(name);
    if (value == null) {
      throw new IllegalStateException(name + " is built in");
    }
    return value;
  }

  private <T> Optional<T> lookUp(Leaf leaf, String path, Map<String, T> table) {
    return lookUp(faults, leaf, path, table);
  }

  static <T> Optional<T> lookUp(Faults faults, Leaf leaf, String path, Map<String, T> table) {
    T value = table.get(leaf.text());
    if (value == null) {
      String expected = "one of " + String.join(", ", table.keySet());
      String hint = Suggestion.append(expected, leaf.text(), table.keySet());
      faults.add(leaf.at(), path, leaf.text(), hint);
    }
    return Optional.ofNullable(value);
  }

  private Optional<Admin> admin(Branch branch) {
    List<String> keys = branch.texts("ssh-keys");
    int length = keys.stream().mapToInt(String::length).sum();
    if (length > LONGEST_KEYS) {
      String expected = "at most " + LONGEST_KEYS + " in all";
      faults.add(branch.at("ssh-keys"), "admin.ssh-keys", length + " characters", expected);
    }
    return branch.text("user").map(user -> new Admin(user, keys));
  }

  private Optional<ApplianceSettings> appliance(Branch branch) {
    Optional<Leaf> leaf = branch.leaf("address");
    if (leaf.isEmpty()) {
      return Optional.empty();
    }
    Cidr own = Values.cidr(leaf.get().text(), DEFAULT_PREFIX_LENGTH);
    if (!isHost(own, own.address())) {
      String expected = "an address that a machine can have in its subnet, as in 10.77.0.1/24";
      faults.add(leaf.get().at(), "appliance.address", leaf.get().text(), expected);
      return Optional.empty();
    }
    checkInside(branch, "router", "appliance.router", own);
    List<Inet4Address> dns = branch.texts("dns").stream().map(Values::address).toList();
    NetworkBuilder others = new NetworkBuilder(faults, own, dns);
    DhcpMode mode = choice(branch, "dhcp", DhcpMode::valueOf, DhcpMode.PROXY);
    return Optional.of(
        new ApplianceSettings(
            branch.text("interface").map(Values::interfaceName),
            own.address(),
            own.prefixLength(),
            mode,
            siteServers(branch, mode, own.address()),
            choice(branch, "unknown", UnknownMachines::valueOf, UnknownMachines.IGNORE),
            choice(branch, "accept", Acceptance::valueOf, Acceptance.ARMED),
            ports(branch.branch("ports")),
            branch.text("pool").flatMap(Values::range),
            branch.text("router").map(Values::address),
            dns,
            branch.text("dns-server").map("on"::equals).orElse(true),
            choice(branch, "time-server", TimeServer::valueOf, TimeServer.ON),
            branch.text("syslog").map("on"::equals).orElse(true),
            branch.branch("networks").map(others::build).orElse(List.of()),
            tftp(branch.branch("tftp")),
            branch.branch("tls").flatMap(RackBuilder::tls),
            NetworkBuilder.routes(
                faults, branch, "appliance", new Cidr(own.network(), own.prefixLength())),
            branch.texts("search")));
  }

  /** Beside an appliance that is the server itself there is none that is meant to be there. */
  private List<Inet4Address> siteServers(Branch branch, DhcpMode mode, Inet4Address own) {
    String path = "appliance.site-servers";
    Set<Inet4Address> servers = new LinkedHashSet<>();
    for (Leaf leaf : branch.leaves("site-servers")) {
      Inet4Address server = Values.address(leaf.text());
      if (server.equals(own)) {
        faults.add(leaf.at(), path, leaf.text(), "other DHCP servers than the appliance");
      } else if (!servers.add(server)) {
        faults.add(leaf.at(), path, leaf.text(), "each DHCP server once");
      }
    }
    if (mode == DhcpMode.SERVER && !servers.isEmpty()) {
      String expected = "none with dhcp: server, as the appliance gives the addresses; dhcp: proxy";
      faults.add(branch.at("site-servers"), path, servers.size() + " servers", expected);
    }
    return List.copyOf(servers);
  }

  private static TftpOptions tftp(Optional<Branch> branch) {
    TftpOptions usual = TftpOptions.USUAL;
    return new TftpOptions(
        branch
            .flatMap(tftp -> tftp.text("single-port"))
            .map("on"::equals)
            .orElse(usual.singlePort()),
        number(branch, "block-size", usual.blockSize()),
        number(branch, "window-size", usual.windowSize()));
  }

  private static Optional<TlsFiles> tls(Branch branch) {
    Optional<String> certificate = branch.text("certificate");
    Optional<String> key = branch.text("key");
    return certificate.isEmpty() || key.isEmpty()
        ? Optional.empty()
        : Optional.of(new TlsFiles(Path.of(certificate.get()), Path.of(key.get())));
  }

  private static <T> T choice(Branch branch, String key, Function<String, T> of, T fallback) {
    return branch.text(key).map(text -> of.apply(text.toUpperCase(Locale.ROOT))).orElse(fallback);
  }

  private static Ports ports(Optional<Branch> branch) {
    Ports standard = Ports.STANDARD;
    return new Ports(
        number(branch, "dhcp", standard.dhcp()),
        number(branch, "dhcp-client", standard.dhcpClient()),
        number(branch, "relay", standard.relay()),
        number(branch, "proxy-dhcp", standard.proxyDhcp()),
        number(branch, "tftp", standard.tftp()),
        number(branch, "http", standard.http()),
        branch.flatMap(p -> p.text("https")).filter("off"::equals).isPresent()
            ? Ports.OFF
            : number(branch, "https", standard.https()),
        number(branch, "dns", standard.dns()),
        number(branch, "ntp", standard.ntp()),
        number(branch, "syslog", standard.syslog()));
  }

  private static int number(Optional<Branch> branch, String key, int fallback) {
    return branch.flatMap(part -> part.text(key)).map(Integer::parseInt).orElse(fallback);
  }

  private Site site(Optional<Branch> branch, Optional<ApplianceSettings> appliance) {
    branch.ifPresent(
        site -> appliance.ifPresent(a -> checkInside(site, "gateway", "site.gateway", a.subnet())));
    return new Site(
        branch.flatMap(site -> site.text("timezone")).orElse("UTC"),
        branch.flatMap(site -> site.text("mirror")).map(URI::create),
        branch.map(site -> site.texts("ntp")).orElse(List.of()),
        branch.flatMap(site -> site.text("gateway")).map(Values::address),
        branch.flatMap(site -> site.branch("names")).map(RackBuilder::names).orElse(Map.of()),
        branch
            .map(site -> choice(site, "etcd-discovery", EtcdDiscovery::valueOf, EtcdDiscovery.TLS))
            .orElse(EtcdDiscovery.TLS));
  }

  private static Map<String, List<InetAddress>> names(Branch table) {
    Map<String, List<InetAddress>> names = new LinkedHashMap<>();
    for (String name : table.entries().keySet()) {
      names.put(name, table.texts(name).stream().map(InetAddress::ofLiteral).toList());
    }
    return names;
  }

  private void checkInside(Branch branch, String key, String path, Cidr subnet) {
    branch
        .leaf(key)
        .filter(leaf -> !isHost(subnet, Values.address(leaf.text())))
        .ifPresent(leaf -> faults.add(leaf.at(), path, leaf.text(), hostIn(subnet)));
  }

  private void checkPool(Branch root, ApplianceSettings appliance, List<Node> nodes) {
    Optional<Branch> branch = root.branch("appliance");
    Optional<Leaf> leaf = branch.flatMap(b -> b.leaf("pool"));
    leaf.ifPresent(
        pool ->
            NetworkBuilder.checkPool(
                faults, pool, "appliance", appliance.subnet(), Optional.of(appliance.address())));
    Optional<Node> homeless = nodes.stream().filter(node -> node.address().isEmpty()).findFirst();
    boolean poolless =
        branch.isPresent()
            && !branch.get().has("pool")
            && appliance.networks().stream().allMatch(network -> network.pool().isEmpty());
    if (appliance.dhcp() == DhcpMode.SERVER && poolless && homeless.isPresent()) {
      Position at = branch.get().at();
      String expected = "a pool, as " + homeless.get().name() + " has no address of its own";
      faults.add(at, "appliance.pool", "missing", expected);
    }
  }

  private static PowerLimits power(Optional<Branch> branch) {
    PowerLimits usual = PowerLimits.USUAL;
    return new PowerLimits(
        branch
            .flatMap(power -> power.text("on-per-second"))
            .map(Double::parseDouble)
            .orElse(usual.onPerSecond()),
        number(branch, "at-once", usual.atOnce()));
  }

  private static RetryLimits retries(Optional<Branch> branch) {
    RetryLimits usual = RetryLimits.USUAL;
    return new RetryLimits(
        number(branch, "attempts", usual.attempts()),
        branch
            .flatMap(retries -> retries.text("cycle-every"))
            .flatMap(RetryLimits::span)
            .orElse(usual.cycleEvery()));
  }

  private static Map<String, String> digests(Branch root) {
    Map<String, String> digests = new LinkedHashMap<>();
    for (Map.Entry<String, Tree.Entry> entry :
        root.branch("boot-programs").map(Branch::entries).orElse(Map.of()).entrySet()) {
      if (entry.getValue().value() instanceof Leaf leaf) {
        digests.put(entry.getKey(), leaf.text().toLowerCase(Locale.ROOT));
      }
    }
    return digests;
  }

  /** Whether a machine in this subnet can have the address. */
  static boolean isHost(Cidr subnet, Inet4Address address) {
    boolean reserved = address.isMulticastAddress() || address.isAnyLocalAddress();
    boolean edge =
        subnet.prefixLength() < 31
            && (address.equals(subnet.network()) || address.equals(subnet.broadcast()));
    return subnet.contains(address)
        && !reserved
        && !edge
        && subnet.prefixLength() > ANY.prefixLength();
  }

  static String hostIn(Cidr subnet) {
    return "an address of the appliance's subnet "
        + new Cidr(subnet.network(), subnet.prefixLength())
        + ", not its first or last";
  }
}
