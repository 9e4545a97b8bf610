// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import foundrybot.bootserver.dhcp.AddressProber.Finding;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import foundrybot.bootserver.dhcp.Inquiry.Heard;
import foundrybot.bootserver.dhcp.Outcome.Cause;
import foundrybot.bootserver.dhcp.Outcome.Ignored;
import foundrybot.bootserver.dhcp.Outcome.Probe;
import foundrybot.bootserver.dhcp.Outcome.Promise;
import foundrybot.bootserver.dhcp.Outcome.Remember;
import foundrybot.bootserver.dhcp.Outcome.Reply;
import io.netty.buffer.ByteBuf;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that a DHCP server does with a message, but for the sockets: it is decoded, decided, answered
 * and told of. {@link DhcpServer} is this on real ports.
 *
 * <p>Everything happens on one thread, that of the loop, so a message is taken, decided and
 * answered without locks, in the order of arrival.
 */
public final class DhcpService {
  private static final Logger LOG = LoggerFactory.getLogger(DhcpService.class);

  /** Answers that wait for their lease to be saved; more are not begun. */
  private static final int MAX_UNSAVED = 1024;

  /**
   * An answer is at most this many times as long as its question: the address that it goes to, the
   * relay's, is only what the question says it is. The shortest question there is gets 720 bytes.
   */
  static final int AMPLIFICATION = 3;

  /** The thread that all of it is done by. */
  public interface Loop extends Executor {
    /** Runs a task later. */
    void after(Duration delay, Runnable task);
  }

  /** Where answers leave. */
  public interface Way {
    /**
     * Sends, and releases the packet.
     *
     * @param as our address that it leaves from
     * @param failed told once if it could not be sent
     */
    void send(ByteBuf packet, Inet4Address as, InetSocketAddress to, Consumer<Throwable> failed);
  }

  private final Loop loop;
  private final BootResponder boot;
  private final Optional<LeaseResponder> leaseResponder;
  private final LeaseStore store;
  private final WireObserver observer;
  private final Networks networks;
  private final Counters counters = new Counters();
  private final Probes probes;
  private int unsaved;

  /**
   * Reads the leases. In proxy mode reservations and leases are not used.
   *
   * @param devices the interface behind each address of ours, where it is known
   */
  DhcpService(
      DhcpSettings settings,
      Map<DhcpNetwork.Presence, String> devices,
      Loop loop,
      BootPolicy policy,
      Reservations reservations,
      LeaseStore leases,
      AddressProber prober,
      WireObserver observer,
      Clock clock) {
    this.loop = loop;
    this.probes = new Probes(prober, loop, loop::after);
    this.networks = new Networks(settings, devices);
    this.boot = new BootResponder(settings, networks, policy);
    this.leaseResponder =
        settings.mode() instanceof Mode.Server mode
            ? Optional.of(
                new LeaseResponder(
                    settings, mode, networks, boot, reservations, leases.load(), clock))
            : Optional.empty();
    this.store = leases;
    this.observer = observer;
  }

  /**
   * On no port at all, for who brings packets and takes answers by himself, such as a simulation.
   * No address is probed before it is given away: there is no network to probe it on.
   */
  public static DhcpService withoutPorts(
      DhcpSettings settings,
      Loop loop,
      BootPolicy policy,
      Reservations reservations,
      LeaseStore leases,
      WireObserver observer,
      Clock clock) {
    return new DhcpService(
        settings, Map.of(), loop, policy, reservations, leases, NOBODY, observer, clock);
  }

  private static final AddressProber NOBODY =
      new AddressProber() {
        @Override
        public CompletionStage<Finding> probe(
            Inet4Address address, MacAddress candidate, boolean onLink) {
          return CompletableFuture.completedStage(new Finding.Free());
        }

        @Override
        public void close() {}
      };

  boolean givesAddresses() {
    return leaseResponder.isPresent();
  }

  /** How often each thing happened since the start, by name; the set of names is bounded. */
  public Map<String, Long> counters() {
    return counters.snapshot();
  }

