// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpNetwork.Pool;
import foundrybot.bootserver.dhcp.DhcpNetwork.Presence;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import foundrybot.bootserver.dhcp.DhcpSettings.Ports;
import foundrybot.bootserver.dhcp.Inquiry.Heard;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several networks: two that we are on, one behind a relay. */
final class NetworksTest {
  private static final Inet4Address FIRST = TestNet.SERVER;
  private static final Inet4Address SECOND = Messages.ip("127.0.1.1");
  private static final Inet4Address RELAY_OF_SECOND = Messages.ip("127.0.1.2");
  private static final Inet4Address FAR_RELAY = Messages.ip("127.0.2.2");
  private static final MacAddress KNOWN = new MacAddress(0x525400770009L);
  private static final Inet4Address RESERVED = Messages.ip("127.0.2.50");
  private static final DhcpNetwork FAR =
      new DhcpNetwork(
          Messages.ip("127.0.2.0"),
          24,
          Optional.empty(),
          Optional.of(new Pool(Messages.ip("127.0.2.100"), Messages.ip("127.0.2.109"))),
          List.of(FAR_RELAY),
          List.of());

  private static final List<DhcpNetwork> NETWORKS =
      List.of(
          leasing(DhcpNetwork.on(Optional.empty(), FIRST, 24), "127.0.0.100"),
          leasing(DhcpNetwork.on(Optional.empty(), SECOND, 24), "127.0.1.100"),
          FAR);

  private static final BootPolicy POLICY =
      (client, self) ->
          client.program() == foundrybot.bootserver.BootClient.Program.IPXE
              ? new BootDecision.Url(
                  URI.create("http://" + self.getHostAddress() + "/boot"), "iPXE runs")
              : new BootDecision.Program("snponly.efi", "firmware");

  private final TestNet net =
      new TestNet(
          NETWORKS,
          new Mode.Server(Optional.of("rack.test"), Duration.ofHours(1), true),
          POLICY,
          Reservations.of(Map.of(KNOWN, RESERVED)));
  private final DatagramSocket secondRelay =
      TestNet.socket(RELAY_OF_SECOND, net.settings.ports().relay());
  private final DatagramSocket farRelay = TestNet.socket(FAR_RELAY, net.settings.ports().relay());

  private static DhcpNetwork leasing(DhcpNetwork network, String first) {
    Inet4Address address = Messages.ip(first);
    return network.leasing(address, Ipv4.of(Ipv4.bits(address) + 9), List.of(), List.of());
  }

  @AfterEach
  void close() {
    net.close();
    secondRelay.close();
    farRelay.close();
  }

  private static DhcpMessage discover(long mac) {
    return Messages.request(new MacAddress(mac), MessageType.DISCOVER);
  }

  private DhcpMessage relayed(
      DhcpMessage message, DatagramSocket relay, Inet4Address giaddr, Inet4Address to) {
    TestNet.send(
        relay,
        Messages.encoded(Messages.relayed(message, giaddr)),
        to,
        net.settings.ports().server());
    return TestNet.receive(relay, relay.equals(secondRelay) ? SECOND : FIRST);
  }

  @Test
  void theRelaysAddressSelectsTheSubnet() {
    DhcpMessage far = relayed(discover(1), farRelay, FAR_RELAY, FIRST);
    assertEquals(Messages.ip("127.0.2.100"), far.yiaddr());
    assertEquals(Optional.of(FAR_RELAY), far.address(DhcpOption.ROUTERS));
    assertEquals(Optional.of(FIRST), far.address(DhcpOption.SERVER_ID));
    DhcpMessage second = relayed(discover(1), secondRelay, RELAY_OF_SECOND, SECOND);
    assertEquals(Messages.ip("127.0.1.100"), second.yiaddr());
    assertEquals(Optional.of(SECOND), second.address(DhcpOption.SERVER_ID));
  }

  @Test
  void linkSelectionOfTheRelayComesBeforeItsAddress() {
    DhcpOption link = DhcpOption.text(DhcpOption.RELAY_AGENT, "\5\4\177\0\2\0\1\2ab");
    DhcpMessage offer =
        relayed(Messages.with(discover(1), link), secondRelay, RELAY_OF_SECOND, FIRST, FIRST);
    assertEquals(Messages.ip("127.0.2.100"), offer.yiaddr());
    assertEquals(link, offer.options().getLast());
  }

