// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.AddressProber.Finding;
import foundrybot.bootserver.dhcp.BootFields.Kind;
import foundrybot.bootserver.dhcp.BootFields.Made;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import foundrybot.bootserver.dhcp.Networks.Identity;
import foundrybot.bootserver.dhcp.Outcome.Cause;
import foundrybot.bootserver.dhcp.Outcome.Ignored;
import foundrybot.bootserver.dhcp.Outcome.Probe;
import foundrybot.bootserver.dhcp.Outcome.Promise;
import foundrybot.bootserver.dhcp.Outcome.Remember;
import foundrybot.bootserver.dhcp.Outcome.Reply;
import java.net.Inet4Address;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The DHCP server (RFC 2131 section 4.3). A client is its MAC address, not its option 61: one
 * machine sends a different identifier from iPXE, from the installer and from the installed system,
 * and should keep one address through all of them.
 *
 * <pre>
 *   message                          our view of it                         answer
 *   DISCOVER                         an address is reserved or its own      OFFER, held for a minute
 *                                    one of the pool is free                it is probed, then OFFER
 *   REQUEST with 54, ours            the address is offered, or its own     lease saved, then ACK *
 *                                    anything else                          NAK
 *   REQUEST with 54, another's                                              none; the hold ends
 *   REQUEST without 54, with 50      it gets no addresses here              none
 *     (rebooted)  or ciaddr          on the wrong subnet                    NAK
 *     (renewing)                     its own address                        lease saved, then ACK *
 *                                    another address is its own             NAK
 *                                    nothing is known of it                 none
 *   DECLINE                          its own address                        none; quarantine saved
 *   RELEASE                          its own address                        none; lease saved as free
 *   INFORM                           on the machine's subnet                ACK without a lease
 *                                    it gets no addresses here              none
 * </pre>
 *
 * <p>Who gets no addresses here is another server's client, perhaps of another subnet on the same
 * wire: a NAK would take its address from it.
 *
 * <p>* A lease is saved for a quarter longer than it is promised. As long as that covers what an
 * ACK promises, the ACK leaves at once: a machine that boots asks three times within a minute, and
 * one that renews at half of its time is saved anew each time.
 */
final class LeaseResponder {
  /** Of the lease time, what a lease is saved for beyond it. */
  private static final int SLACK_SHARE = 4;

  /** Addresses that are tried for one DISCOVER; the client asks again by itself. */
  private static final int MAX_PROBED = 4;

  private final Networks networks;
  private final Mode.Server mode;
  private final BootResponder boot;
  private final Reservations reservations;
  private final IdentityHashMap<DhcpNetwork, LeaseTable> tables = new IdentityHashMap<>();

  /** What all machines of a network are told about it. */
  private final IdentityHashMap<DhcpNetwork, List<DhcpOption>> common = new IdentityHashMap<>();

  private final List<DhcpOption> times;
  private final Clock clock;
  private final Replies replies;

  LeaseResponder(
      DhcpSettings settings,
      Mode.Server mode,
      Networks networks,
      BootResponder boot,
      Reservations reservations,
      Collection<Lease> leases,
      Clock clock) {
    this.networks = networks;
    this.mode = mode;
    this.boot = boot;
    this.reservations = reservations;
    this.clock = clock;
    this.replies = new Replies(settings.ports());
    for (DhcpNetwork network : settings.networks()) {
      tables.put(network, new LeaseTable(network, networks.ours(), reservations));
      common.put(network, common(network, mode));
    }
    long time = mode.leaseTime().toSeconds();
    this.times =
        List.of(
            DhcpOption.u32(DhcpOption.LEASE_TIME, time),
            DhcpOption.u32(DhcpOption.RENEWAL_TIME, time / 2),
            DhcpOption.u32(DhcpOption.REBINDING_TIME, time * 7 / 8));
    leases.stream().sorted(Comparator.comparing(Lease::until)).forEach(this::saved);
  }

  /** A lease that an outcome asked to save is given to the store. */
  void saving(Lease lease) {
    tableOf(lease).ifPresent(table -> table.saving(lease.address()));
  }

  /** It is saved; one of a network of old is of no use. */
  void saved(Lease lease) {
    tableOf(lease).ifPresent(table -> table.saved(lease));
  }

  /** The store failed. */
  void notSaved(Lease lease) {
    tableOf(lease).ifPresent(table -> table.notSaved(lease.address()));
  }