  /**
   * Takes what a relay has passed on to the server's port, or a client has sent there itself.
   *
   * @param packet is read and not released
   * @param from the relay's address and port, or the client's
   */
  public void onServerPort(ByteBuf packet, InetSocketAddress from, Way via) {
    onServerPort(packet, from, heard(from), via);
  }

  /** The same of the port of PXE boot servers, 4011. */
  public void onProxyPort(ByteBuf packet, InetSocketAddress from, Way via) {
    onProxyPort(packet, from, heard(from), via);
  }

  /** On the network that the sender is on; one that has no address yet is on the first. */
  private Heard heard(InetSocketAddress from) {
    DhcpNetwork first = networks.all().getFirst();
    return from.getAddress() instanceof Inet4Address sender && !sender.isAnyLocalAddress()
        ? new Heard(networks.of(sender).orElse(first), false)
        : new Heard(first, true);
  }

  void onServerPort(ByteBuf packet, InetSocketAddress from, Heard heard, Way via) {
    received(
        packet,
        from,
        heard,
        via,
        inquiry ->
            leaseResponder.isPresent()
                ? leaseResponder.get().onServerPort(inquiry)
                : boot.onServerPort(inquiry));
  }

  void onProxyPort(ByteBuf packet, InetSocketAddress from, Heard heard, Way via) {
    received(packet, from, heard, via, boot::onProxyPort);
  }

  private interface Decider {
    Outcome decide(Inquiry inquiry);
  }

  private void received(
      ByteBuf packet, InetSocketAddress from, Heard heard, Way via, Decider decider) {
    switch (DhcpCodec.decode(packet)) {
      case Decoded.Malformed(int offset, Decoded.Fault fault, String expected) -> {
        counters.count("dhcp.malformed." + Outcome.token(fault));
        observe("dhcp.malformed", Optional.empty(), from, "offset=" + offset + " " + expected);
      }
      case Decoded.Message(DhcpMessage message, _) -> {
        Optional<MessageType> type = message.type();
        if (message.op() != DhcpMessage.REQUEST || type.isEmpty()) {
          new Exchange(BootClients.mac(message), from, via, 0).carryOut(notServed(message));
          return;
        }
        Inquiry inquiry = Inquiry.of(message, type.get(), from, heard);
        int most = AMPLIFICATION * packet.readableBytes();
        Exchange exchange = new Exchange(inquiry.mac(), from, via, most);
        counters.count(type.get().event());
        observe(type.get().event(), exchange.mac, from, Evidence.of(inquiry));
        exchange.carryOut(
            message.giaddr().isAnyLocalAddress() || Replies.isHost(message.giaddr())
                ? decider.decide(inquiry)
                : new Ignored(Cause.BAD_RELAY));
      }
    }
  }

  private static Ignored notServed(DhcpMessage message) {
    if (message.op() != DhcpMessage.REQUEST) {
      return new Ignored(Cause.REPLY);
    }
    return message
        .option(DhcpOption.MESSAGE_TYPE)
        .map(
            type ->
                new Ignored(
                    Cause.UNKNOWN_TYPE,
                    type.length() == 1
                        ? "option 53: " + type.at(0) + " (expected: 1..8)"
                        : "option 53: " + type.length() + " bytes (expected: one)"))
        .orElseGet(() -> new Ignored(Cause.BOOTP));
  }

  /** One message and what is done about it. */
  private final class Exchange {
    private final Optional<MacAddress> mac;
    private final InetSocketAddress from;
    private final Way via;
    private final int most;

    Exchange(Optional<MacAddress> mac, InetSocketAddress from, Way via, int most) {
      this.mac = mac;
      this.from = from;
      this.via = via;
      this.most = most;
    }

    void carryOut(Outcome outcome) {
      switch (outcome) {
        case Ignored(Cause cause, String detail) -> ignore(cause, detail);
        case Reply reply -> send(reply);
        case Remember(Lease lease) -> save(lease, () -> {});
        case Probe probe -> probe(probe);
        case Promise(Lease lease, Reply reply) -> save(lease, () -> send(reply));
      }
    }

