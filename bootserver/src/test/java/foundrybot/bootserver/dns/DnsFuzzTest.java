// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.bootserver.dns.Query.Decoded;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** Any datagram as a question, and as what a resolver answers. */
final class DnsFuzzTest {
  private static final Zone ZONE = Zone.of(ZoneTest.DATA);
  private static final int OURS = 1232;

  /** A question is answered within its limit, so that netty can read it, or by its header alone. */
  @FuzzTest
  void query(byte[] datagram) {
    switch (Query.decode(datagram)) {
      case Decoded.Dropped(String reason) ->
          assertTrue(reason.matches("short|response|truncated"), reason);
      case Decoded.Refused(int id, int flags, DnsResponseCode code, String reason) -> {
        assertTrue(reason.matches("[a-z-]{1,20}"), reason);
        byte[] reply = ReplyWriter.header(id, flags, code);
        assertEquals(12, reply.length);
        assertTrue(reply.length <= datagram.length);
        assertEquals(new Decoded.Dropped("response"), Query.decode(reply));
      }
      case Decoded.Asked(Query query) -> asked(datagram, query);
    }
  }

  private static void asked(byte[] datagram, Query query) {
    Question question = query.question();
    assertTrue(question.name().length() <= Name.MAX_OCTETS);
    assertTrue(question.toString().length() <= 4 * Name.MAX_OCTETS + 20);
    for (int limit : new int[] {Query.SMALLEST, query.limit(OURS), ReplyWriter.LARGEST}) {
      byte[] reply =
          switch (ZONE.answer(question)) {
            case Decision.Answer answer -> ReplyWriter.answer(query, answer, Flags.AA, limit, OURS);
            case Decision.Refuse(DnsResponseCode code, String _) ->
                ReplyWriter.empty(query, code, 0, OURS);
            case Decision.NotOurs _ ->
                ReplyWriter.empty(query, DnsResponseCode.SERVFAIL, Flags.RA, OURS);
          };
      assertTrue(reply.length <= limit, () -> reply.length + " bytes of " + limit);
      wellFormed(datagram, reply);
      // netty takes names for text, and refuses what is none.
      if (question.name().toString().matches("[a-z0-9._-]+")) {
        readable(reply);
      }
    }
  }

  /** What a resolver says is passed on whole or not at all. */
  @FuzzTest
  void relayed(byte[] answer) throws Malformed {
    Optional<Relayed> relayed = relay(answer.clone());
    if (relayed.isEmpty()) {
      return;
    }
    Relayed found = relayed.get();
    Duration life = found.life(DnsSettings.Limits.USUAL);
    assertTrue(!life.isNegative() && life.compareTo(Duration.ofHours(1)) <= 0, life::toString);
    byte[] question =
        Wire.join(
            Wire.u16(Wire.id(answer), 0x0100, 1, 0, 0, 1),
            Wire.count(answer, 0) == 1 ? Wire.questionOf(answer) : Wire.question("a.b", Wire.A),
            Wire.opt(4096, 0, true));
    if (!(Query.decode(question) instanceof Decoded.Asked(Query query))) {
      return;
    }
    for (int limit : new int[] {Query.SMALLEST, OURS, ReplyWriter.LARGEST}) {
      byte[] reply = found.to(query, Duration.ofSeconds(7), limit, OURS);
      assertTrue(reply.length <= limit, () -> reply.length + " bytes of " + limit);
      assertTrue(reply.length <= Math.max(answer.length, 12) + 300);
      if (Wire.count(answer, 0) == 1) {
        wellFormed(question, reply);
        // What was passed on is itself an answer that would be passed on as it is; a truncated one
        // never is, the forwarder asks again by TCP.
        Relayed again = relay(reply.clone()).orElseThrow();
        if (!again.isTruncated()) {
          assertArrayEquals(reply, again.to(query, Duration.ZERO, limit, OURS));
        }
      }
    }
  }

  private static Optional<Relayed> relay(byte[] answer) {
    try {
      Question question =
          answer.length > 5 && Wire.count(answer, 0) == 1
              ? new WireReader(answer, WireReader.HEADER).question()
              : new Question(Name.of("a.b"), DnsRecordType.A, 1);
      return Optional.of(Relayed.of(answer, answer.length < 2 ? 0 : Wire.id(answer), question));
    } catch (Malformed e) {
      assertTrue(e.reason().matches("[a-z-]{1,20}"), e.reason());
      return Optional.empty();
    }
  }

  private static void wellFormed(byte[] question, byte[] reply) {
    assertEquals(Wire.id(question), Wire.id(reply));
    assertTrue((Wire.flags(reply) & Flags.QR) != 0);
    try {
      WireReader reader = new WireReader(reply, WireReader.HEADER);
      reader.question();
      for (int section = 1; section < 4; section++) {
        for (int i = Wire.count(reply, section); i > 0; i--) {
          reader.record();
        }
      }
      assertTrue(reader.isAtEnd());
    } catch (Malformed e) {
      throw new AssertionError(e.reason(), e);
    }
  }

  /** Our own records also by the rules of another's decoder. */
  private static void readable(byte[] reply) {
    DnsResponse response = Wire.response(reply);
    assertEquals(Wire.count(reply, 1), response.count(DnsSection.ANSWER));
    assertEquals(Wire.count(reply, 2), response.count(DnsSection.AUTHORITY));
    assertEquals(Wire.count(reply, 3), response.count(DnsSection.ADDITIONAL));
    response.release();
  }

  /** A name that begins anywhere in a message ends in it, and is no longer than a name. */
  @FuzzTest
  void name(byte[] message) {
    for (int at = 0; at <= Math.min(message.length, 40); at++) {
      WireReader reader = new WireReader(message, at);
      try {
        Name name = reader.name();
        assertTrue(name.length() >= 1 && name.length() <= Name.MAX_OCTETS);
        assertTrue(reader.at() > at && reader.at() <= message.length);
        assertEquals(name, new WireReader(name.wire(), 0).name());
        assertTrue(name.toString().chars().allMatch(c -> c > ' ' && c < 0x7f));
        int labels = 0;
        for (Name rest = name; !rest.isRoot(); rest = rest.parent()) {
          labels++;
        }
        assertTrue(labels <= 127);
        byte[] wire = name.wire();
        assertEquals(0, wire[wire.length - 1]);
        assertEquals(name, Name.ofWire(Arrays.copyOf(wire, wire.length)));
      } catch (Malformed e) {
        assertTrue(e.reason().matches("truncated|pointer|label|name-too-long"), e.reason());
      }
    }
  }
}
