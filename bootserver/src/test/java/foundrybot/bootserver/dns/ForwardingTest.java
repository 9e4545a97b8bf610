// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.VirtualClock;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is not ours, asked of resolvers on loopback. */
@Timeout(180)
class ForwardingTest {
  private static final byte[] QUERY = Wire.query(77, "www.example.org", Wire.A);
  private static final DnsSettings.Limits HASTY =
      DnsSettings.Limits.USUAL.withForwards(64, 16, Duration.ofMillis(300), 2);

  private static StubResolver.Script address(long ttl) {
    return (query, _) -> List.of(StubResolver.address(query, ttl, 7));
  }

  private static long ttl(byte[] message) {
    DnsResponse response = Wire.response(message);
    long ttl = response.recordAt(DnsSection.ANSWER).timeToLive();
    response.release();
    return ttl;
  }

  @Test
  void aResolversAnswerIsPassedOnAsNotOurs() throws Exception {
    try (StubResolver resolver = new StubResolver(address(300));
        DnsRig rig = new DnsRig(resolver.address())) {
      byte[] answer = rig.udp(QUERY);
      assertEquals(List.of("www.example.org. A 192.0.2.7"), Wire.answers(answer));
      assertEquals(77, Wire.id(answer));
      assertEquals(0x8180, Wire.flags(answer), "QR RD RA, not AA");
      assertEquals(0, Wire.count(answer, 3), "no OPT for who sent none");
      byte[] edns = rig.udp(Wire.ednsQuery(78, "www.example.org", Wire.A, 1232));
      assertEquals(List.of(". OPT "), Wire.records(edns, DnsSection.ADDITIONAL));
    }
  }

  @Test
  void anAnswerIsKeptForItsTimeAndGrowsOlder() throws Exception {
    try (StubResolver resolver = new StubResolver(address(300));
        DnsRig rig = new DnsRig(resolver.address())) {
      assertEquals(300, ttl(rig.udp(QUERY)));
      rig.clock.advance(Duration.ofSeconds(299));
      byte[] cached = rig.tcp(Wire.query(5, "WWW.EXAMPLE.org", Wire.A));
      assertEquals(1, ttl(cached));
      assertEquals(List.of("WWW.EXAMPLE.org. A 192.0.2.7"), Wire.answers(cached));
      assertEquals(5, Wire.id(cached));
      assertEquals(1, resolver.asked.size());
      rig.clock.advance(Duration.ofSeconds(1));
      assertEquals(300, ttl(rig.udp(QUERY)));
      assertEquals(2, resolver.asked.size());
      assertEquals(1, rig.count("forward.cached"));
    }
  }

  @Test
  void noSuchNameIsKeptAsLongAsItsAuthoritySays() throws Exception {
    StubResolver.Script negative =
        (query, _) ->
            List.of(
                StubResolver.answer(
                    query,
                    0x8183,
                    0,
                    1,
                    Wire.record(Wire.pointer(16), Wire.SOA, 900, Wire.soa(20))));
    try (StubResolver resolver = new StubResolver(negative);
        DnsRig rig = new DnsRig(resolver.address())) {
      assertEquals(3, Wire.rcode(rig.udp(QUERY)));
      rig.clock.advance(Duration.ofSeconds(19));
      assertEquals(3, Wire.rcode(rig.udp(QUERY)));
      assertEquals(1, resolver.asked.size());
      rig.clock.advance(Duration.ofSeconds(1));
      assertEquals(3, Wire.rcode(rig.udp(QUERY)));
      assertEquals(2, resolver.asked.size());
      resolver.says((query, _) -> List.of(StubResolver.answer(query, 0x8183, 0, 0)));
      byte[] other = Wire.query(1, "other.example.org", Wire.A);
      assertEquals(3, Wire.rcode(rig.udp(other)));
      assertEquals(3, Wire.rcode(rig.udp(other)));
      assertEquals(4, resolver.asked.size(), "without an authority it is not kept");
    }
  }

  @Test
  void answersThatHoldNoTimeAreNotKept() throws Exception {
    try (StubResolver resolver = new StubResolver(address(0));
        DnsRig rig = new DnsRig(resolver.address())) {
      rig.udp(QUERY);
      resolver.says(address(0xffff_ffffL));
      assertEquals(0, ttl(rig.udp(QUERY)), "with the top bit set a TTL is 0");
      rig.udp(QUERY);
      assertEquals(3, resolver.asked.size());
    }
  }

  @Test
  void everyQuestionHasItsOwnIdAndPort() throws Exception {
    try (StubResolver resolver = new StubResolver(address(0));
        DnsRig rig = new DnsRig(resolver.address())) {
      Set<Integer> ids = new HashSet<>();
      Set<Integer> ports = new HashSet<>();
      for (int i = 0; i < 32; i++) {
        rig.udp(QUERY);
        StubResolver.Asked asked = resolver.next();
        ids.add(Wire.id(asked.query()));
        ports.add(asked.port());
      }
      assertTrue(ids.size() > 24, ids::toString);
      assertTrue(ports.size() > 16, ports::toString);
    }
  }

