// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import foundrybot.bootserver.Subnet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the DNS server listens, for whom it asks others, and what it may spend.
 *
 * @param address to bind to, by UDP and by TCP
 * @param port 53, or any other for a run without rights; 0 takes a free one, the same for both
 * @param networkInterface the only interface to serve on ({@code SO_BINDTODEVICE}, Linux), or empty
 * @param resolvers the site's, asked in this order for names that are not ours; may be none
 * @param local whose questions are forwarded; to all others that is refused (RFC 5358)
 * @param limits maxima
 */
public record DnsSettings(
    InetAddress address,
    int port,
    Optional<String> networkInterface,
    List<InetSocketAddress> resolvers,
    List<Subnet> local,
    Limits limits) {
  private static final int MOST_RESOLVERS = 8;

  public DnsSettings {
    resolvers = List.copyOf(resolvers);
    local = List.copyOf(local);
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("dns port: " + port + " (expected: 0..65535)");
    }
    if (resolvers.size() > MOST_RESOLVERS) {
      throw new IllegalArgumentException(
          "dns resolvers: " + resolvers.size() + " (expected: 0.." + MOST_RESOLVERS + ")");
    }
  }

  /** On every interface that carries the address, for its own zone only, with the usual limits. */
  public static DnsSettings on(InetAddress address, int port) {
    return new DnsSettings(address, port, Optional.empty(), List.of(), List.of(), Limits.USUAL);
  }

  /** The same, on one interface only. */
  public DnsSettings onlyOn(String networkInterface) {
    return new DnsSettings(address, port, Optional.of(networkInterface), resolvers, local, limits);
  }

  /** The same, asking these for what the local networks want to know. */
  public DnsSettings forwarding(List<InetSocketAddress> resolvers, List<Subnet> local) {
    return new DnsSettings(address, port, networkInterface, resolvers, local, limits);
  }

  /** The same with other limits. */
  public DnsSettings with(Limits limits) {
    return new DnsSettings(address, port, networkInterface, resolvers, local, limits);
  }

  boolean isLocal(InetAddress client) {
    return local.stream().anyMatch(subnet -> subnet.contains(client));
  }

  /**
   * Maxima of the DNS server.
   *
   * @param datagram the largest answer by UDP in octets, 512..4096, to a client that takes it; 1232
   *     fits every path without fragments
   * @param connections by TCP at one time, in all; more are closed
   * @param connectionsPerPeer at one time, for one address
   * @param inFlight questions of one TCP connection that wait for their answer; more wait unread
   * @param idle time in which a TCP client must send a whole question
   * @param pending questions that wait for a resolver; more are answered SERVFAIL
   * @param pendingPerPeer the same for one address
   * @param patience time a resolver has to answer; then the next one is asked
   * @param rounds how often all resolvers are asked before the answer is SERVFAIL
   * @param cached answers kept
   * @param longestTtl the longest time an answer is kept
   * @param longestNegativeTtl the same for "no such name" and "no such type"
   */
  public record Limits(
      int datagram,
      int connections,
      int connectionsPerPeer,
      int inFlight,
      Duration idle,
      int pending,
      int pendingPerPeer,
      Duration patience,
      int rounds,
      int cached,
      Duration longestTtl,
      Duration longestNegativeTtl) {

    /** For a rack and the software on it. */
    public static final Limits USUAL =
        new Limits(
            1232,
            1024,
            64,
            32,
            Duration.ofSeconds(10),
            2048,
            256,
            Duration.ofMillis(1500),
            2,
            4096,
            Duration.ofHours(1),
            Duration.ofMinutes(5));

    private static final int LARGEST_DATAGRAM = 4096;

    public Limits {
      check("datagram", datagram, Query.SMALLEST);
      if (datagram > LARGEST_DATAGRAM) {
        throw new IllegalArgumentException(
            "dns datagram: " + datagram + " (expected: 512.." + LARGEST_DATAGRAM + ")");
      }
      check("connections", connections, 1);
      check("connections per peer", connectionsPerPeer, 1);
      check("questions in flight", inFlight, 1);
      check("idle time in ms", idle.toMillis(), 1);
      check("pending questions", pending, 1);
      check("pending questions per peer", pendingPerPeer, 1);
      check("patience in ms", patience.toMillis(), 1);
      check("rounds", rounds, 1);
      check("cached answers", cached, 0);
      check("longest ttl in ms", longestTtl.toMillis(), 0);
      check("longest negative ttl in ms", longestNegativeTtl.toMillis(), 0);
    }

    /** The same with other numbers and times of TCP connections. */
    public Limits withConnections(int total, int perPeer, int inFlight, Duration idle) {
      return new Limits(
          datagram,
          total,
          perPeer,
          inFlight,
          idle,
          pending,
          pendingPerPeer,
          patience,
          rounds,
          cached,
          longestTtl,
          longestNegativeTtl);
    }

    /** The same with other numbers and times of forwarded questions. */
    public Limits withForwards(int pending, int perPeer, Duration patience, int rounds) {
      return new Limits(
          datagram,
          connections,
          connectionsPerPeer,
          inFlight,
          idle,
          pending,
          perPeer,
          patience,
          rounds,
          cached,
          longestTtl,
          longestNegativeTtl);
    }

    private static void check(String what, long value, long least) {
      if (value < least) {
        throw new IllegalArgumentException(
            "dns %s: %d (expected: at least %d)".formatted(what, value, least));
      }
    }
  }
}
