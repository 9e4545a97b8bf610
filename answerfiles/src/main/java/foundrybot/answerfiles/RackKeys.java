// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Brief;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import java.util.List;

/** All keys of the rack file: names, rules, defaults, meaning. */
final class RackKeys {
  static final int MOST_NODES = 100_000;
  private static final int MOST_ROLES = 1_000;
  private static final int MOST_IN_LIST = 256;
  private static final int MOST_SITE_SERVERS = 64;
  private static final int MOST_DNS = 3;
  private static final int MOST_NAMES = 1_000;
  private static final int MOST_DNS_ADDRESSES = 16;
  private static final int MOST_NETWORKS = 256;
  private static final int MOST_OPTIONS = 64;
  private static final int MOST_ROUTES = 32;
  private static final int MOST_SEARCHED = 16;
  private static final int MOST_UNITS = 100;

  static final Mapping ROOT =
      new Mapping(
          List.of(
              Shape.Key.required("cluster", new Scalar(Rules.LABEL_NAME), "The cluster's name."),
              Shape.Key.required(
                  "domain", new Scalar(Rules.DOMAIN_NAME), "The domain of all nodes."),
              Shape.Key.optional(
                  "profile",
                  new Scalar(Rules.LABEL_NAME),
                  "debian-12",
                  "The system that a node gets when it names none: a built-in profile, or one of"
                      + " yours."),
              Shape.Key.required("appliance", appliance(), "The appliance itself."),
              Shape.Key.required("admin", admin(), "The account for people, on every node."),
              Shape.Key.optional("site", site(), "see its keys", "What all machines here share."),
              Shape.Key.optional(
                  "roles",
                  new Table(Rules.LABEL_NAME, role(), 0, MOST_ROLES),
                  "none",
                  "Roles beside the built-in ones, or in place of them, by name."),
              Shape.Key.required(
                  "nodes",
                  new Table(Rules.MAC, node(), 1, MOST_NODES),
                  "Each machine's MAC, and its role or a mapping with more."),
              Shape.Key.optional(
                  "bmc-defaults",
                  BmcKeys.defaults(),
                  "none",
                  "What BMCs here have in common; a node's own keys go before."),
              Shape.Key.optional(
                  "machine-defaults",
                  MachineKeys.defaults(),
                  "none",
                  "What virtual machines here have in common; a node's own keys go before."),
              Shape.Key.optional(
                  "mesh",
                  MeshKeys.mesh(),
                  "none",
                  "The WireGuard networks that nodes join when they are installed."),
              Shape.Key.optional(
                  PhaseKeys.KEY,
                  PhaseKeys.phases(),
                  "network, load-balancers, etcd, control-plane, workers, monitoring",
                  "The order in which the cluster comes together, by name; in place of the built-in"
                      + " one."),
              Shape.Key.optional(
                  WebhookKeys.KEY,
                  WebhookKeys.webhooks(),
                  "none",
                  "Who is told of what happens, by signed requests; docs/webhooks.md."),
              TalosKeys.talos(),
              Shape.Key.optional(
                  "power",
                  power(),
                  "see its keys",
                  "What the rack bears when its machines are switched on."),
              Shape.Key.optional(
                  "retries",
                  retries(),
                  "see its keys",
                  "How often a stuck machine is power-cycled by itself."),
              Shape.Key.optional(
                  "boot-programs",
                  new Table(Rules.FILE_NAME, new Scalar(Rules.SHA256), 0, MOST_IN_LIST),
                  "those of the system's ipxe package",
                  "SHA-256 of boot programs to insist on, by file name.")));

  private RackKeys() {}

