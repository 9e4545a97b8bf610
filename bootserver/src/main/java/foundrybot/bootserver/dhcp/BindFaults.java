// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.util.Locale;
import java.util.Optional;

/** Says in one line why a port cannot be had, and what to do. */
final class BindFaults {
  private BindFaults() {}

  static String explain(
      Inet4Address address, int port, Optional<String> interfaceName, Throwable cause) {
    String where =
        "DHCP: cannot open UDP port "
            + port
            + " on "
            + address.getHostAddress()
            + interfaceName.map(name -> " of " + name).orElse("");
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("in use")) {
      return where
          + ": another program has it (dnsmasq, dhcpd, Kea?); find it with 'ss -lunp sport = :"
          + port
          + "' and stop it, or choose another port";
    }
    if (message.contains("denied") || message.contains("not permitted")) {
      return where
          + ": not allowed; run as root, give java the capability (setcap"
          + " cap_net_bind_service,cap_net_raw+ep), or choose ports from 1024 on";
    }
    if (message.contains("assign")) {
      return where
          + ": no interface has this address; see 'ip -4 address' and advertise one of them";
    }
    return where + ": " + cause.getMessage();
  }
}
