// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BindException;
import io.netty.handler.codec.dns.DnsSection;
import java.io.IOException;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server's own zone, by real sockets, read with netty's decoder. */
@Timeout(180)
class DnsServerTest {
  private DnsRig rig = new DnsRig();

  @AfterEach
  void stop() {
    rig.close();
  }

  private void restart(DnsSettings.Limits limits) {
    rig.close();
    rig = new DnsRig(limits, settings -> settings);
  }

  @Test
  void anAddressIsToldByUdpAndByTcpAlike() throws IOException {
    byte[] query = Wire.query(4711, "etcd-1.alpha.rack", Wire.A);
    byte[] answer = rig.udp(query);
    assertEquals(List.of("etcd-1.alpha.rack. A 10.77.0.11"), Wire.answers(answer));
    assertEquals(4711, Wire.id(answer));
    assertArrayEquals(answer, rig.tcp(query));
    assertEquals(1, rig.count("queries.udp"));
    assertEquals(1, rig.count("queries.tcp"));
  }

  @Test
  void theAnswerSaysAuthorityAndCopiesWhatTheQuestionWanted() throws IOException {
    byte[] query = Wire.query(1, "etcd-1.alpha.rack", Wire.A);
    assertEquals(0x8500, Wire.flags(rig.udp(query)), "QR AA RD");
    query[2] = 0;
    query[3] = 0x10;
    assertEquals(0x8410, Wire.flags(rig.udp(query)), "QR AA CD");
    try (DnsRig forwarding = new DnsRig(new java.net.InetSocketAddress(DnsRig.LOCAL, 1))) {
      assertEquals(0x8490, Wire.flags(forwarding.udp(query)), "QR AA RA CD");
      assertEquals(0x8410, Wire.flags(forwarding.udpFrom(DnsRig.STRANGER, query)), "no RA");
    }
  }

  @Test
  void theQuestionComesBackInItsOwnSpelling() throws IOException {
    byte[] query = Wire.query(1, "eTcD-1.ALPHA.rack", Wire.A);
    byte[] answer = rig.udp(query);
    assertEquals(List.of("eTcD-1.ALPHA.rack. A 10.77.0.11"), Wire.answers(answer));
  }

  @Test
  void servicesAndReverseNamesAreToldWithWhatBelongsToThem() throws IOException {
    byte[] services = rig.udp(Wire.query(1, "_etcd-server-ssl._tcp.alpha.rack", Wire.SRV));
    assertEquals(
        List.of(
            "_etcd-server-ssl._tcp.alpha.rack. SRV 0 100 2380 etcd-1.alpha.rack.",
            "_etcd-server-ssl._tcp.alpha.rack. SRV 0 100 2380 etcd-2.alpha.rack."),
        Wire.answers(services));
    assertEquals(
        List.of(
            "etcd-1.alpha.rack. A 10.77.0.11",
            "etcd-1.alpha.rack. AAAA fd00:0:0:0:0:0:0:11",
            "etcd-2.alpha.rack. A 10.77.0.12"),
        Wire.records(services, DnsSection.ADDITIONAL));
    assertEquals(
        List.of("12.0.77.10.in-addr.arpa. PTR etcd-2.alpha.rack."),
        Wire.answers(rig.udp(Wire.query(1, "12.0.77.10.in-addr.arpa", Wire.PTR))));
  }

  @Test
  void whatIsNotThereIsSaidWithTheZonesAuthority() throws IOException {
    byte[] noName = rig.udp(Wire.query(1, "nobody.alpha.rack", Wire.A));
    byte[] noData = rig.udp(Wire.query(1, "etcd-2.alpha.rack", Wire.AAAA));
    assertEquals(3, Wire.rcode(noName));
    assertEquals(0, Wire.rcode(noData));
    for (byte[] answer : List.of(noName, noData)) {
      assertEquals(0, Wire.count(answer, 1));
      assertEquals(List.of("alpha.rack. SOA "), Wire.records(answer, DnsSection.AUTHORITY));
    }
    assertEquals(1, rig.count("answered.no-name"));
    assertEquals(1, rig.count("answered.no-data"));
  }

