// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.rig.sim.DhcpQuestions;
import foundrybot.rig.sim.DhcpWire;
import foundrybot.rig.sim.DhcpWire.Answer;
import foundrybot.rig.sim.DhcpWire.Query;
import foundrybot.rig.sim.FirmwareKind;
import foundrybot.rig.sim.Setback;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** The DHCP part of a machine's firmware and of iPXE, with their waits, packet by packet. */
final class VirtualDhcp {
  /** PXE 2.1 section 2.2.4: a ROM tries four times and doubles its wait. */
  private static final List<Duration> WAITS =
      List.of(
          Duration.ofSeconds(4),
          Duration.ofSeconds(8),
          Duration.ofSeconds(16),
          Duration.ofSeconds(32));

  private static final int PROXY = 4011;
  private static final Duration AFTER_DECLINE = Duration.ofSeconds(10);

  /**
   * With dhcp: proxy, who gives the addresses where the rack file names nobody; and who is not to.
   */
  private static final Inet4Address SITE_SERVER = Inet4Address.ofLiteral("10.255.255.254");

  private static final Inet4Address RIVAL = Inet4Address.ofLiteral("10.255.255.253");

  /** RFC 4578, section 2.1: nobody has a boot program for it. */
  private static final byte ITANIUM = 2;

  private final World world;
  private final VirtualMachine machine;
  private final Random random;

  /** Who passes its broadcasts on; nobody where it is on the appliance's own network. */
  private final Optional<Inet4Address> relay;

  /** Of its addresses the one that another machine has. */
  private Optional<Inet4Address> taken = Optional.empty();

  /** What was agreed on: what to fetch from where. */
  record Boot(Inet4Address server, String file) {}

  VirtualDhcp(World world, VirtualMachine machine, Random random) {
    this.world = world;
    this.machine = machine;
    this.random = random;
    this.relay = relay(world.rack().appliance(), machine.node());
  }

  /**
   * A network is told by its relay's address. Of one to which the appliance has a card of its own
   * that is played, too: its packets have no other way here.
   */
  private static Optional<Inet4Address> relay(ApplianceSettings appliance, Node node) {
    return node.address()
        .filter(own -> !appliance.subnet().contains(own.address()))
        .flatMap(
            own ->
                appliance.others().stream()
                    .filter(network -> network.subnet().contains(own.address()))
                    .findFirst())
        .map(network -> network.router().orElseGet(() -> free(network, node)));
  }

  /** The first address of that network that is neither the node's nor the appliance's. */
  private static Inet4Address free(RackNetwork network, Node node) {
    int first = number(network.subnet().network()) + 1;
    return IntStream.range(first, first + 3)
        .mapToObj(VirtualDhcp::address)
        .filter(it -> node.address().filter(own -> own.address().equals(it)).isEmpty())
        .filter(it -> network.address().filter(it::equals).isEmpty())
        .findFirst()
        .orElseThrow();
  }