  /** Virtual subnet and its control (RFC 6607) go back as they came: we do not go by them. */
  @Test
  void ciscosNumbersOfTheRelaysSubOptionsAreUnderstood() {
    DhcpOption agent =
        DhcpOption.text(
            DhcpOption.RELAY_AGENT, "\226\4\177\0\2\0\227\4\0vrf\230\4\177\0\1\2\1\2ab");
    DhcpMessage offer =
        relayed(Messages.with(discover(1), agent), secondRelay, RELAY_OF_SECOND, FIRST, FIRST);
    assertEquals(Messages.ip("127.0.2.100"), offer.yiaddr());
    assertEquals(Optional.of(RELAY_OF_SECOND), offer.address(DhcpOption.SERVER_ID));
    assertEquals(agent, offer.options().getLast());
    DhcpOption control = DhcpOption.text(DhcpOption.RELAY_AGENT, "\227\4\0vrf\230\0");
    DhcpMessage plain =
        relayed(Messages.with(discover(2), control), secondRelay, RELAY_OF_SECOND, SECOND);
    assertEquals(Optional.of(SECOND), plain.address(DhcpOption.SERVER_ID));
    assertEquals(control, plain.options().getLast());
  }

  private DhcpMessage relayed(
      DhcpMessage message,
      DatagramSocket relay,
      Inet4Address giaddr,
      Inet4Address to,
      Inet4Address expectedFrom) {
    TestNet.send(
        relay,
        Messages.encoded(Messages.relayed(message, giaddr)),
        to,
        net.settings.ports().server());
    return TestNet.receive(relay, expectedFrom);
  }

