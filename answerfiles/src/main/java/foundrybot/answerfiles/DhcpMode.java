// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/** How the appliance takes part in DHCP. */
public enum DhcpMode {
  /** Beside the site's own DHCP server: offers boot data only, never an address. */
  PROXY,
  /** As the only DHCP server of the rack's network: addresses and boot data. */
  SERVER,
  /** Not at all; the site's own DHCP server names the boot program. */
  OFF
}