  @Test
  void whoSpeaksEdnsIsAnsweredInEdns() throws IOException {
    byte[] answer = rig.udp(Wire.ednsQuery(1, "etcd-1.alpha.rack", Wire.A, 4096));
    assertEquals(List.of(". OPT "), Wire.records(answer, DnsSection.ADDITIONAL));
    byte[] newer =
        Wire.join(
            Wire.u16(1, 0, 1, 0, 0, 1),
            Wire.question("etcd-1.alpha.rack", Wire.A),
            Wire.opt(4096, 1, true));
    byte[] refused = rig.udp(newer);
    assertEquals(0, Wire.count(refused, 1));
    // OPT: root, type, our size, the code's upper part (BADVERS is 16), our version 0, DO copied.
    byte[] opt = java.util.Arrays.copyOfRange(refused, refused.length - 11, refused.length);
    assertArrayEquals(Wire.join(new byte[1], Wire.u16(41, 1232, 0x0100, 0x8000, 0)), opt);
  }

  @Test
  void whatDoesNotFitIsCutAndWholeByTcp() throws IOException {
    List<ZoneData.Host> hosts =
        IntStream.range(0, 60).mapToObj(i -> ZoneTest.host("member-" + i, "10.77.1." + i)).toList();
    List<ZoneData.Service> services =
        hosts.stream().map(h -> new ZoneData.Service("_x._tcp", 1, h.label())).toList();
    rig.zone = Zone.of(new ZoneData("alpha.rack", "ns", List.of(), 1, 60, hosts, services));
    byte[] plain = Wire.query(1, "_x._tcp.alpha.rack", Wire.SRV);
    byte[] edns = Wire.ednsQuery(1, "_x._tcp.alpha.rack", Wire.SRV, 65_535);
    for (byte[] query : List.of(plain, edns)) {
      byte[] cut = rig.udp(query);
      assertEquals(0x0200, Wire.flags(cut) & 0x0200, "TC");
      assertEquals(0, Wire.count(cut, 1));
      assertTrue(cut.length <= query.length + 11, "no larger than the question");
      byte[] whole = rig.tcp(query);
      assertEquals(0, Wire.flags(whole) & 0x0200);
      assertEquals(60, Wire.answers(whole).size());
    }
  }

  @Test
  void additionalRecordsThatDoNotFitAreLeftOutWithoutAWord() throws IOException {
    List<ZoneData.Host> hosts =
        IntStream.range(0, 10).mapToObj(i -> ZoneTest.host("m" + i, "10.77.1." + i)).toList();
    List<ZoneData.Service> services =
        hosts.stream().map(h -> new ZoneData.Service("_x._tcp", 1, h.label())).toList();
    rig.zone = Zone.of(new ZoneData("alpha.rack", "ns", List.of(), 1, 60, hosts, services));
    byte[] answer = rig.udp(Wire.query(1, "_x._tcp.alpha.rack", Wire.SRV));
    assertEquals(0, Wire.flags(answer) & 0x0200);
    assertEquals(10, Wire.count(answer, 1));
    assertEquals(0, Wire.count(answer, 3));
    assertTrue(answer.length <= 512);
  }

  @Test
  void aStrangerNeverGetsMoreThan512Octets() throws IOException {
    List<ZoneData.Host> hosts =
        IntStream.range(0, 25).mapToObj(i -> ZoneTest.host("m" + i, "10.77.1." + i)).toList();
    List<ZoneData.Service> services =
        hosts.stream().map(h -> new ZoneData.Service("_x._tcp", 1, h.label())).toList();
    rig.zone = Zone.of(new ZoneData("alpha.rack", "ns", List.of(), 1, 60, hosts, services));
    byte[] query = Wire.ednsQuery(1, "_x._tcp.alpha.rack", Wire.SRV, 4096);
    byte[] forUs = rig.udp(query);
    assertTrue(forUs.length > 512 && forUs.length <= 1232, () -> forUs.length + " octets");
    byte[] forStranger = rig.udpFrom(DnsRig.STRANGER, query);
    assertEquals(0x0200, Wire.flags(forStranger) & 0x0200);
    assertTrue(forStranger.length <= query.length);
  }

  @Test
  void anyTransfersAndStrangeOpcodesGetNextToNothing() throws IOException {
    byte[] any = rig.udp(Wire.query(1, "etcd-1.alpha.rack", Wire.ANY));
    assertEquals(1, Wire.count(any, 1));
    assertTrue(any.length < 70);
    byte[] transfer = Wire.query(1, "alpha.rack", 252);
    assertEquals(5, Wire.rcode(rig.udp(transfer)));
    assertEquals(5, Wire.rcode(rig.tcp(transfer)));
    for (int opcode : new int[] {1, 2, 3, 4, 5, 6, 15}) {
      byte[] strange = Wire.query(1, "alpha.rack", Wire.A);
      strange[2] = (byte) (opcode << 3);
      byte[] answer = rig.udp(strange);
      assertEquals(12, answer.length);
      assertEquals(0x8000 | opcode << 11 | 4, Wire.flags(answer), "QR, opcode, NOTIMP");
    }
    assertEquals(2, rig.count("refused.transfer"));
    assertEquals(7, rig.count("malformed.opcode"));
  }

