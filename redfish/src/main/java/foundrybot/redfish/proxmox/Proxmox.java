// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.WakeOnLan;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * Opens virtual machines of a Proxmox VE cluster, and the cluster to make them on.
 *
 * <p>A URL is {@code proxmox://HOST[:8006][/NODE]}: any host of the cluster, and the node that
 * machines are made on. The user is {@code ops@pve} with a password, or {@code ops@pve!name} with
 * the secret of that API token.
 */
public final class Proxmox {
  /** Where the API listens. */
  public static final int PORT = 8006;

  private Proxmox() {}

  /**
   * Opens a machine; nothing is sent before the first call.
   *
   * @param endpoint whose system is a VMID or a name; absent: the machine that has the card
   * @param usualName what such a machine is probably called, so that it is looked at first
   * @param card that the machine must have, and boots from the network by
   */
  public static Bmc open(
      BmcEndpoint endpoint,
      String usualName,
      HardwareAddress card,
      InstantSource clock,
      WakeOnLan.Pause pause) {
    Api api = new Api(endpoint, clock, pause);
    Guests guests = new Guests(api);
    return new ProxmoxBmc(api, new Finder(api, guests, endpoint.system(), usualName, card), clock);
  }

  /** Opens the cluster; nothing is sent before the first call. */
  public static Hypervisor hypervisor(
      BmcEndpoint endpoint, InstantSource clock, WakeOnLan.Pause pause) {
    return new ProxmoxHypervisor(
        new Api(endpoint, clock, pause), node(endpoint.url()), clock, UUID::randomUUID);
  }

  /** The node that its path names. */
  static Optional<String> node(URI url) {
    String path = url.getPath() == null ? "" : url.getPath().replaceAll("^/|/$", "");
    if (path.isEmpty()) {
      return Optional.empty();
    }
    if (!Place.isNode(path)) {
      throw new IllegalArgumentException(
          "url: " + url + " (expected: proxmox://HOST:8006 or proxmox://HOST:8006/NODE)");
    }
    return Optional.of(path);
  }
}
