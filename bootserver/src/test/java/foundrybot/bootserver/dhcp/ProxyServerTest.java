// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.BootClient.Program;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ProxyServerTest {
  private final TestNet net =
      new TestNet(
          List.of(TestNet.NETWORK),
          new Mode.Proxy(),
          (client, self) ->
              client.program() == Program.IPXE
                  ? new BootDecision.Url(URI.create("http://127.0.0.1/boot"), "iPXE runs")
                  : new BootDecision.Program("snponly.efi", "firmware"),
          Reservations.of(Map.of()));

  @AfterEach
  void close() {
    net.close();
  }

  @Test
  void aRelayedDiscoverIsAnsweredToTheRelaysOwnPortWithItsOptionEchoed() {
    DhcpOption agent = DhcpOption.text(DhcpOption.RELAY_AGENT, "\1\4port");
    DhcpMessage offer = net.ask(Messages.with(Messages.pxe(7), agent));
    assertEquals(Optional.of(MessageType.OFFER), offer.type());
    assertEquals(TestNet.RELAY, offer.giaddr());
    assertEquals(agent, offer.options().getLast());
    assertEquals("snponly.efi", offer.file());
    assertEquals(TestNet.SERVER, offer.siaddr());
    assertEquals(Ipv4.ANY, offer.yiaddr());
  }

  /** Where the system gives a relay any port, it asks for the answer there (RFC 8357). */
  @Test
  void aRelayThatAsksForItIsAnsweredAtThePortThatItSentFrom() {
    DhcpOption agent = DhcpOption.text(DhcpOption.RELAY_AGENT, "\1\4port\23\0");
    try (DatagramSocket other = TestNet.socket(TestNet.RELAY, 0)) {
      DhcpMessage discover = Messages.with(Messages.pxe(7), agent);
      TestNet.send(
          other,
          Messages.encoded(Messages.relayed(discover, TestNet.RELAY)),
          net.settings.ports().server());
      DhcpMessage offer = TestNet.receive(other);
      assertEquals(Optional.of(MessageType.OFFER), offer.type());
      assertEquals(agent, offer.options().getLast());
    }
    DhcpOption inside = DhcpOption.text(DhcpOption.RELAY_AGENT, "\1\2\23\0");
    assertEquals(
        Optional.of(MessageType.OFFER), net.ask(Messages.with(Messages.pxe(7), inside)).type());
  }

  /** There UEFI firmware asks again, at port 4011; the relay that stands between serves none. */
  @Test
  void aProxyOfferNamesTheBootServerAlsoWhereTheRelayStandsBetweenClientAndServer() {
    DhcpOption override = DhcpOption.text(DhcpOption.RELAY_AGENT, "\13\4\177\0\0\2");
    DhcpMessage offer = net.ask(Messages.with(Messages.pxe(7), override));
    assertEquals(Optional.of(TestNet.SERVER), offer.address(DhcpOption.SERVER_ID));
    assertEquals(TestNet.SERVER, offer.siaddr());
    assertEquals(override, offer.options().getLast());
  }

  /** A relay sends what is not to be broadcast to the address that it gives; this gives none. */
  @Test
  void aRelayIsToldToBroadcastWhatGivesNoAddress() {
    DhcpMessage discover = Messages.pxe(7);
    assertEquals(0, discover.flags());
    assertEquals(DhcpMessage.BROADCAST, net.ask(discover).flags());
    TestNet.send(net.client, unrelayedRequest(), net.settings.ports().proxy());
    assertEquals(0, TestNet.receive(net.client).flags(), "no relay, and an address of its own");
  }

  private static DhcpMessage unrelayedRequest() {
    return Messages.from(
        Messages.with(
            Messages.without(Messages.pxe(0), DhcpOption.MESSAGE_TYPE),
            MessageType.REQUEST.option()),
        Messages.ip("127.0.0.3"));
  }

  @Test
  void anIpxeGetsTheScriptAndNeverTheProgramAgain() {
    assertEquals("http://127.0.0.1/boot", net.ask(Messages.ipxe(7)).file());
  }

  @Test
  void aRequestOnTheServerPortIsNeverAnsweredButTellsWhichAddressTheSiteGave() {
    DhcpMessage request =
        Messages.with(
            Messages.request(Messages.MAC, MessageType.REQUEST, Messages.vendorClass("PXEClient")),
            Messages.architectures(7),
            DhcpOption.address(DhcpOption.SERVER_ID, Messages.ip("127.0.0.77")),
            DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, Messages.ip("127.0.0.99")));
    net.sendRelayed(request);
    net.expectSilence(net.relay, "dhcp.other-server", 1);
    assertEquals(
        "server=127.0.0.77 address=127.0.0.99",
        net.events("dhcp.other-server").getFirst().detail());
    String detail = net.events("dhcp.request").getFirst().detail();
    assertTrue(detail.contains("server=127.0.0.77 requested=127.0.0.99"), detail);
    assertEquals(Optional.of(Messages.MAC), net.events("dhcp.request").getFirst().mac());
    net.sendRelayed(Messages.without(request, DhcpOption.SERVER_ID));
    net.expectSilence(net.relay, "dhcp.ignored", 1);
    assertEquals(1, net.server().counters().get("dhcp.ignored.other-server"));
    assertEquals(1, net.server().counters().get("dhcp.ignored.proxy-mode"));
  }

  @Test
  void aRequestOnTheProxyPortIsAcknowledgedToWhereItCameFrom() {
    TestNet.send(net.client, unrelayedRequest(), net.settings.ports().proxy());
    DhcpMessage ack = TestNet.receive(net.client);
    assertEquals(Optional.of(MessageType.ACK), ack.type());
    assertEquals("snponly.efi", ack.file());
    assertEquals(Optional.of(Octets.text("PXEClient")), ack.option(DhcpOption.VENDOR_CLASS));
  }

  /** Some routers pass port 4011 on as they do 67, and wait for the answer at 67. */
  @Test
  void whatARelaySendsToTheProxyPortIsAnsweredToTheRelaysOwnPort() {
    DhcpMessage relayed = Messages.relayed(unrelayedRequest(), TestNet.RELAY);
    try (DatagramSocket other = TestNet.socket(TestNet.RELAY, 0)) {
      TestNet.send(other, relayed, net.settings.ports().proxy());
      assertEquals(Optional.of(MessageType.ACK), TestNet.receive(net.relay).type());
    }
    // A client that has kept the relay's address of its offer, and comes by itself.
    TestNet.send(net.client, relayed, net.settings.ports().proxy());
    assertEquals(Optional.of(MessageType.ACK), TestNet.receive(net.client).type());
  }

  @Test
  void whatIsNotADhcpMessageIsCountedAndNotAnswered() {
    TestNet.send(net.client, Unpooled.wrappedBuffer(new byte[20]), net.settings.ports().server());
    TestNet.send(net.client, Unpooled.wrappedBuffer(new byte[1900]), net.settings.ports().proxy());
    net.expectSilence(net.client, "dhcp.malformed", 2);
    assertEquals(
        Map.of("dhcp.malformed.too-short", 1L, "dhcp.malformed.too-long", 1L),
        net.server().counters());
  }

  @Test
  void otherClientsAndOtherServersAreIgnoredWithTheirReason() {
    net.sendRelayed(Messages.request(Messages.MAC, MessageType.DISCOVER));
    DhcpMessage reply = Messages.pxe(7);
    net.sendRelayed(
        new DhcpMessage(
            2,
            1,
            0,
            1,
            0,
            0,
            Ipv4.ANY,
            Ipv4.ANY,
            Ipv4.ANY,
            Ipv4.ANY,
            reply.chaddr(),
            "",
            "",
            reply.options()));
    TestNet.send(
        net.client,
        Messages.relayed(Messages.pxe(7), Ipv4.BROADCAST),
        net.settings.ports().server());
    DhcpMessage leaseQuery =
        Messages.with(
            Messages.without(Messages.pxe(7), DhcpOption.MESSAGE_TYPE),
            DhcpOption.u8(DhcpOption.MESSAGE_TYPE, 10));
    net.sendRelayed(leaseQuery);
    net.sendRelayed(Messages.without(leaseQuery, DhcpOption.MESSAGE_TYPE));
    net.expectSilence(net.relay, "dhcp.ignored", 5);
    Map<String, Long> counters = net.server().counters();
    assertEquals(1, counters.get("dhcp.ignored.not-booting"));
    assertEquals(1, counters.get("dhcp.ignored.unknown-type"));
    assertEquals(1, counters.get("dhcp.ignored.bootp"));
    assertEquals("option 53: 10 (expected: 1..8)", lastIgnored(2));
    assertEquals(1, counters.get("dhcp.ignored.reply"));
    assertEquals(1, counters.get("dhcp.ignored.bad-relay"));
  }

  private String lastIgnored(int fromTheEnd) {
    var ignored = net.events("dhcp.ignored");
    return ignored.get(ignored.size() - fromTheEnd).detail();
  }

  @Test
  void aPortInUseIsOneLineEvenWhereTheOtherProgramAllowsReuse() throws IOException {
    try (DatagramSocket other = new DatagramSocket(null)) {
      other.setReuseAddress(true);
      other.bind(new InetSocketAddress("0.0.0.0", 0));
      DhcpSettings settings =
          DhcpSettings.on(
              TestNet.NETWORK,
              new Mode.Proxy(),
              new DhcpSettings.Ports(TestNet.freePort(), 1068, other.getLocalPort(), 1067));
      assertRefused(
          settings, "udp port " + other.getLocalPort() + " of 0.0.0.0: in use by another program");
      DhcpSettings again = DhcpSettings.on(TestNet.NETWORK, new Mode.Proxy(), net.settings.ports());
      assertRefused(again, "in use by another program");
    }
  }

  @Test
  void anAddressOrInterfaceThatIsNotHereIsOneLine() {
    DhcpSettings.Ports ports =
        new DhcpSettings.Ports(TestNet.freePort(), 1068, TestNet.freePort(), 1067);
    assertRefused(
        DhcpSettings.on(
            DhcpNetwork.on(Optional.empty(), Messages.ip("192.0.2.1"), 24),
            new Mode.Proxy(),
            ports),
        "no interface carries this address");
    assertRefused(
        DhcpSettings.on(
            DhcpNetwork.on(Optional.of("nonesuch"), TestNet.SERVER, 24), new Mode.Proxy(), ports),
        "interface: nonesuch (expected: one of ");
  }

  private void assertRefused(DhcpSettings settings, String part) {
    BindException e =
        assertThrows(
            BindException.class,
            () ->
                DhcpServer.start(
                    settings,
                    net.loops,
                    (client, self) -> new BootDecision.Ignore("test"),
                    Reservations.of(Map.of()),
                    net.store,
                    event -> {},
                    net.clock));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(part) && !message.contains("\n"), message);
  }
}
