// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.dhcp.BootClients.Classified;
import foundrybot.bootserver.dhcp.BootFields.Kind;
import foundrybot.bootserver.dhcp.BootFields.Made;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.Networks.Identity;
import foundrybot.bootserver.dhcp.Outcome.Cause;
import foundrybot.bootserver.dhcp.Outcome.Ignored;
import foundrybot.bootserver.dhcp.Outcome.Reply;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** Boot answers without addresses: ProxyDHCP and the PXE boot server port (PXE 2.1). */
final class BootResponder {
  private final Networks networks;
  private final BootPolicy policy;
  private final Replies replies;

  BootResponder(DhcpSettings settings, Networks networks, BootPolicy policy) {
    this.networks = networks;
    this.policy = policy;
    this.replies = new Replies(settings.ports());
  }

  /** Proxy mode, server port: only a DISCOVER is answered; a REQUEST is for who gives addresses. */
  Outcome onServerPort(Inquiry inquiry) {
    return switch (inquiry.type()) {
      case DISCOVER -> offer(inquiry);
      case REQUEST ->
          networks.isForAnother(inquiry.message())
              ? Ignored.forAnother(inquiry.message())
              : new Ignored(Cause.PROXY_MODE);
      default -> new Ignored(Cause.PROXY_MODE);
    };
  }

  private Outcome offer(Inquiry inquiry) {
    Identity identity = networks.identity(inquiry, networks.where(inquiry, Optional.empty()));
    return answer(
        inquiry, MessageType.OFFER, identity, replies.destination(inquiry, MessageType.OFFER));
  }

  /**
   * Port 4011, in both modes: UEFI firmware asks here by unicast from port 4011, iPXE from port 68;
   * the answer goes back to where the question came from, as whom it was asked of. A relay is known
   * by sending from the address that is in {@code giaddr}: a client that kept that of its offer,
   * and comes by itself, does not.
   */
  Outcome onProxyPort(Inquiry inquiry) {
    if (inquiry.type() != MessageType.REQUEST && inquiry.type() != MessageType.INFORM) {
      return new Ignored(Cause.WRONG_PORT);
    }
    if (networks.isForAnother(inquiry.message())) {
      return Ignored.forAnother(inquiry.message());
    }
    Identity identity = networks.identity(inquiry, Optional.of(inquiry.heard().network()));
    return answer(inquiry, MessageType.ACK, identity, asker(inquiry));
  }

  private InetSocketAddress asker(Inquiry inquiry) {
    InetSocketAddress from = inquiry.from();
    if (inquiry.isRelayed() && from.getAddress().equals(inquiry.message().giaddr())) {
      return replies.destination(inquiry, MessageType.ACK);
    }
    return from.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(Ipv4.BROADCAST, from.getPort())
        : from;
  }

  /**
   * As ourselves also where a relay wants to stand between (RFC 5107): that is about renewals, of
   * which there are none here, and firmware asks at port 4011 of whoever option 54 names.
   */
  private Outcome answer(
      Inquiry inquiry, MessageType type, Identity identity, InetSocketAddress to) {
    return switch (boot(inquiry, identity.self(), Kind.PROXY)) {
      case Made.None(Ignored why) -> why;
      case Made.Fields(BootFields fields, String reason) ->
          new Reply(
              identity.self(),
              replies.message(
                  inquiry.message(), type, identity.self(), Ipv4.ANY, fields, List.of()),
              DhcpCodec.limit(inquiry.message()),
              to,
              reason);
    };
  }

  /** What this client boots; the policy is asked only about boot clients. */
  Made boot(Inquiry inquiry, Inet4Address self, Kind kind) {
    return switch (inquiry.classified()) {
      case Classified.NotBooting(BootClients.Reason reason) ->
          new Made.None(
              new Ignored(
                  Cause.NOT_BOOTING,
                  reason == BootClients.Reason.NO_MAC
                      ? BootClients.withoutMac(inquiry.message())
                      : reason.toString()));
      case Classified.Malformed(String expected) ->
          new Made.None(new Ignored(Cause.BAD_CLIENT, expected));
      case Classified.Boot(var client) ->
          BootFields.of(policy.decide(client, self), client, inquiry.message(), self, kind);
    };
  }
}
