// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import java.net.InetAddress;
import java.util.List;

/**
 * Whom a node's certificate is for, by the rack file and not by what the node says.
 *
 * @param name its host name, the common name
 * @param role the organization
 * @param names that others know it by
 * @param addresses likewise
 */
public record NodeSubject(
    String name, String role, List<String> names, List<InetAddress> addresses) {
  public NodeSubject {
    names = List.copyOf(names);
    addresses = List.copyOf(addresses);
  }
}
