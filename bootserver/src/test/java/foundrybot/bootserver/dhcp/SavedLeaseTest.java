// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import io.netty.buffer.Unpooled;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is acknowledged is in the store before, and is not written where it is there already. */
final class SavedLeaseTest {
  private static final MacAddress A = new MacAddress(0x52540077_000aL);
  private static final MacAddress B = new MacAddress(0x52540077_000bL);
  private static final MacAddress C = new MacAddress(0x52540077_000cL);
  private static final Inet4Address FIRST = Messages.ip("127.0.0.100");
  private static final Inet4Address SECOND = Messages.ip("127.0.0.101");
  private static final Duration TIME = Duration.ofHours(1);

  /** For as long as that a lease is not written again. */
  private static final Duration COVERED = Duration.ofMinutes(15);

  private final TestNet net =
      new TestNet(
          List.of(TestNet.NETWORK.leasing(FIRST, SECOND, List.of(), List.of())),
          new Mode.Server(Optional.empty(), TIME, true),
          (client, self) -> new BootDecision.Ignore("test"),
          Reservations.of(Map.of()));

  @AfterEach
  void close() {
    net.close();
  }

  private static DhcpMessage discover(MacAddress mac) {
    return Messages.request(mac, MessageType.DISCOVER);
  }

  private static DhcpMessage request(MacAddress mac, Inet4Address address) {
    return Messages.request(
        mac, MessageType.REQUEST, DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, address));
  }

  private static DhcpMessage select(MacAddress mac, Inet4Address address) {
    return Messages.with(
        request(mac, address), DhcpOption.address(DhcpOption.SERVER_ID, TestNet.SERVER));
  }

  private static DhcpMessage renew(MacAddress mac, Inet4Address address) {
    return Messages.from(Messages.request(mac, MessageType.REQUEST), address);
  }

  private static DhcpMessage release(MacAddress mac, Inet4Address address) {
    return Messages.from(Messages.request(mac, MessageType.RELEASE), address);
  }

  private static DhcpMessage decline(MacAddress mac, Inet4Address address) {
    return Messages.request(
        mac, MessageType.DECLINE, DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, address));
  }

  /** What the store holds must cover what the client was just promised. */
  private DhcpMessage acknowledged(DhcpMessage ack, MacAddress mac) {
    assertEquals(Optional.of(MessageType.ACK), ack.type());
    Lease saved = net.store.lease(ack.yiaddr()).orElseThrow();
    long promised = ack.option(DhcpOption.LEASE_TIME).orElseThrow().u32(0);
    assertEquals(TIME.toSeconds(), promised, "a client gets the whole time, always");
    assertTrue(
        saved.state() == Lease.State.BOUND
            && saved.mac().equals(mac)
            && !saved.until().isBefore(net.clock.instant().plusSeconds(promised)),
        "promised more than is saved: " + saved + " at " + net.clock.instant());
    return ack;
  }

  private Inet4Address lease(MacAddress mac) {
    Inet4Address offered = net.ask(discover(mac)).yiaddr();
    return acknowledged(net.ask(select(mac, offered)), mac).yiaddr();
  }

  @Test
  void whatTheStoreCoversIsNotWrittenAgainAndWhatItDoesNotIs() {
    Inet4Address a = lease(A);
    assertEquals(1, net.store.saves());
    lease(A);
    net.clock.advance(COVERED);
    acknowledged(net.ask(request(A, a)), A);
    acknowledged(net.ask(renew(A, a)), A);
    lease(A);
    assertEquals(1, net.store.saves());
    net.clock.advance(Duration.ofSeconds(1));
    acknowledged(net.ask(renew(A, a)), A);
    assertEquals(2, net.store.saves());
  }

  @Test
  void aPromiseThatWasNotWrittenSurvivesARestartForItsWholeTime() {
    Inet4Address a = lease(A);
    net.clock.advance(COVERED);
    lease(A);
    assertEquals(1, net.store.saves());
    net.restart();
    assertEquals(SECOND, lease(B));
    net.clock.advance(TIME.minusSeconds(1));
    net.sendRelayed(discover(C));
    net.expectSilence(net.relay, "dhcp.ignored", 1);
    acknowledged(net.ask(renew(A, a)), A);
    net.restart();
    acknowledged(net.ask(request(A, a)), A);
    assertEquals(3, net.store.saves(), "what was read from the store counts as well");
  }

  @Test
  void aReleaseAndADeclineAreWrittenAtOnceAndTheNextLeaseAfterThem() {
    Inet4Address a = lease(A);
    net.sendRelayed(release(A, a));
    net.awaitEvents("dhcp.release", 1);
    acknowledged(net.ask(request(A, a)), A);
    assertEquals(3, net.store.saves());
    net.sendRelayed(release(A, a));
    net.awaitEvents("dhcp.release", 2);
    net.restart();
    assertEquals(Lease.State.RELEASED, net.store.lease(a).orElseThrow().state());

    assertEquals(a, lease(A));
    net.sendRelayed(decline(A, a));
    net.awaitEvents("dhcp.decline", 1);
    net.restart();
    assertEquals(Lease.State.DECLINED, net.store.lease(a).orElseThrow().state());
  }

  @Test
  void whileAReleaseIsBeingWrittenTheOldLeaseIsNotCountedOn() {
    Inet4Address a = lease(A);
    CompletableFuture<Void> disk = new CompletableFuture<>();
    net.store.gate(disk);
    net.sendRelayed(release(A, a));
    net.awaitEvents("dhcp.release", 1);
    net.sendRelayed(request(A, a));
    net.expectSilence(net.relay, "dhcp.request", 2);
    disk.complete(null);
    acknowledged(TestNet.receive(net.relay), A);
    assertEquals(3, net.store.saves());
  }

  @Test
  void whenTheStoreHasFailedTheOldLeaseIsNotCountedOn() {
    Inet4Address a = lease(A);
    net.store.gate(CompletableFuture.failedFuture(new IllegalStateException("disk full")));
    net.sendRelayed(release(A, a));
    net.awaitEvents("dhcp.ignored", 1);
    net.sendRelayed(request(A, a));
    net.expectSilence(net.relay, "dhcp.ignored", 2);
    net.store.gate(CompletableFuture.completedFuture(null));
    acknowledged(net.ask(request(A, a)), A);
  }

  /** A seeded run of whatever clients do, over crashes, with a store that sometimes fails. */
  @Test
  void noAcknowledgementPromisesMoreThanIsSaved() {
    Random random = new Random(11);
    int acknowledgements = 0;
    for (int i = 0; i < 400; i++) {
      MacAddress mac = List.of(A, A, A, B, B, B, C).get(random.nextInt(7));
      Inet4Address address = mac.equals(A) != (random.nextInt(8) == 0) ? FIRST : SECOND;
      net.store.gate(
          random.nextInt(8) == 0
              ? CompletableFuture.failedFuture(new IllegalStateException("disk full"))
              : CompletableFuture.completedFuture(null));
      int step = random.nextInt(24);
      if (step == 0) {
        net.restart();
      } else if (step < 3) {
        net.clock.advance(Duration.ofSeconds(random.nextInt(900)));
      } else {
        DhcpMessage message =
            switch (step) {
              case 3 -> decline(mac, address);
              case 4 -> release(mac, address);
              case 5, 6, 7, 8 -> discover(mac);
              case 9, 10, 11 -> request(mac, address);
              case 12, 13, 14 -> renew(mac, address);
              default -> select(mac, address);
            };
        Optional<DhcpMessage> answer = answer(message);
        if (answer.flatMap(DhcpMessage::type).equals(Optional.of(MessageType.ACK))) {
          acknowledged(answer.orElseThrow(), mac);
          acknowledgements++;
        }
      }
    }
    assertTrue(
        acknowledgements > 70 && net.store.saves() < acknowledgements * 2,
        "acknowledged: " + acknowledgements + ", saved: " + net.store.saves());
  }

  private Optional<DhcpMessage> answer(DhcpMessage message) {
    int before = answers();
    net.sendRelayed(message);
    // Each is taken after all that came before; what a save leaves to be done is done between.
    for (int i = 0; i < 2; i++) {
      int malformed = net.events("dhcp.malformed").size();
      TestNet.send(net.client, Unpooled.wrappedBuffer(new byte[20]), net.settings.ports().server());
      net.awaitEvents("dhcp.malformed", malformed + 1);
    }
    return answers() > before ? Optional.of(TestNet.receive(net.relay)) : Optional.empty();
  }

  private int answers() {
    return net.events("dhcp.offer").size()
        + net.events("dhcp.ack").size()
        + net.events("dhcp.nak").size();
  }
}
