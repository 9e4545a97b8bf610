// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.AddressProber.Finding;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpNetwork.Pool;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What is done about addresses that somebody may be on already. */
final class ProbesTest {
  private static final Inet4Address FIRST = Messages.ip("10.99.0.100");
  private static final Inet4Address SECOND = Messages.ip("10.99.0.101");
  private static final MacAddress A = new MacAddress(0x52540077_000aL);
  private static final Finding IN_USE = new Finding.InUse("52:54:00:00:00:99 answers ARP");

  /** Answers when it is told to. */
  private static final class TestProber implements AddressProber {
    private record Asked(Inet4Address address, boolean onLink, CompletableFuture<Finding> answer) {}

    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<Finding> probe(
        Inet4Address address, MacAddress candidate, boolean onLink) {
      CompletableFuture<Finding> answer = new CompletableFuture<>();
      asked.add(new Asked(address, onLink, answer));
      return answer;
    }

    Asked await(int number) {
      long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      while (asked.size() <= number) {
        assertTrue(System.nanoTime() < end, "not probed: " + number);
        Thread.onSpinWait();
      }
      return asked.get(number);
    }

    @Override
    public void close() {}
  }

  /** A relay's link selection brings machines to a network that is not on loopback. */
  private static final DhcpOption LINK = DhcpOption.text(DhcpOption.RELAY_AGENT, "\5\4\12\143\0\1");

  private final TestProber prober = new TestProber();

  private TestNet net(Pool pool, Reservations reservations) {
    DhcpNetwork far =
        new DhcpNetwork(
            Messages.ip("10.99.0.0"),
            24,
            Optional.empty(),
            Optional.of(pool),
            List.of(),
            List.of());
    return new TestNet(
        List.of(TestNet.NETWORK, far),
        new Mode.Server(Optional.empty(), Duration.ofHours(1), true),
        (client, self) -> new BootDecision.Ignore("test"),
        reservations,
        prober);
  }

  private TestNet net() {
    return net(new Pool(FIRST, Messages.ip("10.99.0.120")), Reservations.of(Map.of()));
  }

  private static DhcpMessage discover(MacAddress mac) {
    return Messages.request(mac, MessageType.DISCOVER, LINK);
  }

