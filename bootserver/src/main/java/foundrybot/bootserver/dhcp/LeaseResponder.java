// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import foundrybot.bootserver.dhcp.Outcome.Cause;
import foundrybot.bootserver.dhcp.Outcome.Ignored;
import foundrybot.bootserver.dhcp.Outcome.Promise;
import foundrybot.bootserver.dhcp.Outcome.Remember;
import foundrybot.bootserver.dhcp.Outcome.Reply;
import java.net.Inet4Address;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The DHCP server (RFC 2131 section 4.3). A client is its MAC address, not its option 61: one
 * machine sends a different identifier from iPXE, from the installer and from the installed system,
 * and should keep one address through all of them.
 *
 * <pre>
 *   message                          our view of it                         answer
 *   DISCOVER                         an address is reserved or free         OFFER, held for a minute
 *   REQUEST with 54, ours            the address is offered, or its own     lease saved, then ACK
 *                                    anything else                          NAK
 *   REQUEST with 54, another's                                              none; the hold ends
 *   REQUEST without 54, with 50      on the wrong subnet                    NAK
 *     (rebooted)  or ciaddr          its own address                        lease saved, then ACK
 *     (renewing)                     another address is its own             NAK
 *                                    nothing is known of it                 none
 *   DECLINE                          its own address                        none; quarantine saved
 *   RELEASE                          its own address                        none; lease saved as free
 *   INFORM                           on our subnet                          ACK without a lease
 * </pre>
 */
final class LeaseResponder {
  private final DhcpSettings settings;
  private final Mode.Server mode;
  private final BootResponder boot;
  private final Reservations reservations;
  private final LeaseTable table;
  private final Clock clock;
  private final Replies replies;

  LeaseResponder(
      DhcpSettings settings,
      Mode.Server mode,
      BootResponder boot,
      Reservations reservations,
      LeaseTable table,
      Clock clock) {
    this.settings = settings;
    this.mode = mode;
    this.boot = boot;
    this.reservations = reservations;
    this.table = table;
    this.clock = clock;
    this.replies = new Replies(settings);
  }

  /** A lease that an outcome asked to save is saved. */
  void saved(Lease lease) {
    table.saved(lease);
  }

  Outcome onServerPort(DhcpMessage request, MessageType type) {
    Optional<MacAddress> mac = BootClients.mac(request);
    if (mac.isEmpty()) {
      return new Ignored(Cause.INCOMPLETE, BootClients.Reason.NO_MAC.toString());
    }
    if (!request.giaddr().isAnyLocalAddress() && !onOurSubnet(request.giaddr())) {
      return new Ignored(Cause.OTHER_SUBNET);
    }
    Instant now = clock.instant();
    return switch (type) {
      case DISCOVER -> discover(request, mac.get(), now);
      case REQUEST -> request(request, mac.get(), now);
      case DECLINE -> decline(request, mac.get(), now);
      case RELEASE -> release(request, mac.get(), now);
      case INFORM -> inform(request);
      case OFFER, ACK, NAK -> new Ignored(Cause.WRONG_PORT);
    };
  }

  private Outcome discover(DhcpMessage request, MacAddress mac, Instant now) {
    Optional<Inet4Address> reserved = reservations.reservation(mac);
    if (reserved.isEmpty() && !mayUsePool(mac)) {
      return new Ignored(Cause.UNKNOWN_MACHINE);
    }
    if (reserved.isPresent() && table.isBlocked(mac, reserved.get(), now)) {
      return new Ignored(
          Cause.NO_ADDRESS,
          reserved.get().getHostAddress() + " is reserved, but in use by another");
    }
    Optional<Inet4Address> address =
        reserved.or(
            () ->
                table.choose(
                    mac,
                    request.address(DhcpOption.REQUESTED_ADDRESS),
                    reservations.isKnown(mac),
                    now));
    if (address.isEmpty()) {
      return new Ignored(Cause.NO_ADDRESS);
    }
    table.hold(mac, address.get(), now);
    return lease(request, MessageType.OFFER, address.get());
  }

  private Outcome request(DhcpMessage request, MacAddress mac, Instant now) {
    Optional<Inet4Address> server = request.address(DhcpOption.SERVER_ID);
    if (server.isPresent() && !server.get().equals(settings.advertised())) {
      table.withdraw(mac);
      return new Ignored(Cause.OTHER_SERVER);
    }
    Optional<Inet4Address> wanted =
        request
            .address(DhcpOption.REQUESTED_ADDRESS)
            .or(() -> Optional.of(request.ciaddr()).filter(a -> !a.isAnyLocalAddress()));
    if (wanted.isEmpty()) {
      return new Ignored(Cause.INCOMPLETE, "neither option 50 nor ciaddr says which address");
    }
    Inet4Address address = wanted.get();
    if (!onOurSubnet(address)) {
      return nak(request, address.getHostAddress() + " is not of this subnet");
    }
    Optional<Inet4Address> reserved = reservations.reservation(mac);
    if (reserved.isPresent()) {
      if (!reserved.get().equals(address)) {
        return nak(request, reserved.get().getHostAddress() + " is reserved for this machine");
      }
      return table.isBlocked(mac, address, now)
          ? nak(request, address.getHostAddress() + " is in use by another")
          : promise(request, mac, address, now);
    }
    boolean another = reservations.owner(address).isPresent();
    if (!another && mayUsePool(mac) && table.mayKeep(mac, address, now)) {
      return promise(request, mac, address, now);
    }
    // Silence is for machines that another server may know; whom we know is told to start over.
    return server.isPresent() || another || table.lastOf(mac).isPresent()
        ? nak(request, address.getHostAddress() + " is not this machine's lease")
        : new Ignored(Cause.NO_RECORD);
  }