  private Optional<LeaseTable> tableOf(Lease lease) {
    return networks.of(lease.address()).map(this::table);
  }

  private LeaseTable table(DhcpNetwork network) {
    LeaseTable table = tables.get(network);
    if (table == null) {
      throw new IllegalStateException("no table for " + network);
    }
    return table;
  }

  /** What is being asked, by whom, on which network. */
  private record Case(
      Inquiry inquiry,
      MacAddress mac,
      DhcpNetwork network,
      LeaseTable table,
      Identity identity,
      Optional<Inet4Address> reserved,
      Instant now) {
    DhcpMessage request() {
      return inquiry.message();
    }
  }

  Outcome onServerPort(Inquiry inquiry) {
    Optional<MacAddress> mac = inquiry.mac();
    if (mac.isEmpty()) {
      return new Ignored(Cause.INCOMPLETE, BootClients.withoutMac(inquiry.message()));
    }
    Optional<Inet4Address> reserved = reservations.reservation(mac.get());
    Optional<DhcpNetwork> network = networks.where(inquiry, reserved);
    if (network.isEmpty()) {
      return new Ignored(Cause.OTHER_SUBNET);
    }
    Case asked =
        new Case(
            inquiry,
            mac.get(),
            network.get(),
            table(network.get()),
            networks.identity(inquiry, network),
            // A machine that was moved to another network cannot have its old address there.
            reserved.filter(network.get()::contains),
            clock.instant());
    return switch (inquiry.type()) {
      case DISCOVER -> discover(asked);
      case REQUEST -> request(asked);
      case DECLINE -> decline(asked);
      case RELEASE -> release(asked);
      case INFORM -> inform(asked);
      case OFFER, ACK, NAK -> new Ignored(Cause.WRONG_PORT);
    };
  }

  private Outcome discover(Case asked) {
    if (asked.reserved().isPresent()) {
      return discoverReserved(asked, asked.reserved().get());
    }
    if (!mayUsePool(asked.mac())) {
      return new Ignored(Cause.UNKNOWN_MACHINE);
    }
    Optional<Inet4Address> address =
        asked
            .table()
            .choose(
                asked.mac(),
                asked.request().address(DhcpOption.REQUESTED_ADDRESS),
                reservations.isKnown(asked.mac()),
                asked.now());
    if (address.isEmpty()) {
      return new Ignored(
          Cause.NO_ADDRESS,
          Cause.NO_ADDRESS.text()
              + " in "
              + asked.network()
              + (asked.network().pool().isEmpty() ? ", which has no pool" : ""));
    }
    return asked.table().needsProbe(asked.mac(), address.get(), asked.now())
        ? probe(asked, address.get())
        : offer(asked, address.get());
  }

  /**
   * Nobody but its machine was ever given it, as a rule. Where a machine had it that is no longer
   * known, as after its board was replaced, or where somebody was found on it, it is probed.
   */
  private Outcome discoverReserved(Case asked, Inet4Address address) {
    LeaseTable table = asked.table();
    if (table.isSuspect(asked.mac(), address, asked.now())) {
      return probe(asked, address);
    }
    return table
        .obstacle(asked.mac(), address, asked.now())
        .<Outcome>map(
            why ->
                new Ignored(
                    Cause.NO_ADDRESS, address.getHostAddress() + " is reserved for it, but " + why))
        .orElseGet(() -> offer(asked, address));
  }

  private Outcome probe(Case asked, Inet4Address address) {
    if (address.isLoopbackAddress()) {
      return offer(asked, address);
    }
    asked.table().probe(asked.mac(), address, asked.now());
    return new Probe(asked.inquiry(), asked.mac(), asked.network(), address, 0);
  }

  private Outcome offer(Case asked, Inet4Address address) {
    asked.table().hold(asked.mac(), address, asked.now());
    return lease(asked, MessageType.OFFER, address);
  }

  /** What a DISCOVER is answered whose address was probed. */
  Outcome probed(Probe probe, Finding finding) {
    Inquiry inquiry = probe.inquiry();
    if (finding instanceof Finding.Free
        && table(probe.network()).isProbed(probe.mac(), probe.address())) {
      Optional<DhcpNetwork> network = Optional.of(probe.network());
      Case asked =
          new Case(
              inquiry,
              probe.mac(),
              probe.network(),
              table(probe.network()),
              networks.identity(inquiry, network),
              Optional.empty(),
              clock.instant());
      return offer(asked, probe.address());
    }
    if (probe.attempt() + 1 >= MAX_PROBED) {
      return new Ignored(Cause.ALL_IN_USE);
    }
    return switch (onServerPort(inquiry)) {
      case Probe next ->
          new Probe(inquiry, next.mac(), next.network(), next.address(), probe.attempt() + 1);
      case Outcome other -> other;
    };
  }