  private static DhcpMessage select(MacAddress mac, Inet4Address address) {
    return Messages.request(
        mac,
        MessageType.REQUEST,
        DhcpOption.address(DhcpOption.SERVER_ID, TestNet.SERVER),
        DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, address),
        LINK);
  }

  @Test
  void anAddressIsOfferedWhenNobodyAnswersOnIt() {
    try (TestNet net = net()) {
      net.sendRelayed(discover(A));
      TestProber.Asked asked = prober.await(0);
      assertEquals(FIRST, asked.address());
      assertFalse(asked.onLink(), "it is behind a relay");
      net.expectSilence(net.relay, "dhcp.discover", 1);
      asked.answer().complete(new Finding.Free());
      assertEquals(FIRST, TestNet.receive(net.relay).yiaddr());
    }
  }

  @Test
  void anAddressThatIsInUseIsSetAsideAndAnotherOneTaken() {
    try (TestNet net = net()) {
      net.sendRelayed(discover(A));
      prober.await(0).answer().complete(IN_USE);
      prober.await(1).answer().complete(new Finding.Free());
      assertEquals(SECOND, TestNet.receive(net.relay).yiaddr());
      String detail = net.events("dhcp.conflict").getFirst().detail();
      assertTrue(
          detail.startsWith("address=10.99.0.100 left out until")
              && detail.endsWith("52:54:00:00:00:99 answers ARP"),
          detail);
      assertEquals(1, net.server().counters().get("dhcp.conflict"));
      Lease saved = net.store.load().getFirst();
      assertEquals(Lease.State.DECLINED, saved.state());
      assertEquals(FIRST, saved.address());
      net.restart();
      net.sendRelayed(discover(new MacAddress(0x52540077_000bL)));
      assertEquals(SECOND, prober.await(2).address(), "the first one is still in quarantine");
    }
  }

  @Test
  void aDoubtfulAddressIsLeftAloneForSecondsOnly() {
    try (TestNet net = net(new Pool(FIRST, FIRST), Reservations.of(Map.of()))) {
      net.sendRelayed(discover(A));
      prober.await(0).answer().complete(new Finding.Doubtful("somebody was there"));
      net.expectSilence(net.relay, "dhcp.ignored", 1);
      assertEquals(List.of(), net.store.load());
      net.clock.advance(Duration.ofSeconds(11));
      net.sendRelayed(discover(A));
      prober.await(1).answer().complete(new Finding.Free());
      assertEquals(FIRST, TestNet.receive(net.relay).yiaddr());
    }
  }

  @Test
  void whoHadItsAddressLatelyIsNotProbed() {
    try (TestNet net = net()) {
      net.sendRelayed(discover(A));
      prober.await(0).answer().complete(new Finding.Free());
      Inet4Address address = TestNet.receive(net.relay).yiaddr();
      assertEquals(Optional.of(MessageType.ACK), net.ask(select(A, address)).type());
      net.clock.advance(Duration.ofMinutes(90));
      assertEquals(address, net.ask(discover(A)).yiaddr());
      net.clock.advance(Duration.ofHours(3));
      net.sendRelayed(discover(A));
      assertEquals(address, prober.await(1).address(), "gone for hours: somebody may be there");
    }
  }

  @Test
  void aReservedAddressIsNotProbed() {
    Inet4Address reserved = Messages.ip("10.99.0.50");
    try (TestNet net = net(new Pool(FIRST, SECOND), Reservations.of(Map.of(A, reserved)))) {
      assertEquals(reserved, net.ask(discover(A)).yiaddr());
      assertEquals(0, prober.asked.size());
    }
  }

  private static final MacAddress B = new MacAddress(0x52540077_000bL);
  private static final Inet4Address RESERVED = Messages.ip("10.99.0.50");

  /** Reservations of a rack file that is changed: a board was replaced, and has another MAC. */
  private static final class Rack implements Reservations {
    private volatile Map<MacAddress, Inet4Address> nodes;

    Rack(Map<MacAddress, Inet4Address> nodes) {
      this.nodes = nodes;
    }

    @Override
    public Optional<Inet4Address> reservation(MacAddress mac) {
      return Optional.ofNullable(nodes.get(mac));
    }

    @Override
    public Optional<MacAddress> owner(Inet4Address address) {
      return nodes.entrySet().stream()
          .filter(entry -> entry.getValue().equals(address))
          .map(Map.Entry::getKey)
          .findFirst();
    }

    @Override
    public boolean isKnown(MacAddress mac) {
      return nodes.containsKey(mac);
    }
  }

  @Test
  void aReplacedMachineGetsTheAddressOfTheOldOneIfNobodyAnswersThere() {
    Rack rack = new Rack(Map.of(A, RESERVED));
    try (TestNet net = net(new Pool(FIRST, SECOND), rack)) {
      assertEquals(RESERVED, net.ask(discover(A)).yiaddr());
      assertEquals(Optional.of(MessageType.ACK), net.ask(select(A, RESERVED)).type());
      rack.nodes = Map.of(B, RESERVED);
      net.restart();
      net.sendRelayed(discover(B));
      TestProber.Asked asked = prober.await(0);
      assertEquals(RESERVED, asked.address());
      net.sendRelayed(discover(B));
      net.awaitEvents("dhcp.discover", 3);
      asked.answer().complete(new Finding.Free());
      assertEquals(RESERVED, TestNet.receive(net.relay).yiaddr());
      assertEquals(Optional.of(MessageType.ACK), net.ask(select(B, RESERVED)).type());
      assertEquals(Optional.of(MessageType.NAK), net.ask(select(A, RESERVED)).type());
      assertEquals(B, net.store.lease(RESERVED).orElseThrow().mac());
    }
  }

  @Test
  void whereTheOldMachineStillAnswersItsAddressIsNotGivenAway() {
    Rack rack = new Rack(Map.of(A, RESERVED));
    try (TestNet net = net(new Pool(FIRST, SECOND), rack)) {
      net.ask(discover(A));
      net.ask(select(A, RESERVED));
      rack.nodes = Map.of(B, RESERVED);
      for (int probe = 0; probe < 2; probe++) {
        net.sendRelayed(discover(B));
        prober.await(probe).answer().complete(IN_USE);
        net.expectSilence(net.relay, "dhcp.conflict", probe + 1);
        net.awaitEvents("dhcp.ignored", probe + 1);
        String detail = net.events("dhcp.ignored").getLast().detail();
        assertTrue(detail.startsWith("10.99.0.50 is reserved for it, but left out until "), detail);
        net.clock.advance(Duration.ofMinutes(11));
      }
    }
  }

  @Test
  void anotherMachineOfTheRackKeepsItsLeaseOfAnAddressThatIsReservedLater() {
    Rack rack = new Rack(Map.of(A, RESERVED));
    try (TestNet net = net(new Pool(FIRST, SECOND), rack)) {
      net.ask(discover(A));
      net.ask(select(A, RESERVED));
      rack.nodes = Map.of(A, Messages.ip("10.99.0.51"), B, RESERVED);
      net.sendRelayed(discover(B));
      net.expectSilence(net.relay, "dhcp.ignored", 1);
      String detail = net.events("dhcp.ignored").getLast().detail();
      assertTrue(
          detail.startsWith("10.99.0.50 is reserved for it, but leased to " + A + " until "),
          detail);
      assertEquals(0, prober.asked.size());
    }
  }

  @Test
  void aClientThatRepeatsItselfGetsOneAnswerToItsLastMessage() {
    try (TestNet net = net()) {
      net.sendRelayed(discover(A));
      TestProber.Asked asked = prober.await(0);
      DhcpMessage again = Messages.with(discover(A), DhcpOption.text(DhcpOption.CLIENT_ID, "2"));
      net.sendRelayed(again);
      net.awaitEvents("dhcp.discover", 2);
      asked.answer().complete(new Finding.Free());
      DhcpMessage offer = TestNet.receive(net.relay);
      assertEquals(Optional.of(Octets.text("2")), offer.option(DhcpOption.CLIENT_ID));
      net.expectSilence(net.relay, "dhcp.offer", 1);
      assertEquals(1, prober.asked.size());
    }
  }

  @Test
  void aClientThatStartsOverWhileItsAddressIsProbedIsAnsweredWhenTheProbeEnds() {
    try (TestNet net = net()) {
      net.sendRelayed(discover(A));
      TestProber.Asked asked = prober.await(0);
      DhcpMessage anew = Messages.withXid(discover(A), 0x7777);
      net.sendRelayed(anew);
      net.awaitEvents("dhcp.discover", 2);
      asked.answer().complete(new Finding.Free());
      DhcpMessage offer = TestNet.receive(net.relay);
      assertEquals(0x7777, offer.xid());
      assertEquals(FIRST, offer.yiaddr());
    }
  }

  @Test
  void anAddressIsNotGivenBeforeItWasOffered() {
    try (TestNet net = net()) {
      net.sendRelayed(discover(A));
      prober.await(0);
      assertEquals(Optional.of(MessageType.NAK), net.ask(select(A, FIRST)).type());
    }
  }

  @Test
  void aDiscoverTriesSoManyAddressesAndNoMore() {
    try (TestNet net = net()) {
      net.sendRelayed(discover(A));
      for (int i = 0; i < 4; i++) {
        prober.await(i).answer().complete(IN_USE);
      }
      net.expectSilence(net.relay, "dhcp.ignored", 1);
      assertEquals(4, prober.asked.size());
      assertEquals(1, net.server().counters().get("dhcp.ignored.all-in-use"));
    }
  }

  /** Time that passes when it is told to. */
  private static final class ManualTimer implements Probes.Timer {
    private record Due(Duration at, Runnable task) {}

    private final List<Due> dues = new ArrayList<>();
    private Duration now = Duration.ZERO;

    @Override
    public void after(Duration delay, Runnable task) {
      dues.add(new Due(now.plus(delay), task));
    }

    void advance(Duration by) {
      now = now.plus(by);
      List<Due> ripe = dues.stream().filter(due -> due.at().compareTo(now) <= 0).toList();
      dues.removeAll(ripe);
      ripe.forEach(due -> due.task().run());
    }
  }

  @Test
  void aProberThatSaysNothingCostsHalfASecond() {
    ManualTimer timer = new ManualTimer();
    Probes probes = new Probes(prober, Runnable::run, timer);
    List<Finding> found = new ArrayList<>();
    probes.ask(FIRST, A, true, found::add);
    timer.advance(Duration.ofMillis(499));
    assertEquals(List.of(), found);
    timer.advance(Duration.ofMillis(1));
    assertEquals(List.of(new Finding.Free()), found);
    prober.await(0).answer().complete(IN_USE);
    assertEquals(1, found.size(), "too late is not told");
    assertFalse(probes.isAsked(FIRST));
  }

  @Test
  void soManyAreAskedAtOneTimeAndNoMore() {
    ManualTimer timer = new ManualTimer();
    Probes probes = new Probes(prober, Runnable::run, timer);
    for (int i = 0; i < Probes.MAX_IN_FLIGHT; i++) {
      assertFalse(probes.isFull());
      probes.ask(Ipv4.of(i + 1), A, true, finding -> {});
    }
    assertTrue(probes.isFull());
    prober.await(0).answer().completeExceptionally(new IllegalStateException("broken"));
    assertFalse(probes.isFull(), "a prober that fails does not hold its place");
    timer.advance(Probes.LIMIT);
    assertFalse(probes.isAsked(Ipv4.of(7)));
  }
}