  private Outcome decline(DhcpMessage request, MacAddress mac, Instant now) {
    return request
        .address(DhcpOption.REQUESTED_ADDRESS)
        .filter(address -> isOwn(mac, address, now))
        .<Outcome>map(
            address ->
                new Remember(
                    new Lease(address, mac, Lease.State.DECLINED, now.plus(LeaseTable.QUARANTINE))))
        .orElse(new Ignored(Cause.NO_RECORD));
  }

  private Outcome release(DhcpMessage request, MacAddress mac, Instant now) {
    return isOwn(mac, request.ciaddr(), now)
        ? new Remember(new Lease(request.ciaddr(), mac, Lease.State.RELEASED, now))
        : new Ignored(Cause.NO_RECORD);
  }

  private Outcome inform(DhcpMessage request) {
    if (!onOurSubnet(request.ciaddr())) {
      return new Ignored(Cause.INCOMPLETE, "ciaddr is not of this subnet");
    }
    BootFields fields = BootFields.NONE;
    String reason = "configuration only";
    if (boot.boot(request, BootFields.Kind.LEASE)
        instanceof BootFields.Made.Fields(BootFields made, String why)) {
      fields = made;
      reason = why;
    }
    return new Reply(
        replies.message(request, MessageType.ACK, Ipv4.ANY, fields, network()),
        DhcpCodec.limit(request),
        replies.destination(request, MessageType.ACK),
        reason);
  }

  private boolean isOwn(MacAddress mac, Inet4Address address, Instant now) {
    return table.has(mac, address, now)
        && reservations.owner(address).map(mac::equals).orElse(true);
  }

  private boolean mayUsePool(MacAddress mac) {
    return mode.serveUnknown() || reservations.isKnown(mac);
  }

  private boolean onOurSubnet(Inet4Address address) {
    return Ipv4.sameSubnet(address, settings.advertised(), settings.prefixLength());
  }

  private Outcome promise(DhcpMessage request, MacAddress mac, Inet4Address address, Instant now) {
    table.hold(mac, address, now);
    Lease lease = new Lease(address, mac, Lease.State.BOUND, now.plus(mode.leaseTime()));
    return new Promise(lease, lease(request, MessageType.ACK, address));
  }

  /** The lease, and for machines that boot what they boot, in one answer. */
  private Reply lease(DhcpMessage request, MessageType type, Inet4Address address) {
    BootFields fields = BootFields.NONE;
    String reason;
    switch (boot.boot(request, BootFields.Kind.LEASE)) {
      case BootFields.Made.Fields(BootFields made, String why) -> {
        fields = made;
        reason = why;
      }
      case BootFields.Made.None(Ignored why) -> reason = "lease only: " + why.detail();
    }
    Duration time = mode.leaseTime();
    List<DhcpOption> options = new ArrayList<>();
    options.add(DhcpOption.u32(DhcpOption.LEASE_TIME, time.toSeconds()));
    options.add(DhcpOption.u32(DhcpOption.RENEWAL_TIME, time.toSeconds() / 2));
    options.add(DhcpOption.u32(DhcpOption.REBINDING_TIME, time.toSeconds() * 7 / 8));
    options.addAll(network());
    return new Reply(
        replies.message(request, type, address, fields, options),
        DhcpCodec.limit(request),
        replies.destination(request, type),
        reason);
  }

  private List<DhcpOption> network() {
    List<DhcpOption> options = new ArrayList<>();
    // The mask comes before the routers (RFC 2132 section 3.3).
    options.add(DhcpOption.u32(DhcpOption.SUBNET_MASK, Ipv4.mask(settings.prefixLength())));
    addAddresses(options, DhcpOption.ROUTERS, mode.routers());
    addAddresses(options, DhcpOption.DNS_SERVERS, mode.dnsServers());
    mode.domain().ifPresent(domain -> options.add(DhcpOption.text(DhcpOption.DOMAIN_NAME, domain)));
    return options;
  }

  private static void addAddresses(
      List<DhcpOption> options, int code, List<Inet4Address> addresses) {
    Octets value = Octets.EMPTY;
    for (Inet4Address address : addresses) {
      value = value.plus(Octets.of(address.getAddress()));
    }
    if (value.length() > 0) {
      options.add(new DhcpOption(code, value));
    }
  }

  private Outcome nak(DhcpMessage request, String reason) {
    return new Reply(
        replies.message(
            request,
            MessageType.NAK,
            Ipv4.ANY,
            BootFields.NONE,
            List.of(DhcpOption.text(DhcpOption.MESSAGE, reason))),
        DhcpCodec.limit(request),
        replies.destination(request, MessageType.NAK),
        reason);
  }
}
