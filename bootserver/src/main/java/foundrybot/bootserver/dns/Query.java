// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.Arrays;
import java.util.Optional;

/**
 * A well-formed question of a client.
 *
 * @param id to be copied
 * @param flags as they came
 * @param asked the question's octets as they came: an answer repeats them, the case too
 * @param edns what the client said of itself, if it did
 */
record Query(int id, int flags, Question question, Octets asked, Optional<Edns> edns) {

  /**
   * The client's OPT record (RFC 6891 section 6.1).
   *
   * @param size of the largest datagram it takes, in octets, at least 512
   * @param version the only one there is, is 0
   * @param dnssec whether it wants signatures (RFC 3225)
   */
  record Edns(int size, int version, boolean dnssec) {}

  /** What a datagram or a TCP message turned out to be. */
  sealed interface Decoded {
    /** A question. */
    record Asked(Query query) implements Decoded {}

    /** Not to be answered, since nobody asked, or nobody could match the answer. */
    record Dropped(String reason) implements Decoded {}

    /** To be answered by its header alone, so that nothing grows. */
    record Refused(int id, int flags, DnsResponseCode code, String reason) implements Decoded {}
  }

  /** Additional records of a query: OPT, and perhaps a signature that we do not check. */
  private static final int MOST_RECORDS = 4;

  private static final int DNSSEC_OK = 0x8000;
  static final int SMALLEST = 512;

  /** Never throws, whatever the octets. */
  static Decoded decode(byte[] message) {
    if (message.length < WireReader.HEADER) {
      return new Decoded.Dropped("short");
    }
    WireReader reader = new WireReader(message, 0);
    try {
      int id = reader.u16();
      int flags = reader.u16();
      if ((flags & Flags.QR) != 0) {
        return new Decoded.Dropped("response");
      }
      if (!Flags.opcode(flags).equals(DnsOpCode.QUERY)) {
        return new Decoded.Refused(id, flags, DnsResponseCode.NOTIMP, "opcode");
      }
      try {
        return new Decoded.Asked(body(message, reader, id, flags));
      } catch (Malformed e) {
        return new Decoded.Refused(id, flags, DnsResponseCode.FORMERR, e.reason());
      }
    } catch (Malformed e) {
      return new Decoded.Dropped(e.reason());
    }
  }

  private static Query body(byte[] message, WireReader reader, int id, int flags) throws Malformed {
    int questions = reader.u16();
    int answers = reader.u16();
    int authorities = reader.u16();
    int additional = reader.u16();
    if (questions != 1) {
      // Several were never agreed on (RFC 9619).
      throw new Malformed("question-count");
    }
    Question question = reader.question();
    Octets asked = new Octets(Arrays.copyOfRange(message, WireReader.HEADER, reader.at()));
    boolean transfer = question.type().equals(DnsRecordType.IXFR);
    if (answers != 0 || authorities > (transfer ? 1 : 0) || additional > MOST_RECORDS) {
      throw new Malformed("record-count");
    }
    for (int i = 0; i < authorities; i++) {
      reader.record();
    }
    Optional<Edns> edns = Optional.empty();
    for (int i = 0; i < additional; i++) {
      WireReader.Head record = reader.record();
      if (record.type().equals(DnsRecordType.OPT)) {
        if (edns.isPresent() || !record.owner().isRoot()) {
          throw new Malformed("opt");
        }
        edns = Optional.of(edns(record));
      }
    }
    if (!reader.isAtEnd()) {
      throw new Malformed("trailing");
    }
    if (question.type().equals(DnsRecordType.OPT)) {
      throw new Malformed("opt");
    }
    return new Query(id, flags, question, asked, edns);
  }

  private static Edns edns(WireReader.Head opt) {
    return new Edns(
        Math.max(opt.dnsClass(), SMALLEST),
        (int) (opt.ttl() >> 16 & 0xff),
        (opt.ttl() & DNSSEC_OK) != 0);
  }

  boolean recursionDesired() {
    return (flags & Flags.RD) != 0;
  }

  /** The largest answer by UDP, given what we send at most ourselves. */
  int limit(int ours) {
    return edns.map(e -> Math.min(e.size(), ours)).orElse(SMALLEST);
  }
}
