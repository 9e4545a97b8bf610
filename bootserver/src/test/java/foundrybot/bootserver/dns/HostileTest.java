// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages of people who mean no good, and of broken programs. */
@Timeout(180)
class HostileTest {
  private static final byte[] HEADER = Wire.u16(7, 0x0100, 1, 0, 0, 0);

  static Stream<Arguments> malformed() {
    byte[] good = Wire.query(7, "etcd-1.alpha.rack", Wire.A);
    byte[] edns = Wire.ednsQuery(7, "etcd-1.alpha.rack", Wire.A, 1232);
    byte[] twoOpts = Wire.join(edns, Wire.opt(1232, 0, false));
    twoOpts[11] = 2;
    byte[] ownedOpt = Wire.join(Wire.u16(7, 0, 1, 0, 0, 1), Wire.question("a", 1));
    ownedOpt = Wire.join(ownedOpt, new byte[] {1, 'x'}, Wire.opt(1232, 0, false));
    byte[] endless = HEADER;
    for (int i = 0; i < 10; i++) {
      endless = Wire.join(endless, new byte[] {40}, new byte[40]);
    }
    return Stream.of(
        Arguments.of("truncated", HEADER),
        Arguments.of("truncated", Arrays.copyOf(good, good.length - 1)),
        Arguments.of("truncated", Arrays.copyOf(good, 20)),
        Arguments.of("trailing", Arrays.copyOf(good, good.length + 1)),
        Arguments.of("pointer", Wire.join(HEADER, Wire.pointer(12), Wire.u16(1, 1))),
        Arguments.of("pointer", Wire.join(HEADER, Wire.pointer(14), Wire.u16(1, 1))),
        Arguments.of("pointer", Wire.join(HEADER, Wire.pointer(0x3fff), Wire.u16(1, 1))),
        Arguments.of(
            "pointer", Wire.join(HEADER, new byte[] {1, 'a'}, Wire.pointer(12), Wire.u16(1, 1))),
        Arguments.of("pointer", Wire.join(HEADER, Wire.pointer(0), Wire.u16(1, 1))),
        Arguments.of("label", Wire.join(HEADER, new byte[] {0x40}, new byte[70])),
        Arguments.of("label", Wire.join(HEADER, new byte[] {(byte) 0x80}, new byte[70])),
        Arguments.of("name-too-long", Wire.join(endless, Wire.u16(0, 1, 1))),
        Arguments.of("question-count", with(good, 5, 0)),
        Arguments.of("question-count", with(good, 5, 2)),
        Arguments.of("question-count", with(good, 4, 0xff)),
        Arguments.of("record-count", with(good, 7, 1)),
        Arguments.of("record-count", with(good, 9, 1)),
        Arguments.of("record-count", with(good, 10, 0xff)),
        Arguments.of("truncated", with(good, 11, 1)),
        Arguments.of("opt", twoOpts),
        Arguments.of("opt", ownedOpt),
        Arguments.of("opt", Wire.query(7, "alpha.rack", Wire.OPT)),
        Arguments.of("truncated", with(edns, edns.length - 1, 1)));
  }