  @Test
  void forgedAnswersAreCountedAndTheTrueOneIsWaitedFor() throws Exception {
    StubResolver.Script forger =
        (query, _) -> {
          byte[] wrongId = StubResolver.address(query, 60, 66);
          wrongId[0] ^= 1;
          byte[] wrongName =
              StubResolver.address(Wire.query(Wire.id(query), "evil.example.org", Wire.A), 60, 66);
          byte[] wrongType =
              StubResolver.address(
                  Wire.query(Wire.id(query), "www.example.org", Wire.AAAA), 60, 66);
          byte[] loop =
              StubResolver.answer(
                  query, 0x8180, 1, 0, Wire.record(Wire.pointer(33), Wire.A, 60, new byte[4]));
          byte[] cut = java.util.Arrays.copyOf(StubResolver.address(query, 60, 66), 50);
          byte[] counts = StubResolver.address(query, 60, 66);
          counts[6] = (byte) 0xff;
          return List.of(
              wrongId,
              wrongName,
              wrongType,
              loop,
              cut,
              counts,
              query,
              new byte[0],
              new byte[1],
              StubResolver.address(query, 60, 7));
        };
    try (StubResolver resolver = new StubResolver(forger);
        DnsRig rig = new DnsRig(resolver.address())) {
      assertEquals(List.of("www.example.org. A 192.0.2.7"), Wire.answers(rig.udp(QUERY)));
      assertEquals(1, rig.count("forward.malformed.id"));
      assertEquals(2, rig.count("forward.malformed.question"));
      assertEquals(1, rig.count("forward.malformed.no-answer"));
      assertEquals(1, rig.count("forward.malformed.pointer"));
      assertEquals(1, rig.count("forward.malformed.opt"), "among the answers, by its counts");
      assertTrue(rig.count("forward.malformed.truncated") >= 2);
    }
  }

  @Test
  void aSilentAndAClosedResolverArePassedOver() throws Exception {
    InetSocketAddress closed;
    try (DatagramSocket unused = new DatagramSocket(new InetSocketAddress(DnsRig.LOCAL, 0))) {
      closed = new InetSocketAddress(DnsRig.LOCAL, unused.getLocalPort());
    }
    try (StubResolver silent = new StubResolver((_, _) -> List.of());
        StubResolver good = new StubResolver(address(0));
        DnsRig rig =
            new DnsRig(HASTY, settings -> settings, silent.address(), closed, good.address())) {
      assertEquals(List.of("www.example.org. A 192.0.2.7"), Wire.answers(rig.udp(QUERY)));
      assertEquals(1, silent.asked.size());
      assertTrue(rig.count("forward.timeout") >= 1);
      assertTrue(rig.count("forward.unreachable") >= 1);
      rig.udp(QUERY);
      assertEquals(1, silent.asked.size(), "who answered last is asked first");
    }
  }

  @Test
  void aResolverThatFailsIsPassedOverAndIfAllFailTheClientIsTold() throws Exception {
    StubResolver.Script refusing = (query, _) -> List.of(StubResolver.answer(query, 0x8185, 0, 0));
    try (StubResolver bad = new StubResolver(refusing);
        StubResolver good = new StubResolver(address(0));
        DnsRig rig = new DnsRig(bad.address(), good.address())) {
      assertEquals(0, Wire.rcode(rig.udp(QUERY)));
      good.says(refusing);
      byte[] failed = rig.udp(QUERY);
      assertEquals(0x8182, Wire.flags(failed), "QR RD RA SERVFAIL");
      assertEquals(1, rig.count("forward.failed"));
      assertEquals("dns.failed", rig.events.getLast().kind());
    }
  }

  @Test
  void aCutAnswerIsAskedForByTcpAndCutAgainForTheClientByUdp() throws Exception {
    byte[] text = Wire.join(new byte[] {(byte) 200}, new byte[200]);
    StubResolver.Script large =
        (query, tcp) ->
            List.of(
                tcp
                    ? StubResolver.answer(
                        query,
                        0x8180,
                        8,
                        0,
                        java.util.Collections.nCopies(
                                8, Wire.record(Wire.pointer(12), Wire.TXT, 60, text))
                            .toArray(byte[][]::new))
                    : StubResolver.answer(query, 0x8380, 0, 0));
    byte[] query = Wire.query(3, "long.example.org", Wire.TXT);
    try (StubResolver resolver = new StubResolver(large);
        DnsRig rig = new DnsRig(resolver.address())) {
      byte[] whole = rig.tcp(query);
      assertEquals(8, Wire.count(whole, 1));
      assertEquals(false, resolver.next().tcp());
      assertEquals(true, resolver.next().tcp());
      byte[] cut = rig.udp(query);
      assertEquals(0x8380, Wire.flags(cut));
      assertEquals(query.length, cut.length);
      assertNull(resolver.asked.poll(), "the whole one was kept");
    }
  }

