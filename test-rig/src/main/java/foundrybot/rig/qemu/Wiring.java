// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.util.List;
import java.util.stream.Stream;

/** How a rack is wired: who gives its machines their addresses, and what lies between. */
public enum Wiring {
  /** The site's dnsmasq leases; the appliance adds what to boot. */
  PROXY_BESIDE_DNSMASQ("proxy beside dnsmasq", Leases.DNSMASQ, Relay.NONE),
  /** The site's Kea leases; the appliance adds what to boot. */
  PROXY_BESIDE_KEA("proxy beside Kea", Leases.KEA, Relay.NONE),
  /** The appliance leases. */
  SERVER("server mode", Leases.APPLIANCE, Relay.NONE),
  /** Machines on a network of their own; its ISC relay asks the site's Kea and the appliance. */
  PROXY_BEHIND_DHCRELAY("proxy behind dhcrelay", Leases.KEA, Relay.DHCRELAY),
  /** The same without a server of the site: the appliance leases for the far network. */
  SERVER_BEHIND_DHCRELAY("server mode behind dhcrelay", Leases.APPLIANCE, Relay.DHCRELAY),
  /**
   * The site's dnsmasq leases, and tells all firmware and all iPXE alike to load the appliance's
   * {@code snponly.efi}; the appliance gives no DHCP answer.
   */
  SITE_NAMES_PROGRAM("the site's dnsmasq names the program", Leases.DNSMASQ_BOOT, Relay.NONE),
  /** The site's dnsmasq leases, and nobody tells by DHCP what to boot. */
  NOBODY_NAMES_PROGRAM("nobody names a program", Leases.DNSMASQ_ALONE, Relay.NONE);

  /** Who leases. */
  enum Leases {
    DNSMASQ,
    /** dnsmasq, with what to boot. */
    DNSMASQ_BOOT,
    /** dnsmasq, and the appliance is silent. */
    DNSMASQ_ALONE,
    KEA,
    APPLIANCE
  }

  /** Who carries requests to the other network, where the servers are. */
  enum Relay {
    NONE,
    DHCRELAY
  }

  private final String title;
  private final Leases leases;
  private final Relay relay;

  Wiring(String title, Leases leases, Relay relay) {
    this.title = title;
    this.leases = leases;
    this.relay = relay;
  }

  /** Those of the firmware matrix: all in which the appliance takes part in DHCP. */
  public static List<Wiring> ofMatrix() {
    return Stream.of(values())
        .filter(wiring -> wiring.leases != Leases.DNSMASQ_BOOT)
        .filter(wiring -> wiring.leases != Leases.DNSMASQ_ALONE)
        .toList();
  }

  /** For people. */
  public String title() {
    return title;
  }

  Leases leases() {
    return leases;
  }

  Relay relay() {
    return relay;
  }

  /** Whether the machines are on another network than the servers. */
  boolean isFar() {
    return relay != Relay.NONE;
  }

  /** The line of a rack file that says where this rig expects the appliance. */
  public String applianceYaml() {
    String mode =
        switch (leases) {
          case APPLIANCE ->
              "server, pool: 10.77.0.100-10.77.0.200, router: " + RackNetwork.APPLIANCE;
          case DNSMASQ_BOOT, DNSMASQ_ALONE -> "off";
          case DNSMASQ, KEA -> "proxy";
        };
    String networks =
        isFar() && leases == Leases.APPLIANCE
            ? ", networks: { 10.78.0.0/24: { pool: 10.78.0.100-10.78.0.200, router: "
                + RackNetwork.RELAY
                + " } }"
            : "";
    return "appliance: { interface: br0, address: "
        + RackNetwork.APPLIANCE
        + "/24, accept: auto, dhcp: "
        + mode
        + networks
        + " }";
  }
}