  private static int number(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  private static Inet4Address address(int number) {
    return DhcpWire.address(ByteBuffer.allocate(4).putInt(0, number).array(), 0);
  }

  /** To everybody on its network. */
  private void broadcast(Query query) {
    if (relay.isPresent()) {
      int port = world.rack().appliance().ports().dhcp();
      byte[] passedOn = query.viaRelay(relay.get()).bytes();
      world.network().ask(passedOn, new InetSocketAddress(relay.get(), port), false);
    } else {
      world.network().ask(query.bytes(), world.network().nobody(), false);
    }
  }

  Boot asFirmware() throws Setback {
    if (isOff()) {
      boolean uefi = machine.hardware().firmware().isUefi();
      String file = uefi ? "snponly.efi" : "undionly.kpxe";
      return ofSite(
          machine.hardware().firmware() == FirmwareKind.UEFI_HTTP
              ? url("/program/" + own() + "/" + file)
              : own() + "/" + file);
    }
    Map<Integer, byte[]> options = DhcpQuestions.asFirmware(machine.hardware());
    if (machine.strikes(Fault.NO_PROGRAM)) {
      options.put(60, DhcpWire.text("PXEClient:Arch:00002:UNDI:003016"));
      options.put(93, new byte[] {0, ITANIUM});
    }
    Answer answer = lease(options);
    boolean asksAgain =
        machine.hardware().firmware() == FirmwareKind.UEFI
            && answer.hasClass("PXEClient")
            && !answer.skipsDiscovery();
    return boot(asksAgain ? bootServer(options) : answer);
  }

  Boot asIpxe() throws Setback {
    if (isOff()) {
      String kind = machine.hardware().firmware().isUefi() ? "uefi" : "bios";
      return ofSite(url("/boot/" + own() + "/" + kind + ".ipxe"));
    }
    return boot(lease(DhcpQuestions.asIpxe(machine.hardware())));
  }

  /** With dhcp: off the site's own server names what the appliance would. */
  private boolean isOff() {
    return world.rack().appliance().dhcp() == DhcpMode.OFF;
  }

  private Inet4Address siteServer() {
    return world.rack().appliance().siteServers().stream().findFirst().orElse(SITE_SERVER);
  }

  private Boot ofSite(String file) {
    return new Boot(world.rack().appliance().address(), file);
  }

  private String own() {
    return machine.hardware().mac().replace(':', '-');
  }

  private String url(String path) {
    return "http://"
        + world.rack().appliance().address().getHostAddress()
        + ":"
        + world.rack().appliance().ports().http()
        + path;
  }

  private static Boot boot(Answer answer) throws Setback {
    if (answer.bootFile().isEmpty()) {
      throw new Setback("dhcp: the answer names no boot file");
    }
    return new Boot(answer.siaddr(), answer.bootFile());
  }

  /** DISCOVER until there is an offer to boot from; REQUEST if it comes with an address. */
  private Answer lease(Map<Integer, byte[]> options) throws Setback {
    int xid = random.nextInt();
    Mailbox mailbox = new Mailbox(world.time());
    world.network().listen(xid, mailbox);
    try {
      for (Duration wait : WAITS) {
        Optional<Answer> offer =
            ask(mailbox, xid, DhcpWire.DISCOVER, options, DhcpWire.OFFER, wait);
        if (offer.isEmpty()) {
          continue;
        }
        if (offer.get().yiaddr().isAnyLocalAddress()) {
          Inet4Address server = machine.strikes(Fault.RIVAL_DHCP) ? RIVAL : siteServer();
          takes(xid, options, server);
          if (isTaken(machine.hardware().address())) {
            declines(xid, options, machine.hardware().address(), server.getAddress());
            continue;
          }
          return offer.get();
        }
        if (machine.strikes(Fault.RIVAL_DHCP)) {
          takes(xid, options, RIVAL);
          return offer.get();
        }
        Map<Integer, byte[]> selecting = new HashMap<>(options);
        selecting.put(50, offer.get().yiaddr().getAddress());
        selecting.put(54, offer.get().option(54).orElse(new byte[4]));
        Optional<Answer> ack = ask(mailbox, xid, DhcpWire.REQUEST, selecting, DhcpWire.ACK, wait);
        ack.ifPresent(it -> world.acknowledged(machine, it.yiaddr(), lasts(it)));
        if (ack.isPresent() && isTaken(ack.get().yiaddr())) {
          world.declined(machine, ack.get().yiaddr());
          declines(xid, options, ack.get().yiaddr(), selecting.get(54));
          continue;
        }
        if (ack.isPresent()) {
          return ack.get();
        }
      }
    } finally {
      world.network().leave(xid);
    }
    throw new Setback("dhcp: no boot offer");
  }

  /** As long as option 51 says (RFC 2132, section 9.2). */
  private static Duration lasts(Answer ack) {
    return ack.option(51)
        .map(seconds -> Duration.ofSeconds(ByteBuffer.wrap(seconds).getInt() & 0xffff_ffffL))
        .orElse(Duration.ZERO);
  }

  /** The address is another server's; that this is heard by all is how we know (RFC 2131 3.1). */
  private void takes(int xid, Map<Integer, byte[]> options, Inet4Address server) {
    Map<Integer, byte[]> selecting = new HashMap<>(options);
    selecting.put(50, machine.hardware().address().getAddress());
    selecting.put(54, server.getAddress());
    Query query = DhcpQuestions.query(machine.hardware(), xid, DhcpWire.REQUEST, selecting);
    broadcast(query);
  }

  /** Whether ARP finds somebody at the address that it was given (RFC 2131, section 4.4.1). */
  private boolean isTaken(Inet4Address given) {
    if (!machine.strikes(Fault.ADDRESS_TAKEN)) {
      return false;
    }
    Inet4Address first = taken.orElse(given);
    taken = Optional.of(first);
    return first.equals(given);
  }

  /** And waits as section 3.1 of RFC 2131 has it. */
  private void declines(
      int xid, Map<Integer, byte[]> options, Inet4Address address, byte[] server) {
    Map<Integer, byte[]> declining = new HashMap<>(options);
    declining.put(50, address.getAddress());
    declining.put(54, server);
    Query query = DhcpQuestions.query(machine.hardware(), xid, DhcpWire.DECLINE, declining);
    broadcast(query);
    machine.pass(AFTER_DECLINE);
  }

  private Optional<Answer> ask(
      Mailbox mailbox, int xid, int type, Map<Integer, byte[]> options, int expected, Duration wait)
      throws Setback {
    Query query = DhcpQuestions.query(machine.hardware(), xid, type, options);
    broadcast(query);
    if (machine.strikes(Fault.OFFERS_LOST)) {
      machine.pass(wait);
      return Optional.empty();
    }
    return answer(mailbox, expected, wait);
  }

  private Optional<Answer> answer(Mailbox mailbox, int expected, Duration wait) throws Setback {
    Duration end = world.time().passed().plus(wait);
    while (true) {
      Optional<byte[]> packet = take(mailbox, end);
      if (packet.isEmpty()) {
        return Optional.empty();
      }
      Optional<Answer> answer = DhcpWire.read(packet.get(), machine.hardware().macBytes());
      if (answer.filter(a -> a.type() == DhcpWire.NAK).isPresent()) {
        throw new Setback("dhcp: refused (DHCPNAK)");
      }
      if (answer.filter(a -> a.type() == expected).isPresent()) {
        return answer;
      }
    }
  }

  private static Optional<byte[]> take(Mailbox mailbox, Duration end) {
    try {
      return mailbox.take(end);
    } catch (InterruptedException e) {
      throw new PulledPlug();
    }
  }

  /** UEFI's second question, by unicast to the server of the offer. */
  private Answer bootServer(Map<Integer, byte[]> options) throws Setback {
    int xid = random.nextInt();
    Query bare = DhcpQuestions.query(machine.hardware(), xid, DhcpWire.REQUEST, options);
    Query query =
        new Query(
            xid, 0, false, machine.hardware().address(), bare.giaddr(), bare.mac(), bare.options());
    Mailbox mailbox = new Mailbox(world.time());
    world.network().listen(xid, mailbox);
    try {
      for (Duration wait : WAITS) {
        world
            .network()
            .ask(query.bytes(), new InetSocketAddress(machine.hardware().address(), PROXY), true);
        Optional<Answer> answer = answer(mailbox, DhcpWire.ACK, wait);
        if (answer.isPresent()) {
          return answer.get();
        }
      }
    } finally {
      world.network().leave(xid);
    }
    throw new Setback("pxe: no answer from the boot server's port 4011");
  }
}