  @Test
  void aRelayMayPutItselfInThePlaceOfTheServer() {
    DhcpOption override = DhcpOption.text(DhcpOption.RELAY_AGENT, "\13\4\177\0\2\2");
    DhcpMessage offer = relayed(Messages.with(discover(1), override), farRelay, FAR_RELAY, FIRST);
    assertEquals(Optional.of(FAR_RELAY), offer.address(DhcpOption.SERVER_ID));
    DhcpMessage request =
        Messages.request(
            new MacAddress(1),
            MessageType.REQUEST,
            DhcpOption.address(DhcpOption.SERVER_ID, FAR_RELAY),
            DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, offer.yiaddr()),
            override);
    DhcpMessage ack = relayed(request, farRelay, FAR_RELAY, FIRST);
    assertEquals(Optional.of(MessageType.ACK), ack.type());
    assertEquals(Optional.of(FAR_RELAY), ack.address(DhcpOption.SERVER_ID));
  }

  @Test
  void aMachineThatRenewsByUnicastIsKnownByItsAddressNotByTheWire() {
    DhcpMessage offer = relayed(discover(1), farRelay, FAR_RELAY, FIRST);
    DhcpMessage select =
        Messages.request(
            new MacAddress(1),
            MessageType.REQUEST,
            DhcpOption.address(DhcpOption.SERVER_ID, FIRST),
            DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, offer.yiaddr()));
    assertEquals(Optional.of(MessageType.ACK), relayed(select, farRelay, FAR_RELAY, FIRST).type());
    try (DatagramSocket machine = TestNet.socket(offer.yiaddr(), net.settings.ports().client())) {
      DhcpMessage renew =
          Messages.from(Messages.request(new MacAddress(1), MessageType.REQUEST), offer.yiaddr());
      TestNet.send(machine, Messages.encoded(renew), FIRST, net.settings.ports().server());
      DhcpMessage ack = TestNet.receive(machine, FIRST);
      assertEquals(Optional.of(MessageType.ACK), ack.type());
      assertEquals(offer.yiaddr(), ack.yiaddr());
    }
  }

  @Test
  void aReservedAddressHoldsInItsNetworkAndElseThePoolIsUsed() {
    DhcpMessage known = Messages.request(KNOWN, MessageType.DISCOVER);
    assertEquals(RESERVED, relayed(known, farRelay, FAR_RELAY, FIRST).yiaddr());
    assertEquals(
        Messages.ip("127.0.1.100"), relayed(known, secondRelay, RELAY_OF_SECOND, SECOND).yiaddr());
  }

  @Test
  void leasesOfAllNetworksSurviveARestart() {
    for (int i = 0; i < 2; i++) {
      DatagramSocket relay = i == 0 ? farRelay : secondRelay;
      Inet4Address giaddr = i == 0 ? FAR_RELAY : RELAY_OF_SECOND;
      Inet4Address server = i == 0 ? FIRST : SECOND;
      DhcpMessage offer = relayed(discover(1), relay, giaddr, server);
      DhcpMessage select =
          Messages.request(
              new MacAddress(1),
              MessageType.REQUEST,
              DhcpOption.address(DhcpOption.SERVER_ID, server),
              DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, offer.yiaddr()));
      assertEquals(Optional.of(MessageType.ACK), relayed(select, relay, giaddr, server).type());
    }
    net.restart();
    assertEquals(
        Messages.ip("127.0.2.101"), relayed(discover(2), farRelay, FAR_RELAY, FIRST).yiaddr());
    assertEquals(
        Messages.ip("127.0.1.101"),
        relayed(discover(2), secondRelay, RELAY_OF_SECOND, SECOND).yiaddr());
  }

  @Test
  void everyUrlHasTheAddressOfTheNetworkThatTheMachineIsOn() {
    DhcpMessage offer = relayed(Messages.ipxe(7), secondRelay, RELAY_OF_SECOND, SECOND);
    assertEquals("http://127.0.1.1/boot", offer.file());
    assertEquals(SECOND, offer.siaddr());
    DhcpMessage far = relayed(Messages.ipxe(7), farRelay, FAR_RELAY, FIRST);
    assertEquals("http://127.0.0.1/boot", far.file());
    assertEquals(FIRST, far.siaddr());
  }

  @Test
  void port4011AnswersAsTheAddressThatWasAsked() {
    DhcpMessage request =
        Messages.from(
            Messages.with(
                Messages.without(Messages.pxe(7), DhcpOption.MESSAGE_TYPE),
                MessageType.REQUEST.option()),
            Messages.ip("127.0.0.3"));
    TestNet.send(net.client, Messages.encoded(request), SECOND, net.settings.ports().proxy());
    DhcpMessage ack = TestNet.receive(net.client, SECOND);
    assertEquals(SECOND, ack.siaddr());
    assertEquals(Optional.of(SECOND), ack.address(DhcpOption.SERVER_ID));
  }

  /** Broadcasts cannot be had on loopback; in network namespaces they are. */
  @Test
  void inProxyModeABroadcastIsAnsweredAsTheAddressOfItsNetwork() {
    DhcpSettings settings = new DhcpSettings(NETWORKS, new Mode.Proxy(), Ports.STANDARD);
    BootResponder responder = new BootResponder(settings, new Networks(settings, Map.of()), POLICY);
    for (int i = 0; i < 2; i++) {
      Inquiry inquiry =
          Inquiry.of(
              Messages.ipxe(7),
              MessageType.DISCOVER,
              new InetSocketAddress("0.0.0.0", 68),
              new Heard(NETWORKS.get(i), true));
      Outcome.Reply reply = (Outcome.Reply) responder.onServerPort(inquiry);
      Inet4Address expected = i == 0 ? FIRST : SECOND;
      assertEquals(expected, reply.from());
      assertEquals(expected, reply.message().siaddr());
      assertTrue(reply.message().file().contains(expected.getHostAddress()));
      assertEquals(new InetSocketAddress(Ipv4.BROADCAST, 68), reply.to());
    }
  }

  @Test
  void onAWireWithTwoSubnetsTheReservationOrTheWantedAddressTellsWhichAndElseThePool() {
    Presence one = new Presence(Messages.ip("10.77.0.1"), Optional.of("eth0"));
    Presence two = new Presence(Messages.ip("10.78.0.1"), Optional.of("eth0"));
    DhcpNetwork bare =
        new DhcpNetwork(
            one.address(), 24, Optional.of(one), Optional.empty(), List.of(), List.of());
    DhcpNetwork pooled =
        new DhcpNetwork(
            two.address(),
            24,
            Optional.of(two),
            Optional.of(new Pool(Messages.ip("10.78.0.9"), Messages.ip("10.78.0.9"))),
            List.of(),
            List.of());
    Networks networks =
        new Networks(
            new DhcpSettings(List.of(bare, pooled), new Mode.Proxy(), Ports.STANDARD),
            Map.of(one, "eth0", two, "eth0"));
    InetSocketAddress nobody = new InetSocketAddress("0.0.0.0", 68);
    Heard heard = new Heard(bare, true);
    Inquiry plain = Inquiry.of(discover(1), MessageType.DISCOVER, nobody, heard);
    assertEquals(Optional.of(pooled), networks.where(plain, Optional.empty()));
    assertEquals(Optional.of(bare), networks.where(plain, Optional.of(Messages.ip("10.77.0.5"))));
    DhcpMessage reboot =
        Messages.with(
            discover(1),
            DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, Messages.ip("10.77.0.7")));
    assertEquals(
        Optional.of(bare),
        networks.where(Inquiry.of(reboot, MessageType.DISCOVER, nobody, heard), Optional.empty()));
  }
}
