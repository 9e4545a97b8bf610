// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.appliance.lifecycle.SiteServers.Counted;
import foundrybot.appliance.lifecycle.SiteServers.Taken;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose offers of addresses the machines took, as far as it was heard: a REQUEST names its server
 * in option 54 to all (RFC 2131 section 4.3.2). Follows from the journal and the plan, and is
 * bounded: {@link #MOST} servers of a machine.
 */
public final class DhcpServers {
  /** Of one machine, the latest; a failover pair and a rival have room. */
  static final int MOST = 4;

  private static final String QUAD = "(\\d{1,3}(?:\\.\\d{1,3}){3})";
  private static final Pattern TAKEN =
      Pattern.compile("^server=" + QUAD + "(?: address=(\\S+))?(?:\\s|$)");

  /** All networks that the rack file does not list, and all nodes of the rack. */
  private static final String ANYWHERE = "";

  private final Map<String, Map<String, Taken>> byMac = new HashMap<>();
  private RackFile rack;
  private Set<String> known;

  /** How many nodes of a network took which server last; empty: to be counted anew. */
  private Optional<Map<String, Map<String, Integer>>> counted = Optional.empty();

  public DhcpServers(RackFile rack) {
    this.rack = rack;
    this.known = known(rack);
  }

  private static Set<String> known(RackFile rack) {
    return Set.copyOf(rack.appliance().siteServerNames());
  }

  /** Another plan is in force. */
  public synchronized void replace(RackFile another) {
    rack = another;
    known = known(another);
    counted = Optional.empty();
  }

  /** Takes one durable fact of a machine that may be of the plan, in the order of the journal. */
  public synchronized void apply(Fact fact) {
    taken(fact)
        .ifPresent(
            taken -> {
              Map<String, Taken> latest =
                  byMac.computeIfAbsent(fact.mac(), _ -> new LinkedHashMap<>());
              if (!last(latest).equals(Optional.of(taken.server()))) {
                counted = Optional.empty();
              }
              keep(latest, taken.server(), taken);
            });
  }

  /** The offer of another server that the fact tells was taken. */
  static Optional<Taken> taken(Fact fact) {
    if (!fact.kind().equals(Mark.OTHERS_OFFER)) {
      return Optional.empty();
    }
    Matcher matcher = TAKEN.matcher(fact.detail());
    return matcher.find()
        ? Optional.of(
            new Taken(
                matcher.group(1),
                Optional.ofNullable(matcher.group(2)).orElse("unknown"),
                fact.at()))
        : Optional.empty();
  }

  /** Puts it behind the others; whoever was named longest ago makes room. */
  static <T> void keep(Map<String, T> latest, String server, T what) {
    latest.remove(server);
    if (latest.size() >= MOST) {
      latest.remove(latest.keySet().iterator().next());
    }
    latest.put(server, what);
  }

  private static Optional<String> last(Map<String, Taken> latest) {
    return latest.keySet().stream().reduce((_, next) -> next);
  }

  /** What is known when that node is looked at. */
  public synchronized SiteServers around(Node node) {
    // An appliance that is the server itself hears of others only as of rivals.
    DhcpMode mode = rack.appliance().dhcp();
    boolean beside = mode != DhcpMode.SERVER;
    return new SiteServers(
        mode != DhcpMode.OFF,
        known,
        () -> takenBy(node),
        beside ? () -> others(node) : SiteServers.Others.NONE);
  }

  private synchronized List<Taken> takenBy(Node node) {
    return List.copyOf(byMac.getOrDefault(node.mac().toString(), Map.of()).values());
  }

  private synchronized Counted others(Node node) {
    List<RackNetwork> networks = rack.appliance().networks();
    Map<String, Taken> own = byMac.getOrDefault(node.mac().toString(), Map.of());
    String network = networkOf(node, own, networks);
    Map<String, Map<String, Integer>> all = counted.orElseGet(() -> count(networks));
    counted = Optional.of(all);
    Map<String, Integer> others = new HashMap<>(all.getOrDefault(network, Map.of()));
    last(own).ifPresent(server -> others.merge(server, -1, Integer::sum));
    others.values().removeIf(nodes -> nodes < 1);
    return new Counted(others, !network.equals(ANYWHERE));
  }

  private Map<String, Map<String, Integer>> count(List<RackNetwork> networks) {
    Map<String, Map<String, Integer>> all = new HashMap<>();
    for (Node node : rack.nodes()) {
      Map<String, Taken> own = byMac.getOrDefault(node.mac().toString(), Map.of());
      String network = networkOf(node, own, networks);
      last(own)
          .ifPresent(
              server -> {
                add(all, ANYWHERE, server);
                if (!network.equals(ANYWHERE)) {
                  add(all, network, server);
                }
              });
    }
    return all;
  }

  private static void add(Map<String, Map<String, Integer>> all, String network, String server) {
    all.computeIfAbsent(network, _ -> new HashMap<>()).merge(server, 1, Integer::sum);
  }

  /** By the address that the rack file gives it, or else the one that it asked for last. */
  private static String networkOf(Node node, Map<String, Taken> own, List<RackNetwork> networks) {
    Optional<Cidr> asked =
        own.values().stream()
            .reduce((_, next) -> next)
            .flatMap(taken -> Cidr.parse(taken.address() + "/32"));
    return node.address()
        .or(() -> asked)
        .flatMap(
            member ->
                networks.stream()
                    .map(RackNetwork::subnet)
                    .filter(subnet -> subnet.contains(member.address()))
                    .findFirst())
        .map(Cidr::toString)
        .orElse(ANYWHERE);
  }
}