  private static Mapping appliance() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "interface",
                new Scalar(Rules.INTERFACE),
                "the one that has the address",
                "The network interface that faces the rack."),
            Shape.Key.required(
                "address",
                new Scalar(Rules.ADDRESS_OR_CIDR),
                "The appliance's address there, with the subnet's prefix length (default 24)."),
            Shape.Key.optional(
                "dhcp",
                new Scalar(Rules.DHCP),
                "proxy",
                "proxy: beside the site's DHCP server; server: instead of it; off: neither."),
            Shape.Key.optional(
                "site-servers",
                new Items(Rules.ADDRESS, 1, MOST_SITE_SERVERS),
                "not known",
                "The site's DHCP servers (option 54) beside the appliance; any other is a rival."),
            Shape.Key.optional(
                "unknown",
                new Scalar(Rules.UNKNOWN),
                "ignore",
                "What machines get that are not in this file."),
            Shape.Key.optional(
                "accept",
                new Scalar(Rules.ACCEPT),
                "armed",
                "When machines without a BMC get their secrets: once deployed or armed by name, or"
                    + " always (auto)."),
            Shape.Key.optional("ports", ports(), "the protocols' own", "Ports to listen on."),
            Shape.Key.optional(
                "pool",
                new Scalar(Rules.RANGE),
                "none",
                "What dhcp: server leases to machines without an address here."),
            Shape.Key.optional(
                "router", new Scalar(Rules.ADDRESS), "none", "Default gateway in leases."),
            Shape.Key.optional(
                "dns",
                new Items(Rules.ADDRESS, 0, MOST_DNS),
                "none",
                "Name servers, in leases and on nodes with a static address."),
            Shape.Key.optional(
                "dns-server",
                new Scalar(Rules.SWITCH),
                "on",
                "Whether the appliance answers DNS; without dns it is the nodes' name server."),
            Shape.Key.optional(
                "time-server",
                new Scalar(Rules.TIME_SERVER),
                "on",
                "Whether the appliance tells the time (SNTP); synchronised: its clock is right."),
            Shape.Key.optional(
                "syslog",
                new Scalar(Rules.SWITCH),
                "on",
                "Whether the appliance receives the logs of installers."),
            routes("Routes of the appliance's network, in leases: the router by the subnet."),
            Shape.Key.optional(
                "search",
                new Items(Rules.DOMAIN_NAME, 0, MOST_SEARCHED),
                "domain",
                "Domains to search names in, in leases."),
            Shape.Key.optional(
                "networks",
                new Table(Rules.SUBNET, network(), 0, MOST_NETWORKS),
                "none",
                "Further networks with machines of the rack, by their subnet."),
            Shape.Key.optional("tftp", tftp(), "see its keys", "How boot programs travel."),
            Shape.Key.optional(
                "tls",
                tls(),
                "made by the appliance, with a CA of its own",
                "A certificate of yours for HTTPS.")));
  }

  private static Shape.Key routes(String meaning) {
    return Shape.Key.optional(
        "routes",
        new Table(Rules.ROUTE, new Scalar(Rules.ADDRESS), 0, MOST_ROUTES),
        "none",
        meaning);
  }

  private static Mapping network() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "address",
                new Scalar(Rules.ADDRESS),
                "none: reached through a relay",
                "The appliance's own address there."),
            Shape.Key.optional(
                "interface",
                new Scalar(Rules.INTERFACE),
                "the one that has the address",
                "The network interface that faces it, such as the VLAN interface eth0.20."),
            Shape.Key.optional(
                "pool",
                new Scalar(Rules.RANGE),
                "none",
                "What dhcp: server leases there to machines without an address here."),
            Shape.Key.optional(
                "router", new Scalar(Rules.ADDRESS), "none", "Default gateway there."),
            Shape.Key.optional(
                "dns",
                new Items(Rules.ADDRESS, 0, MOST_DNS),
                "appliance.dns",
                "Name servers there."),
            routes("Routes there, in leases: the router by the subnet behind it.")));
  }

  private static Mapping tftp() {
    TftpOptions usual = TftpOptions.USUAL;
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "single-port",
                new Scalar(Rules.SWITCH),
                "off",
                "All transfers through the TFTP port, for firewalls that let no other through."),
            Shape.Key.optional(
                "block-size",
                new Scalar(Rule.number(TftpOptions.LEAST_BLOCK, TftpOptions.MOST_BLOCK)),
                Integer.toString(usual.blockSize()),
                "The largest block in bytes; less where the way to a machine carries less."),
            Shape.Key.optional(
                "window-size",
                new Scalar(Rule.number(1, TftpOptions.MOST_WINDOW)),
                Integer.toString(usual.windowSize()),
                "The most blocks that are sent before the machine must answer.")));
  }

  private static Mapping tls() {
    return new Mapping(
        List.of(
            Shape.Key.required(
                "certificate",
                new Scalar(Rules.ABSOLUTE_FILE),
                "PEM file of the certificate, followed by those that vouch for it."),
            Shape.Key.required(
                "key", new Scalar(Rules.ABSOLUTE_FILE), "PEM file of its unencrypted key.")));
  }

  private static Mapping ports() {
    return new Mapping(
        List.of(
            port("dhcp", Ports.STANDARD.dhcp(), "DHCP requests."),
            port("dhcp-client", Ports.STANDARD.dhcpClient(), "Where DHCP answers are sent to."),
            port("relay", Ports.STANDARD.relay(), "Where answers to a DHCP relay are sent to."),
            port("proxy-dhcp", Ports.STANDARD.proxyDhcp(), "ProxyDHCP requests."),
            port("tftp", Ports.STANDARD.tftp(), "TFTP."),
            port("http", Ports.STANDARD.http(), "HTTP."),
            Shape.Key.optional(
                "https",
                new Scalar(Rules.PORT_OR_OFF),
                Integer.toString(Ports.STANDARD.https()),
                "HTTPS, beside HTTP; off: not at all."),
            port("dns", Ports.STANDARD.dns(), "DNS, UDP and TCP."),
            port("ntp", Ports.STANDARD.ntp(), "SNTP."),
            port("syslog", Ports.STANDARD.syslog(), "Syslog, UDP.")));
  }

  private static Shape.Key port(String name, int fallback, String meaning) {
    return Shape.Key.optional(name, new Scalar(Rules.PORT), Integer.toString(fallback), meaning);
  }

  private static Mapping admin() {
    return new Mapping(
        List.of(
            Shape.Key.required("user", new Scalar(Rules.USER), "Log-in name; may use sudo."),
            Shape.Key.required(
                "ssh-keys",
                new Items(Rules.SSH_KEY, 1, MOST_IN_LIST),
                "Public keys that may log in; there is no password.")));
  }

  private static Mapping site() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "timezone", new Scalar(Rules.TIMEZONE), "UTC", "The nodes' time zone."),
            Shape.Key.optional(
                "mirror",
                new Scalar(Rules.MIRROR),
                "the appliance's own",
                "A Debian mirror for installers and nodes."),
            Shape.Key.optional(
                "ntp",
                new Items(Rules.HOST, 0, MOST_IN_LIST),
                "the appliance",
                "Time servers of the nodes."),
            Shape.Key.optional(
                "gateway",
                new Scalar(Rules.ADDRESS),
                "appliance.router",
                "Default gateway of nodes with a static address."),
            Shape.Key.optional(
                "names",
                new Table(
                    Rules.LABEL_NAME,
                    new Items(Rules.ANY_ADDRESS, 1, MOST_DNS_ADDRESSES),
                    0,
                    MOST_NAMES),
                "none",
                "Further names of the domain and their addresses; a node's name gains them."),
            Shape.Key.optional(
                "etcd-discovery",
                new Scalar(Rules.ETCD_DISCOVERY),
                "tls",
                "The SRV records by which etcd finds its members: tls, plain or off.")));
  }

  private static Mapping power() {
    PowerLimits usual = PowerLimits.USUAL;
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "on-per-second",
                new Scalar(Rules.PER_SECOND),
                Long.toString(Math.round(usual.onPerSecond())),
                "Machines switched on in a second, for the current that each draws then."),
            Shape.Key.optional(
                "at-once",
                new Scalar(Rule.number(1, PowerLimits.MOST_AT_ONCE)),
                Integer.toString(usual.atOnce()),
                "BMCs spoken to at the same time.")));
  }

  private static Mapping retries() {
    RetryLimits usual = RetryLimits.USUAL;
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "attempts",
                new Scalar(Rule.number(0, RetryLimits.MOST_ATTEMPTS)),
                Integer.toString(usual.attempts()),
                "Power cycles in one run; 0: none, people do it."),
            Shape.Key.optional(
                "cycle-every",
                new Scalar(Rules.CYCLE_EVERY),
                usual.cycleEvery().toMinutes() + "m",
                "Time between two of a node at least; each further one waits twice as long.")));
  }

  private static Mapping role() {
    List<Shape.Key> keys =
        List.of(
            Shape.Key.optional(
                "from",
                new Scalar(Rules.LABEL_NAME),
                "none",
                "The role that has what this one does not say; it takes over from none itself."),
            packages("none"),
            DiskKeys.layout("single", "What the disks of its nodes become, unless they say it."),
            LinkKeys.network("none", "Interfaces of its nodes, unless they have their own."),
            ButaneKeys.butane(
                "none",
                "Butane's keys, or a file with them, merged into what its nodes' Ignition gets."),
            dhcpOptions("In leases of all nodes of the role: values by option code."),
            DeadlineKeys.deadlines(
                "the stage's own",
                "How long its nodes may be silent at a stage before they count as stuck, such as"
                    + " 45m."),
            AttemptKeys.attempts(
                "retries.attempts",
                "How often its nodes are power-cycled in a run, or stuck at a stage; then held."));
    return new Mapping(HostKeys.join(keys, HostKeys.keys("none")));
  }

  private static Shape.Key packages(String fallback) {
    return Shape.Key.optional(
        "packages",
        new Items(Rules.PACKAGE, 0, MOST_IN_LIST),
        fallback,
        "Packages beside those of the profile.");
  }

  private static Shape.Key dhcpOptions(String meaning) {
    return Shape.Key.optional(
        "dhcp-options",
        new Table(Rules.OPTION_CODE, new Scalar(Rules.OPTION_VALUE), 0, MOST_OPTIONS),
        "none",
        meaning);
  }

  private static Brief node() {
    List<Shape.Key> keys =
        List.of(
            Shape.Key.required(
                "role",
                new Scalar(Rules.LABEL_NAME),
                "hub, etcd, control-plane, worker, load-balancer, storage, monitor, or one"
                    + " of roles."),
            Shape.Key.optional(
                "name", new Scalar(Rules.LABEL_NAME), "ROLE-N", "Host name without domain."),
            Shape.Key.optional(
                "profile", new Scalar(Rules.LABEL_NAME), "the file's", "The system to put on."),
            Shape.Key.optional(
                "address",
                new Scalar(Rules.ADDRESS_OR_CIDR),
                "DHCP",
                "Static address in one of the appliance's networks."),
            Shape.Key.optional(
                "disk",
                new Scalar(Rules.DISK),
                Node.AUTO,
                "The disk to install on; auto is the first one. It is wiped."),
            DiskKeys.layout(
                "its role's",
                "What its disks become: single, raid1, lvm, encrypted, zfs, or a mapping."),
            LinkKeys.network(
                "its role's; else the boot card",
                "Interfaces of the installed system by name: cards, bonds, VLANs, bridges."),
            ButaneKeys.butane(
                "none",
                "Butane's keys, or a file with them, merged into what its Ignition gets, over its"
                    + " role's."),
            Shape.Key.optional(
                "kernel-arguments",
                new Items(Rules.ARGUMENT, 0, MOST_IN_LIST),
                "none",
                "For the installer's kernel and for the installed one."),
            DeadlineKeys.deadlines(
                "its role's", "How long it may be silent at a stage, such as 45m."),
            AttemptKeys.attempts(
                "its role's", "How often it is power-cycled in a run, or stuck at a stage."),
            Shape.Key.optional(
                "bmc",
                BmcKeys.bmc(),
                "none: switched on by hand",
                "Its BMC or other power switch: a URL, or a mapping with more."),
            Shape.Key.optional(
                "machine",
                MachineKeys.machine(),
                "none",
                "The virtual machine that machine create makes where bmc points."),
            Shape.Key.optional(
                "endpoint",
                new Scalar(Rules.ANY_ADDRESS),
                "its address",
                "Where other nodes of the mesh reach it, IPv4 or IPv6."),
            TpmKeys.node(),
            Shape.Key.optional(
                "rack",
                new Mapping(
                    List.of(
                        Shape.Key.required(
                            "name", new Scalar(Rules.LABEL_NAME), "The cabinet's name."),
                        Shape.Key.required(
                            "unit",
                            new Scalar(Rule.number(1, MOST_UNITS)),
                            "The lowest unit that it takes, counted from the floor."))),
                "none",
                "Where it is mounted, for the picture on the page."),
            packages("its role's"),
            dhcpOptions("In the node's leases, before those of its role."));
    Mapping full = new Mapping(HostKeys.join(keys, HostKeys.keys("its role's")));
    return new Brief("role", Rules.LABEL_NAME, full);
  }
}
