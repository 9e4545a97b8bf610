// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * What is the same for all machines at this place.
 *
 * @param timezone a name of the tz database, such as {@code Europe/Berlin}
 * @param mirror a Debian mirror; absent means the appliance's own, {@code /debian} on its HTTP port
 * @param ntp time servers by name or address; empty means those of the system that is installed
 * @param gateway default gateway of nodes with a static address; absent means the appliance's
 *     {@code router}, and without that none
 */
public record Site(
    String timezone, Optional<URI> mirror, List<String> ntp, Optional<Inet4Address> gateway) {
  public Site {
    ntp = List.copyOf(ntp);
  }
}
