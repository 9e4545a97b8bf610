// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.dhcp.BootClients.Classified;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.Outcome.Cause;
import foundrybot.bootserver.dhcp.Outcome.Ignored;
import foundrybot.bootserver.dhcp.Outcome.Reply;
import java.net.InetSocketAddress;
import java.util.List;

/** Boot answers without addresses: ProxyDHCP and the PXE boot server port (PXE 2.1). */
final class BootResponder {
  private final DhcpSettings settings;
  private final BootPolicy policy;
  private final Replies replies;

  BootResponder(DhcpSettings settings, BootPolicy policy) {
    this.settings = settings;
    this.policy = policy;
    this.replies = new Replies(settings);
  }

  /** Proxy mode, server port: only a DISCOVER is answered; a REQUEST is for who gives addresses. */
  Outcome onServerPort(DhcpMessage request, MessageType type) {
    return switch (type) {
      case DISCOVER -> offer(request);
      case REQUEST -> new Ignored(otherServer(request) ? Cause.OTHER_SERVER : Cause.PROXY_MODE);
      default -> new Ignored(Cause.PROXY_MODE);
    };
  }

  private Outcome offer(DhcpMessage request) {
    return switch (boot(request, BootFields.Kind.PROXY)) {
      case BootFields.Made.None(Ignored why) -> why;
      case BootFields.Made.Fields(BootFields fields, String reason) ->
          new Reply(
              replies.message(request, MessageType.OFFER, Ipv4.ANY, fields, List.of()),
              DhcpCodec.limit(request),
              replies.destination(request, MessageType.OFFER),
              reason);
    };
  }

  /**
   * Port 4011, in both modes: UEFI firmware asks here by unicast from port 4011, iPXE from port 68;
   * the answer goes back to where the question came from.
   */
  Outcome onProxyPort(DhcpMessage request, MessageType type, InetSocketAddress from) {
    if (type != MessageType.REQUEST && type != MessageType.INFORM) {
      return new Ignored(Cause.WRONG_PORT);
    }
    if (otherServer(request)) {
      return new Ignored(Cause.OTHER_SERVER);
    }
    return switch (boot(request, BootFields.Kind.PROXY)) {
      case BootFields.Made.None(Ignored why) -> why;
      case BootFields.Made.Fields(BootFields fields, String reason) ->
          new Reply(
              replies.message(request, MessageType.ACK, Ipv4.ANY, fields, List.of()),
              DhcpCodec.limit(request),
              from.getAddress().isAnyLocalAddress()
                  ? new InetSocketAddress(Ipv4.BROADCAST, from.getPort())
                  : from,
              reason);
    };
  }

  /** What this client boots; the policy is asked only about boot clients. */
  BootFields.Made boot(DhcpMessage request, BootFields.Kind kind) {
    return switch (BootClients.of(request)) {
      case Classified.NotBooting(BootClients.Reason reason) ->
          new BootFields.Made.None(new Ignored(Cause.NOT_BOOTING, reason.toString()));
      case Classified.Malformed(String expected) ->
          new BootFields.Made.None(new Ignored(Cause.BAD_CLIENT, expected));
      case Classified.Boot(var client) ->
          BootFields.of(policy.decide(client), client, request, settings.advertised(), kind);
    };
  }

  private boolean otherServer(DhcpMessage request) {
    return request
        .address(DhcpOption.SERVER_ID)
        .filter(id -> !id.equals(settings.advertised()))
        .isPresent();
  }
}