  @Test
  void whatIsNotOursIsRefusedWithoutResolvers() throws IOException {
    assertEquals(0x8105, Wire.flags(rig.udp(Wire.query(1, "example.org", Wire.A))));
    assertEquals(1, rig.count("refused.no-resolvers"));
    assertEquals("dns.refused", rig.events.getFirst().kind());
  }

  @Test
  void aNewZoneIsInForceAtOnce() throws IOException {
    byte[] query = Wire.query(1, "late.alpha.rack", Wire.A);
    assertEquals(3, Wire.rcode(rig.udp(query)));
    rig.zone =
        Zone.of(
            new ZoneData(
                "alpha.rack",
                "ns",
                List.of(),
                2,
                60,
                List.of(ZoneTest.host("late", "10.77.0.99")),
                List.of()));
    assertEquals(List.of("late.alpha.rack. A 10.77.0.99"), Wire.answers(rig.udp(query)));
  }

  @Test
  void manyQuestionsOfOneConnectionAreAllAnswered() throws IOException {
    try (Socket socket = rig.connect()) {
      List<byte[]> questions = new ArrayList<>();
      Set<Integer> expected = new HashSet<>();
      for (int id = 0; id < 500; id++) {
        questions.add(DnsRig.framed(Wire.query(id, "etcd-1.alpha.rack", Wire.A)));
        expected.add(id);
      }
      byte[] all = Wire.join(questions.toArray(byte[][]::new));
      // In two pieces, cut in the middle of a question.
      socket.getOutputStream().write(all, 0, 1001);
      socket.getOutputStream().flush();
      socket.getOutputStream().write(all, 1001, all.length - 1001);
      Set<Integer> answered = new HashSet<>();
      while (answered.size() < expected.size()) {
        byte[] answer = DnsRig.read(socket);
        assertEquals(1, Wire.count(answer, 1));
        answered.add(Wire.id(answer));
      }
      assertEquals(expected, answered);
    }
  }

  @Test
  void aConnectionThatSendsNoWholeQuestionInTimeIsClosed() throws IOException {
    restart(DnsRig.PATIENT.withConnections(10, 10, 4, Duration.ofMillis(200)));
    try (Socket socket = rig.connect()) {
      socket.getOutputStream().write(new byte[] {0, 40, 1, 2, 3});
      assertEquals(-1, socket.getInputStream().read());
    }
    assertEquals(1, rig.count("idle"));
  }

  @Test
  void oneConnectionTooManyIsClosedAndItsPlaceIsFreeAgainLater() throws Exception {
    restart(DnsRig.PATIENT.withConnections(10, 2, 4, Duration.ofMinutes(1)));
    byte[] question = DnsRig.framed(Wire.query(1, "etcd-1.alpha.rack", Wire.A));
    try (Socket first = rig.connect();
        Socket second = rig.connect()) {
      for (Socket socket : List.of(first, second)) {
        socket.getOutputStream().write(question);
        DnsRig.read(socket);
      }
      try (Socket third = rig.connect()) {
        assertEquals(-1, third.getInputStream().read());
      }
    }
    assertTrue(rig.count("refused.connections") >= 1);
    for (int tries = 0; ; tries++) {
      try {
        rig.tcp(Wire.query(1, "etcd-1.alpha.rack", Wire.A));
        break;
      } catch (IOException e) {
        // The server may learn a little later that the first two are closed.
        assertTrue(tries < 600, "the place never became free");
        Thread.sleep(50);
      }
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    DnsSettings settings = DnsSettings.on(DnsRig.LOCAL, rig.server.port());
    BindException fault =
        assertThrows(
            BindException.class,
            () -> DnsServer.start(settings, rig.loops, () -> rig.zone, _ -> {}, Clock.systemUTC()));
    assertTrue(String.valueOf(fault.getMessage()).startsWith("DNS: udp port " + rig.server.port()));
  }
}
