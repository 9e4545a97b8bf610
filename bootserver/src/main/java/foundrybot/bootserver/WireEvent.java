// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One thing that was seen or done on the wire, for the flight recorder.
 *
 * @param protocol which service
 * @param kind what happened, a short stable token such as {@code dhcp.discover}, {@code
 *     dhcp.offer}, {@code tftp.rrq}, {@code tftp.done}, {@code http.get}, {@code dhcp.malformed}
 * @param mac whose, where the protocol or the path says so
 * @param peer the address it came from or goes to
 * @param said what is told of it for people: sizes, names, reasons; never a secret. A text, or a
 *     value whose {@code toString} is that text, made only when somebody reads it, and whose {@code
 *     hashCode} is the same where the same is said again
 */
public record WireEvent(
    Protocol protocol, String kind, Optional<MacAddress> mac, InetSocketAddress peer, Object said) {

  /** What is told of it, as a text. */
  public String detail() {
    return said.toString();
  }

  /** The services of the wire. */
  public enum Protocol {
    DHCP,
    TFTP,
    HTTP,
    DNS,
    SNTP
  }
}
