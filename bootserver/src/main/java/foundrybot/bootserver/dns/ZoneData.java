// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import java.net.InetAddress;
import java.util.List;

/**
 * What a {@link Zone} is made of, in plain values.
 *
 * @param domain the apex, such as {@code alpha.rack}
 * @param serverName the label of the name server itself in the domain; one that no host has
 * @param serverAddresses where that is
 * @param serial of the SOA record, which grows with each change (RFC 1982)
 * @param ttl of every record and of negative answers, in seconds, 0..604800
 * @param hosts each with a name of its own
 * @param services for SRV records
 */
public record ZoneData(
    String domain,
    String serverName,
    List<InetAddress> serverAddresses,
    long serial,
    int ttl,
    List<Host> hosts,
    List<Service> services) {
  private static final int LONGEST_TTL = 604_800;

  public ZoneData {
    serverAddresses = List.copyOf(serverAddresses);
    hosts = List.copyOf(hosts);
    services = List.copyOf(services);
    if (ttl < 0 || ttl > LONGEST_TTL) {
      throw new IllegalArgumentException("ttl: " + ttl + " (expected: 0.." + LONGEST_TTL + ")");
    }
  }

  /**
   * A machine.
   *
   * @param label below the domain
   * @param addresses IPv4 and IPv6; none: the name is there, its address is not known yet
   */
  public record Host(String label, List<InetAddress> addresses) {
    public Host {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * One server of a service (RFC 2782).
   *
   * @param name below the domain, such as {@code _etcd-server-ssl._tcp}
   * @param port 0..65535
   * @param host the label of a host
   */
  public record Service(String name, int port, String host) {
    public Service {
      if (port < 0 || port > 0xffff) {
        throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
      }
    }
  }
}
