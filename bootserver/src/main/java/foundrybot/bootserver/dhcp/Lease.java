// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.time.Instant;

/**
 * What is known about one address of the pool; there is at most one lease per address.
 *
 * <p>A lease outlives its end: a machine that comes back gets the address it had, as long as nobody
 * else needed it (RFC 2131 section 4.3.1).
 *
 * @param address the key
 * @param mac who has or had it; for {@link State#DECLINED}, who found it in use
 * @param state what the address is worth to others
 * @param until until when the address is kept for {@code mac}, not before the end of what was
 *     promised; or when the quarantine ends
 */
public record Lease(Inet4Address address, MacAddress mac, State state, Instant until) {

  /** Where an address stands. */
  public enum State {
    /** Acknowledged to its machine until the lease ends. */
    BOUND,
    /** Given back, or refused: free, but remembered for its machine. */
    RELEASED,
    /** Somebody else answered on it (DHCPDECLINE): given to nobody until the quarantine ends. */
    DECLINED
  }
}
