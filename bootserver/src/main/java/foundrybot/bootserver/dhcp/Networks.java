// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.dhcp.DhcpNetwork.Presence;
import foundrybot.bootserver.dhcp.Inquiry.Heard;
import java.net.Inet4Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Which network a message is about, and as whom it is answered there. */
final class Networks {
  private final List<DhcpNetwork> networks;
  private final Set<Inet4Address> ours;

  /** Networks that share a wire with the key; most have no other. */
  private final Map<DhcpNetwork, List<DhcpNetwork>> sameWire;

  private final boolean sharing;

  /**
   * Who we are to a machine.
   *
   * @param self our address that it can reach; answers leave from it
   * @param serverId what option 54 says: the same, unless a relay puts itself between
   */
  record Identity(Inet4Address self, Inet4Address serverId) {}

  /**
   * Takes the settings.
   *
   * @param device the name of the interface behind each address of ours, where it is known
   */
  Networks(DhcpSettings settings, Map<Presence, String> device) {
    this.networks = settings.networks();
    this.ours =
        networks.stream()
            .flatMap(network -> network.presence().stream())
            .map(Presence::address)
            .collect(Collectors.toUnmodifiableSet());
    this.sameWire =
        networks.stream()
            .filter(network -> device(network, device).isPresent())
            .collect(
                Collectors.toUnmodifiableMap(
                    network -> network,
                    network ->
                        networks.stream()
                            .filter(other -> device(other, device).equals(device(network, device)))
                            .toList()));
    this.sharing = sameWire.values().stream().anyMatch(group -> group.size() > 1);
  }

  private static Optional<String> device(DhcpNetwork network, Map<Presence, String> device) {
    return network.presence().map(device::get);
  }

  List<DhcpNetwork> all() {
    return networks;
  }

  Optional<DhcpNetwork> of(Inet4Address address) {
    for (DhcpNetwork network : networks) {
      if (network.contains(address)) {
        return Optional.of(network);
      }
    }
    return Optional.empty();
  }

  /** Addresses of ours, on any network. */
  Set<Inet4Address> ours() {
    return ours;
  }

  /**
   * Where the machine is: on the subnet that its relay names; where it renews by unicast, on that
   * of its address; else on the wire where it was heard. A wire may carry several subnets: there
   * the one of {@code reserved} or of the address that it asks for counts, then one with a pool.
   */
  Optional<DhcpNetwork> where(Inquiry inquiry, Optional<Inet4Address> reserved) {
    DhcpMessage message = inquiry.message();
    if (inquiry.isRelayed()) {
      return of(RelayAgent.linkSelection(message).orElse(message.giaddr()));
    }
    Heard heard = inquiry.heard();
    if (!heard.broadcast() && Replies.isHost(message.ciaddr())) {
      return of(message.ciaddr()).or(() -> Optional.of(heard.network()));
    }
    if (!sharing) {
      return Optional.of(heard.network());
    }
    List<DhcpNetwork> candidates = sameWire.getOrDefault(heard.network(), List.of());
    return first(candidates, network -> reserved.filter(network::contains).isPresent())
        .or(
            () ->
                first(
                    candidates,
                    network ->
                        network.contains(message.ciaddr())
                            || message
                                .address(DhcpOption.REQUESTED_ADDRESS)
                                .filter(network::contains)
                                .isPresent()))
        .or(() -> first(candidates, network -> network.pool().isPresent()))
        .or(() -> Optional.of(heard.network()));
  }

  private static Optional<DhcpNetwork> first(
      List<DhcpNetwork> candidates, Predicate<DhcpNetwork> wanted) {
    return candidates.stream().filter(wanted).findFirst();
  }

  /**
   * Who we are to a machine on that network: our address there; behind a relay the one that the
   * relay was given.
   */
  Identity identity(Inquiry inquiry, Optional<DhcpNetwork> network) {
    Inet4Address self =
        network
            .flatMap(DhcpNetwork::presence)
            .or(() -> inquiry.heard().network().presence())
            .or(() -> networks.getFirst().presence())
            .orElseThrow()
            .address();
    return new Identity(self, RelayAgent.serverIdOverride(inquiry.message()).orElse(self));
  }

  /** Whether the message is meant for another server than us. */
  boolean isForAnother(DhcpMessage request) {
    Optional<Inet4Address> server = request.address(DhcpOption.SERVER_ID);
    return server.isPresent()
        && !ours.contains(server.get())
        && !server.equals(RelayAgent.serverIdOverride(request));
  }
}
