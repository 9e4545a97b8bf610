// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LeaseServerTest {
  private static final MacAddress RESERVED = new MacAddress(0x52540077_0050L);
  private static final MacAddress A = new MacAddress(0x52540077_000aL);
  private static final MacAddress B = new MacAddress(0x52540077_000bL);
  private static final MacAddress C = new MacAddress(0x52540077_000cL);
  private static final Inet4Address FIRST = Messages.ip("127.0.0.100");
  private static final Inet4Address SECOND = Messages.ip("127.0.0.101");
  private static final Inet4Address FIXED = Messages.ip("127.0.0.50");

  private final TestNet net =
      new TestNet(
          List.of(
              TestNet.NETWORK.leasing(
                  FIRST,
                  SECOND,
                  List.of(Messages.ip("127.0.0.254")),
                  List.of(Messages.ip("127.0.0.253")))),
          new Mode.Server(Optional.of("rack.test"), Duration.ofHours(1), true),
          (client, self) -> new BootDecision.Program("ipxe.efi", "test"),
          Reservations.of(Map.of(RESERVED, FIXED)));

  @AfterEach
  void close() {
    net.close();
  }

  private static DhcpMessage discover(MacAddress mac) {
    return Messages.request(mac, MessageType.DISCOVER);
  }

  private static DhcpMessage select(MacAddress mac, Inet4Address address) {
    return Messages.request(
        mac,
        MessageType.REQUEST,
        DhcpOption.address(DhcpOption.SERVER_ID, TestNet.SERVER),
        DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, address));
  }

  private static DhcpMessage reboot(MacAddress mac, Inet4Address address) {
    return Messages.without(select(mac, address), DhcpOption.SERVER_ID);
  }

  private static DhcpMessage renew(MacAddress mac, Inet4Address address) {
    return Messages.from(Messages.request(mac, MessageType.REQUEST), address);
  }

  private Inet4Address lease(MacAddress mac) {
    Inet4Address offered = net.ask(discover(mac)).yiaddr();
    DhcpMessage ack = net.ask(select(mac, offered));
    assertEquals(Optional.of(MessageType.ACK), ack.type());
    assertEquals(offered, ack.yiaddr());
    return offered;
  }

  private void expectNak(DhcpMessage request) {
    DhcpMessage nak = net.ask(request);
    assertEquals(Optional.of(MessageType.NAK), nak.type());
    assertEquals(Ipv4.ANY, nak.yiaddr());
    // A relay must broadcast it: the client has no address that it could be sent to.
    assertEquals(DhcpMessage.BROADCAST, nak.flags() & DhcpMessage.BROADCAST);
  }

  private void expectNothing(DhcpMessage request) {
    int before = net.events("dhcp.ignored").size();
    net.sendRelayed(request);
    net.expectSilence(net.relay, "dhcp.ignored", before + 1);
  }

  @Test
  void aMachineGetsALeaseWithAllThatBelongsToIt() {
    DhcpMessage offer = net.ask(discover(A));
    assertEquals(Optional.of(MessageType.OFFER), offer.type());
    assertEquals(0, offer.flags(), "the client takes unicast, and the relay has an address for it");
    DhcpMessage ack = net.ask(select(A, offer.yiaddr()));
    assertEquals(FIRST, ack.yiaddr());
    assertEquals(Optional.of(Messages.ip("255.255.255.0")), ack.address(DhcpOption.SUBNET_MASK));
    assertEquals(Optional.of(Messages.ip("127.0.0.254")), ack.address(DhcpOption.ROUTERS));
    assertEquals(Optional.of(Messages.ip("127.0.0.253")), ack.address(DhcpOption.DNS_SERVERS));
    assertEquals(Optional.of(Octets.text("rack.test")), ack.option(DhcpOption.DOMAIN_NAME));
    assertEquals(Optional.of(Octets.ofU32(3600)), ack.option(DhcpOption.LEASE_TIME));
    assertEquals(Optional.of(Octets.ofU32(1800)), ack.option(DhcpOption.RENEWAL_TIME));
    assertEquals(Optional.of(Octets.ofU32(3150)), ack.option(DhcpOption.REBINDING_TIME));
    assertEquals("", ack.file());
    assertEquals(Ipv4.ANY, ack.siaddr());
    Lease saved = net.store.load().getFirst();
    assertEquals(
        new Lease(FIRST, A, Lease.State.BOUND, net.clock.instant().plusSeconds(4500)), saved);
  }

  @Test
  void aMachineThatBootsGetsLeaseAndProgramInOneOffer() {
    DhcpMessage offer = net.ask(Messages.pxe(7));
    assertEquals(FIRST, offer.yiaddr());
    assertEquals("ipxe.efi", offer.file());
    assertEquals(TestNet.SERVER, offer.siaddr());
    assertEquals(Optional.empty(), offer.option(DhcpOption.VENDOR_CLASS));
  }

  @Test
  void aReservedAddressIsItsMachinesAlways() {
    assertEquals(FIXED, lease(RESERVED));
    assertEquals(Optional.of(MessageType.ACK), net.ask(reboot(RESERVED, FIXED)).type());
    expectNak(select(RESERVED, FIRST));
    expectNak(select(A, FIXED));
  }

  @Test
  void oneMachineKeepsOneAddressWhateverItsClientIdentifier() {
    Inet4Address address = lease(A);
    DhcpMessage installed =
        Messages.with(discover(A), DhcpOption.text(DhcpOption.CLIENT_ID, "\377a DUID"));
    DhcpMessage offer = net.ask(installed);
    assertEquals(address, offer.yiaddr());
    assertEquals(installed.option(DhcpOption.CLIENT_ID), offer.option(DhcpOption.CLIENT_ID));
  }

  @Test
  void aRequestIsNakedWhereItsAddressIsNotTheMachines() {
    lease(A);
    expectNak(select(B, FIRST));
    expectNak(reboot(A, SECOND));
    expectNak(reboot(A, Messages.ip("10.9.9.9")));
    expectNak(renew(A, SECOND));
  }

  @Test
  void aRequestIsNotAnsweredWhereItIsAnotherServersMatter() {
    expectNothing(reboot(B, SECOND));
    Inet4Address offered = net.ask(discover(A)).yiaddr();
    net.sendRelayed(
        Messages.request(
            A,
            MessageType.REQUEST,
            DhcpOption.address(DhcpOption.SERVER_ID, Messages.ip("127.0.0.77")),
            DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, offered)));
    net.expectSilence(net.relay, "dhcp.other-server", 1);
    expectNothing(Messages.request(A, MessageType.REQUEST));
  }

  /** On somebody's LAN most machines are another server's, and of other subnets of the wire. */
  @Test
  void whoGetsNoAddressesHereIsToldNothingUnlessItHasChosenUs() {
    try (TestNet closed =
        new TestNet(
            List.of(TestNet.NETWORK.leasing(FIRST, SECOND, List.of(), List.of())),
            new Mode.Server(Optional.of("rack.test"), Duration.ofHours(1), false),
            (client, self) -> new BootDecision.Ignore("test"),
            Reservations.of(Map.of(RESERVED, FIXED)))) {
      Inet4Address elsewhere = Messages.ip("10.9.9.9");
      List<DhcpMessage> asked =
          List.of(
              discover(A),
              reboot(A, elsewhere),
              reboot(A, FIRST),
              renew(A, elsewhere),
              Messages.from(Messages.request(A, MessageType.INFORM), Messages.ip("127.0.0.3")));
      asked.forEach(closed::sendRelayed);
      closed.expectSilence(closed.relay, "dhcp.ignored", asked.size());
      assertEquals(asked.size(), closed.server().counters().get("dhcp.ignored.unknown-machine"));
      assertEquals(Optional.of(MessageType.NAK), closed.ask(select(A, FIRST)).type());
      assertEquals(Optional.of(MessageType.NAK), closed.ask(reboot(RESERVED, elsewhere)).type());
    }
  }

  @Test
  void aLeaseIsRenewedAndItsAddressGoesToOthersOnlyAfterItsEnd() {
    Inet4Address a = lease(A);
    net.clock.advance(Duration.ofMinutes(30));
    assertEquals(Optional.of(MessageType.ACK), net.ask(renew(A, a)).type());
    lease(B);
    net.clock.advance(Duration.ofMinutes(45));
    expectNothing(discover(C));
    net.clock.advance(Duration.ofMinutes(31));
    assertTrue(List.of(FIRST, SECOND).contains(lease(C)));
  }

  @Test
  void anInformIsAnsweredToTheMachinesOwnAddressWithoutALease() {
    Inet4Address own = Messages.ip("127.0.0.3");
    DhcpMessage inform = Messages.from(Messages.request(A, MessageType.INFORM), own);
    TestNet.send(net.client, inform, net.settings.ports().server());
    DhcpMessage ack = TestNet.receive(net.client);
    assertEquals(Optional.of(MessageType.ACK), ack.type());
    assertEquals(own, ack.ciaddr());
    assertEquals(Ipv4.ANY, ack.yiaddr());
    assertEquals(Optional.empty(), ack.option(DhcpOption.LEASE_TIME));
    assertEquals(Optional.of(Messages.ip("127.0.0.254")), ack.address(DhcpOption.ROUTERS));
  }

  @Test
  void leasesSurviveARestart() {
    Inet4Address a = lease(A);
    net.restart();
    assertEquals(SECOND, lease(B));
    assertEquals(Optional.of(MessageType.ACK), net.ask(renew(A, a)).type());
    expectNothing(discover(C));
  }

  @Test
  void anAcknowledgementWaitsUntilTheLeaseIsSaved() {
    Inet4Address offered = net.ask(discover(A)).yiaddr();
    CompletableFuture<Void> disk = new CompletableFuture<>();
    net.store.gate(disk);
    net.sendRelayed(select(A, offered));
    net.expectSilence(net.relay, "dhcp.request", 1);
    disk.complete(null);
    assertEquals(Optional.of(MessageType.ACK), TestNet.receive(net.relay).type());
    net.clock.advance(Duration.ofMinutes(30));
    net.store.gate(CompletableFuture.failedFuture(new IllegalStateException("disk full")));
    expectNothing(select(A, offered));
    assertEquals(1, net.server().counters().get("dhcp.ignored.not-saved"));
  }

  @Test
  void aDeclinedAddressIsGivenToNobodyForAWhile() {
    Inet4Address declined = lease(A);
    DhcpMessage decline =
        Messages.request(
            A,
            MessageType.DECLINE,
            DhcpOption.address(DhcpOption.SERVER_ID, TestNet.SERVER),
            DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, declined),
            DhcpOption.text(DhcpOption.MESSAGE, "in use\n\33[1m"));
    expectNothing(
        Messages.request(
            B, MessageType.DECLINE, DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, declined)));
    net.sendRelayed(decline);
    assertNotEquals(declined, lease(A));
    String detail = net.events("dhcp.decline").getLast().detail();
    assertTrue(detail.contains("says=in use??[1m "), detail);
    net.restart();
    expectNothing(discover(B));
    net.clock.advance(Duration.ofMinutes(11));
    assertEquals(declined, lease(B));
  }

  @Test
  void aReleasedAddressIsFreeButRememberedForItsMachine() {
    Inet4Address a = lease(A);
    net.sendRelayed(Messages.from(Messages.request(A, MessageType.RELEASE), a));
    assertEquals(a, lease(A));
    net.sendRelayed(Messages.from(Messages.request(A, MessageType.RELEASE), a));
    assertEquals(SECOND, lease(B));
    assertEquals(a, lease(C));
  }

  @Test
  void aRelayOfAnotherSubnetIsNotServed() {
    TestNet.send(
        net.client,
        Messages.relayed(discover(A), Messages.ip("10.1.1.1")),
        net.settings.ports().server());
    net.expectSilence(net.relay, "dhcp.ignored", 1);
    assertEquals(1, net.server().counters().get("dhcp.ignored.other-subnet"));
  }
}
