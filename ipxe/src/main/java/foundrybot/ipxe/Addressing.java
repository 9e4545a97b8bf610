// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.net.Inet4Address;
import java.util.Optional;

/** How a network card comes to its address. */
public sealed interface Addressing {
  /** From whoever answers. */
  record Dhcp() implements Addressing {}

  /** It is told. */
  record Fixed(Inet4Address address, Inet4Address netmask, Optional<Inet4Address> gateway)
      implements Addressing {}
}