  /** Sets an address aside on which somebody answers: for long, or where that is in doubt not. */
  Lease quarantine(Probe probe, boolean doubtful) {
    Lease lease =
        new Lease(
            probe.address(),
            probe.mac(),
            Lease.State.DECLINED,
            clock.instant().plus(doubtful ? LeaseTable.DOUBT : LeaseTable.QUARANTINE));
    table(probe.network()).take(lease);
    return lease;
  }

  private Outcome request(Case asked) {
    DhcpMessage request = asked.request();
    if (networks.isForAnother(request)) {
      asked.table().withdraw(asked.mac());
      return Ignored.forAnother(request);
    }
    Optional<Inet4Address> wanted =
        request
            .address(DhcpOption.REQUESTED_ADDRESS)
            .or(() -> Optional.of(request.ciaddr()).filter(a -> !a.isAnyLocalAddress()));
    if (wanted.isEmpty()) {
      return new Ignored(Cause.INCOMPLETE, "neither option 50 nor ciaddr says which address");
    }
    if (!isOurs(asked)) {
      return new Ignored(Cause.UNKNOWN_MACHINE);
    }
    Inet4Address address = wanted.get();
    if (!asked.network().contains(address)) {
      return nak(asked, address.getHostAddress() + " is not of " + asked.network());
    }
    Optional<Inet4Address> reserved = asked.reserved();
    if (reserved.isPresent()) {
      if (!reserved.get().equals(address)) {
        return nak(asked, reserved.get().getHostAddress() + " is reserved for this machine");
      }
      return asked
          .table()
          .obstacle(asked.mac(), address, asked.now())
          .map(why -> nak(asked, address.getHostAddress() + " is " + why))
          .orElseGet(() -> promise(asked, address));
    }
    boolean another = reservations.owner(address).isPresent();
    if (!another
        && mayUsePool(asked.mac())
        && asked.table().mayKeep(asked.mac(), address, asked.now())) {
      return promise(asked, address);
    }
    // Silence is for machines that another server may know; whom we know is told to start over.
    return request.address(DhcpOption.SERVER_ID).isPresent()
            || another
            || asked.table().lastOf(asked.mac()).isPresent()
        ? nak(asked, address.getHostAddress() + " is not this machine's lease")
        : new Ignored(Cause.NO_RECORD);
  }

  /** Whether the machine's address can be a matter of ours: it has chosen us, or may, or had. */
  private boolean isOurs(Case asked) {
    return asked.request().address(DhcpOption.SERVER_ID).isPresent()
        || mayUsePool(asked.mac())
        || asked.table().lastOf(asked.mac()).isPresent();
  }

  /** It counts at once, also where the store takes its time: the client starts over right now. */
  private Outcome decline(Case asked) {
    Optional<Inet4Address> address = asked.request().address(DhcpOption.REQUESTED_ADDRESS);
    if (address.filter(declined -> isOwn(asked, declined)).isEmpty()) {
      return new Ignored(Cause.NO_RECORD);
    }
    Instant until = asked.now().plus(LeaseTable.QUARANTINE);
    Lease lease = new Lease(address.get(), asked.mac(), Lease.State.DECLINED, until);
    asked.table().take(lease);
    return new Remember(lease);
  }

  private Outcome release(Case asked) {
    Inet4Address address = asked.request().ciaddr();
    return isOwn(asked, address)
        ? new Remember(new Lease(address, asked.mac(), Lease.State.RELEASED, asked.now()))
        : new Ignored(Cause.NO_RECORD);
  }

  private Outcome inform(Case asked) {
    if (!mayUsePool(asked.mac())) {
      return new Ignored(Cause.UNKNOWN_MACHINE);
    }
    if (!asked.network().contains(asked.request().ciaddr())) {
      return new Ignored(Cause.INCOMPLETE, "ciaddr is not of " + asked.network());
    }
    BootFields fields = BootFields.NONE;
    String reason = "configuration only";
    if (boot.boot(asked.inquiry(), asked.identity().self(), Kind.LEASE)
        instanceof Made.Fields(BootFields made, String why)) {
      fields = made;
      reason = why;
    }
    return reply(asked, MessageType.ACK, Ipv4.ANY, fields, configuration(asked), reason);
  }

