// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The site's own DHCP server: dnsmasq, which leases addresses and knows nothing about booting.
 *
 * <p>Its router advertisements are there for iPXE, which otherwise waits some 16 s for a router at
 * every start.
 */
final class SiteServer implements AutoCloseable {
  static final String ADDRESS = "10.77.0.2";
  static final String ADDRESS_V6 = "fd77::2";

  private final Child dnsmasq;

  private SiteServer(Child dnsmasq) {
    this.dnsmasq = dnsmasq;
  }

  static SiteServer start(RackNetwork network, Path folder) {
    Path configuration = folder.resolve("dnsmasq.conf");
    try {
      Files.writeString(configuration, configuration(folder));
    } catch (IOException e) {
      throw new RigException(configuration + ": cannot be written", e);
    }
    return new SiteServer(
        Child.start(
            "dnsmasq",
            folder.resolve("dnsmasq.log"),
            network.inSite(
                List.of("dnsmasq", "--keep-in-foreground", "-C", configuration.toString()))));
  }

  static String configuration(Path folder) {
    return String.join(
        "\n",
        "port=0",
        "interface=eth0",
        "bind-interfaces",
        "user=root",
        "dhcp-authoritative",
        "log-dhcp",
        "log-facility=-",
        "dhcp-leasefile=" + folder.resolve("dnsmasq.leases"),
        "dhcp-range=10.77.0.100,10.77.0.200,255.255.255.0,1h",
        "dhcp-option=option:router," + RackNetwork.APPLIANCE,
        // No DNS server: with --port=0 dnsmasq names none, and installers must live with that.
        "no-ping",
        "enable-ra",
        "dhcp-range=fd77::,ra-only,64,1h",
        // Else two of them on one machine fight for the file in /run.
        "pid-file=",
        "");
  }

  boolean isAlive() {
    return dnsmasq.isAlive();
  }

  @Override
  public void close() {
    dnsmasq.close();
  }
}