  @Test
  void aResolverThatDoesNotKnowEdnsIsAskedWithoutIt() throws Exception {
    StubResolver.Script old =
        (query, _) ->
            List.of(
                Wire.count(query, 3) == 1
                    ? Wire.u16(Wire.id(query), 0x8181, 0, 0, 0, 0)
                    : StubResolver.address(query, 60, 7));
    try (StubResolver resolver = new StubResolver(old);
        DnsRig rig = new DnsRig(resolver.address())) {
      assertEquals(List.of("www.example.org. A 192.0.2.7"), Wire.answers(rig.udp(QUERY)));
      assertEquals(1, rig.count("forward.without-edns"));
    }
  }

  @Test
  void strangersAndWhoDoesNotWantRecursionAreRefusedAlsoWhatIsKept() throws Exception {
    try (StubResolver resolver = new StubResolver(address(300));
        DnsRig rig = new DnsRig(resolver.address())) {
      rig.udp(QUERY);
      byte[] refused = rig.udpFrom(DnsRig.STRANGER, QUERY);
      assertEquals(0x8105, Wire.flags(refused));
      assertEquals(QUERY.length, refused.length);
      byte[] plain = QUERY.clone();
      plain[2] = 0;
      assertEquals(5, Wire.rcode(rig.udp(plain)));
      assertEquals(1, resolver.asked.size());
      assertEquals(1, rig.count("refused.not-local"));
      assertEquals(1, rig.count("refused.no-recursion"));
      byte[] ours = Wire.query(1, "etcd-1.alpha.rack", Wire.A);
      assertEquals(0, Wire.rcode(rig.udpFrom(DnsRig.STRANGER, ours)), "our own zone is for all");
    }
  }

  @Test
  void oneQuestionOfManyClientsIsAskedOnceAndTooManyAreTurnedAway() throws Exception {
    int most = DnsRig.PATIENT.pendingPerPeer();
    java.util.concurrent.CountDownLatch open = new java.util.concurrent.CountDownLatch(1);
    StubResolver.Script held =
        (query, _) -> {
          try {
            open.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          return List.of(StubResolver.address(query, 300, 7));
        };
    try (StubResolver resolver = new StubResolver(held);
        DnsRig rig = new DnsRig(resolver.address());
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(DnsRig.LOCAL, 0))) {
      socket.setSoTimeout(60_000);
      for (int i = 0; i < most + 1; i++) {
        rig.send(socket, QUERY);
      }
      assertEquals(2, Wire.rcode(DnsRig.receive(socket)), "SERVFAIL for the one too many");
      open.countDown();
      for (int i = 0; i < most; i++) {
        assertEquals(1, Wire.count(DnsRig.receive(socket), 1));
      }
      assertEquals(1, resolver.asked.size());
      assertEquals(most - 1L, rig.count("forward.shared"));
      assertEquals(1, rig.count("forward.too-many"));
    }
  }

  @Test
  void dotsInLabelsStayDotsInLabels() throws Exception {
    byte[] odd =
        Wire.join(
            Wire.u16(9, 0x0100, 1, 0, 0, 0),
            new byte[] {7, 'a', '.', 'a', 'l', 'p', 'h', 'a', 4, 'r', 'a', 'c', 'k', 0},
            Wire.u16(Wire.A, 1));
    try (StubResolver resolver = new StubResolver(address(60));
        DnsRig rig = new DnsRig(resolver.address())) {
      byte[] answer = rig.udp(odd);
      assertEquals(1, rig.count("forward.answered"), "it is no name of our zone");
      byte[] asked = resolver.next().query();
      assertEquals(Wire.id(odd), Wire.id(answer));
      org.junit.jupiter.api.Assertions.assertArrayEquals(
          Wire.questionOf(odd), Wire.questionOf(asked));
    }
  }

  @Test
  void theCacheIsBounded() throws IOException, Malformed {
    DnsSettings.Limits usual = DnsSettings.Limits.USUAL;
    DnsSettings.Limits few =
        new DnsSettings.Limits(
            usual.datagram(),
            1,
            1,
            1,
            usual.idle(),
            1,
            1,
            usual.patience(),
            1,
            3,
            usual.longestTtl(),
            usual.longestNegativeTtl());
    AnswerCache cache = new AnswerCache(few, new VirtualClock());
    for (int i = 0; i < 10; i++) {
      byte[] query = Wire.query(1, "n" + i + ".example.org", Wire.A);
      Question question = new WireReader(query, 12).question();
      Relayed answer = Relayed.of(StubResolver.address(query, 60, i), 1, question);
      cache.keep(new AnswerCache.Key(question, false, false), answer);
      assertTrue(cache.find(new AnswerCache.Key(question, false, false)).isPresent());
      int first = Math.max(0, i - 2);
      byte[] gone = Wire.query(1, "n" + (first - 1) + ".example.org", Wire.A);
      assertTrue(
          cache
              .find(new AnswerCache.Key(new WireReader(gone, 12).question(), false, false))
              .isEmpty());
    }
  }
}