  private static byte[] with(byte[] message, int at, int octet) {
    byte[] copy = message.clone();
    copy[at] = (byte) octet;
    return copy;
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void whatIsMalformedIsCountedAndAnsweredByItsHeaderAlone(String reason, byte[] message)
      throws IOException {
    try (DnsRig rig = new DnsRig()) {
      byte[] answer = rig.udp(message);
      assertEquals(12, answer.length);
      assertArrayEquals(Wire.u16(7, Wire.flags(answer), 0, 0, 0, 0), answer);
      assertEquals(1, Wire.rcode(answer), "FORMERR");
      assertEquals(1, rig.count("malformed." + reason), () -> rig.server.counters().toString());
      assertEquals("dns.malformed", rig.events.getFirst().kind());
    }
  }

  @Test
  void whatIsNoQuestionIsNotAnswered() throws IOException {
    try (DnsRig rig = new DnsRig()) {
      assertTrue(rig.isSilentOn(new byte[0]));
      assertTrue(rig.isSilentOn(new byte[11]));
      byte[] response = Wire.query(7, "etcd-1.alpha.rack", Wire.A);
      response[2] |= (byte) 0x80;
      assertTrue(rig.isSilentOn(response), "an answer to an answer never ends");
      assertEquals(2, rig.count("malformed.short"));
      assertEquals(1, rig.count("malformed.response"));
    }
  }

  @Test
  void aMessageOfNoLengthOrTooLongEndsItsConnection() throws IOException {
    try (DnsRig rig = new DnsRig()) {
      for (byte[] begin : new byte[][] {{0, 0}, {0, 5, 1, 2, 3, 4, 5}, {0x7f, 0}}) {
        try (Socket socket = rig.connect()) {
          socket.getOutputStream().write(begin);
          assertEquals(-1, socket.getInputStream().read());
        }
      }
      assertEquals(2, rig.count("malformed.short"));
      assertEquals(1, rig.count("malformed.too-long"));
    }
  }

  @Test
  void randomOctetsAndGarbledQuestionsNeitherStopTheServerNorGrow() throws IOException {
    Random random = new Random(20260101);
    byte[] good = Wire.ednsQuery(1, "_etcd-server-ssl._tcp.alpha.rack", Wire.SRV, 4096);
    try (DnsRig rig = new DnsRig();
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(DnsRig.LOCAL, 0))) {
      socket.setSoTimeout(60_000);
      for (int i = 0; i < 3000; i++) {
        byte[] message = i % 2 == 0 ? good.clone() : new byte[random.nextInt(600)];
        if (i % 2 == 0) {
          for (int n = random.nextInt(8); n >= 0; n--) {
            message[random.nextInt(message.length)] = (byte) random.nextInt(256);
          }
        } else {
          random.nextBytes(message);
        }
        rig.send(socket, message);
        rig.send(socket, Wire.query(0xbeef, "etcd-1.alpha.rack", Wire.A));
        byte[] answer;
        do {
          answer = DnsRig.receive(socket);
          assertTrue(answer.length <= 1232);
        } while (Wire.id(answer) != 0xbeef || Wire.count(answer, 1) != 1);
      }
    }
  }

  @Test
  void noOctetsMakeTheDecodersThrow() {
    Random random = new Random(42);
    byte[] answer =
        Wire.join(
            Wire.u16(7, 0x8180, 1, 2, 1, 1),
            Wire.question("www.example.org", Wire.A),
            Wire.record(Wire.pointer(12), Wire.A, 60, new byte[4]),
            Wire.record(Wire.pointer(16), Wire.A, 60, new byte[4]),
            Wire.record(Wire.pointer(16), Wire.SOA, 60, Wire.soa(30)),
            Wire.opt(1232, 0, false));
    Question question =
        new Question(
            Name.of("www.example.org"),
            io.netty.handler.codec.dns.DnsRecordType.A,
            Question.CLASS_IN);
    int fine = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] message = Arrays.copyOf(answer, answer.length - random.nextInt(2));
      for (int n = random.nextInt(4); n > 0; n--) {
        message[random.nextInt(message.length)] = (byte) random.nextInt(256);
      }
      Query.decode(message);
      try {
        Relayed relayed = Relayed.of(message, 7, question);
        if (relayed.isFinal()) {
          Query query =
              assertInstanceOf(
                      Query.Decoded.Asked.class,
                      Query.decode(Wire.ednsQuery(9, "WWW.example.org", Wire.A, 1232)))
                  .query();
          byte[] relay = relayed.to(query, java.time.Duration.ofSeconds(5), 1232, 1232);
          assertTrue(relay.length <= 1232);
          fine++;
        }
      } catch (Malformed e) {
        assertTrue(!e.reason().isEmpty());
      }
    }
    assertTrue(fine > 1000, "some must pass, or nothing is tested");
  }
}