  private boolean isOwn(Case asked, Inet4Address address) {
    return asked.table().has(asked.mac(), address, asked.now())
        && reservations.owner(address).map(asked.mac()::equals).orElse(true);
  }

  private boolean mayUsePool(MacAddress mac) {
    return mode.serveUnknown() || reservations.isKnown(mac);
  }

  private Outcome promise(Case asked, Inet4Address address) {
    Reply ack = lease(asked, MessageType.ACK, address);
    Instant promised = asked.now().plus(mode.leaseTime());
    if (asked.table().isSaved(asked.mac(), address, promised)) {
      return ack;
    }
    asked.table().hold(asked.mac(), address, asked.now());
    Instant until = promised.plus(mode.leaseTime().dividedBy(SLACK_SHARE));
    return new Promise(new Lease(address, asked.mac(), Lease.State.BOUND, until), ack);
  }

  /** The lease, and for machines that boot what they boot, in one answer. */
  private Reply lease(Case asked, MessageType type, Inet4Address address) {
    BootFields fields = BootFields.NONE;
    String reason;
    switch (boot.boot(asked.inquiry(), asked.identity().self(), Kind.LEASE)) {
      case Made.Fields(BootFields made, String why) -> {
        fields = made;
        reason = why;
      }
      case Made.None(Ignored why) -> reason = "lease only: " + why.detail();
    }
    List<DhcpOption> options = new ArrayList<>(times);
    options.addAll(configuration(asked));
    return reply(asked, type, address, fields, options, reason);
  }

  private Reply reply(
      Case asked,
      MessageType type,
      Inet4Address address,
      BootFields fields,
      List<DhcpOption> options,
      String reason) {
    DhcpMessage request = asked.request();
    return new Reply(
        asked.identity().self(),
        replies.message(request, type, asked.identity().serverId(), address, fields, options),
        DhcpCodec.limit(request),
        replies.destination(asked.inquiry(), type),
        reason);
  }

  /** Of the network, in the order of RFC 2132: the mask comes before the routers (section 3.3). */
  private static List<DhcpOption> common(DhcpNetwork network, Mode.Server mode) {
    List<DhcpOption> options = new ArrayList<>();
    options.add(DhcpOption.u32(DhcpOption.SUBNET_MASK, Ipv4.mask(network.prefixLength())));
    if (!network.routers().isEmpty()) {
      options.add(DhcpOption.addresses(DhcpOption.ROUTERS, network.routers()));
    }
    if (!network.dnsServers().isEmpty()) {
      options.add(DhcpOption.addresses(DhcpOption.DNS_SERVERS, network.dnsServers()));
    }
    mode.domain().ifPresent(domain -> options.add(DhcpOption.text(DhcpOption.DOMAIN_NAME, domain)));
    return List.copyOf(options);
  }

  /** What the network is like, and what is this machine's own; the mask always first. */
  private List<DhcpOption> configuration(Case asked) {
    DhcpNetwork network = asked.network();
    Wishes wishes = Wishes.of(asked.request());
    List<DhcpOption> usual = common.getOrDefault(network, List.of());
    List<DhcpOption> options = new ArrayList<>(usual.subList(1, usual.size()));
    if (wishes.include(DhcpOption.HOST_NAME)) {
      reservations
          .hostName(asked.mac())
          .ifPresent(name -> options.add(DhcpOption.text(DhcpOption.HOST_NAME, name)));
    }
    for (DhcpOption option : network.onRequest()) {
      if (wishes.include(option.code())) {
        options.add(option);
      }
    }
    for (DhcpOption own : reservations.options(asked.mac())) {
      options.removeIf(option -> option.code() == own.code());
      options.add(own);
    }
    wishes.sort(options);
    options.addFirst(usual.getFirst());
    return options;
  }

  private Outcome nak(Case asked, String reason) {
    return reply(
        asked,
        MessageType.NAK,
        Ipv4.ANY,
        BootFields.NONE,
        List.of(DhcpOption.text(DhcpOption.MESSAGE, reason)),
        reason);
  }
}