    /** Where too many are being probed, the address is offered as it is. */
    private void probe(Probe probe) {
      if (probes.isFull() && !probes.isAsked(probe.address())) {
        counters.count("dhcp.unprobed");
        concluded(probe, new Finding.Free());
        return;
      }
      if (probes.isAsked(probe.address())) {
        counters.count(Cause.REPEATED.counter());
      }
      boolean onLink = probe.network().presence().isPresent();
      probes.ask(probe.address(), probe.mac(), onLink, finding -> concluded(probe, finding));
    }

    private void concluded(Probe probe, Finding finding) {
      switch (finding) {
        case Finding.Free() -> {}
        case Finding.InUse(String seen) -> conflict(probe, seen, false);
        case Finding.Doubtful(String seen) -> conflict(probe, seen, true);
      }
      leaseResponder.ifPresent(leases -> carryOut(leases.probed(probe, finding)));
    }

    private void conflict(Probe probe, String seen, boolean doubtful) {
      Lease lease = leaseResponder.orElseThrow().quarantine(probe, doubtful);
      counters.count("dhcp.conflict");
      observe(
          "dhcp.conflict",
          mac,
          new InetSocketAddress(probe.address(), 0),
          "address=%s left out until %s: %s"
              .formatted(probe.address().getHostAddress(), lease.until(), seen));
      if (!doubtful) {
        save(lease, () -> {});
      }
    }

    private void save(Lease lease, Runnable then) {
      if (unsaved >= MAX_UNSAVED) {
        ignore(Cause.BUSY, Cause.BUSY.text());
        return;
      }
      unsaved++;
      leaseResponder.ifPresent(leases -> leases.saving(lease));
      CompletionStage<Void> saved;
      try {
        saved = store.save(lease);
      } catch (RuntimeException e) {
        saved = CompletableFuture.failedFuture(e);
      }
      saved.whenComplete(
          (nothing, failure) ->
              loop.execute(
                  () -> {
                    unsaved--;
                    if (failure != null) {
                      leaseResponder.ifPresent(leases -> leases.notSaved(lease));
                      String address = lease.address().getHostAddress();
                      LOG.warn(
                          "dhcp lease not saved address={} cause={}", address, failure.toString());
                      ignore(Cause.NOT_SAVED, address + ": " + failure);
                      return;
                    }
                    leaseResponder.ifPresent(leases -> leases.saved(lease));
                    then.run();
                  }));
    }

    private void send(Reply reply) {
      switch (DhcpCodec.encode(reply.message(), Math.min(reply.limit(), most))) {
        case DhcpCodec.Encoded.TooLong(int bytes, int limit) ->
            ignore(Cause.TOO_LONG, bytes + " bytes (expected: at most " + limit + ")");
        case DhcpCodec.Encoded.Packet(ByteBuf packet, List<Integer> dropped) -> {
          String kind = reply.message().type().orElseThrow().event();
          counters.count(kind);
          observe(kind, mac, reply.to(), Evidence.of(reply, dropped));
          via.send(
              packet,
              reply.from(),
              reply.to(),
              failure -> ignore(Cause.NOT_SENT, "to " + reply.to() + ": " + failure.getMessage()));
        }
      }
    }

    private void ignore(Cause cause, String detail) {
      counters.count(cause.counter());
      observe(cause.event(), mac, from, detail);
    }
  }

  private void observe(String kind, Optional<MacAddress> mac, InetSocketAddress peer, Object said) {
    if (LOG.isDebugEnabled()) {
      String machine = mac.map(MacAddress::toString).orElse("-");
      LOG.debug("{} mac={} peer={} {}", kind, machine, peer, said);
    }
    observer.observed(new WireEvent(WireEvent.Protocol.DHCP, kind, mac, peer, said));
  }
}
