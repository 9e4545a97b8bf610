// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * A resolver's answer, checked from end to end, as it is passed on: its octets without what
 * concerns only the resolver and us. Names within record data may be compressed in types that
 * nobody here knows, so nothing is moved; from the OPT record on all is cut off, which loses at
 * most additional records.
 */
final class Relayed {
  private static final int COUNTS = 4;
  private static final long TOP_BIT = 0x8000_0000L;

  private final byte[] message;
  private final int flags;
  private final int[] ttlsAt;
  private final long least;
  private final boolean positive;
  private final Optional<Long> negativeTtl;

  private Relayed(
      byte[] message,
      int flags,
      int[] ttlsAt,
      long least,
      boolean positive,
      Optional<Long> negativeTtl) {
    this.message = message;
    this.flags = flags;
    this.ttlsAt = ttlsAt;
    this.least = least;
    this.positive = positive;
    this.negativeTtl = negativeTtl;
  }

  /**
   * Checks an answer against the question.
   *
   * @throws Malformed if it is not one, not to this question, or broken anywhere
   */
  static Relayed of(byte[] answer, int id, Question question) throws Malformed {
    WireReader reader = new WireReader(answer, 0);
    if (reader.u16() != id) {
      throw new Malformed("id");
    }
    int flags = reader.u16();
    if ((flags & Flags.QR) == 0 || !Flags.opcode(flags).equals(DnsOpCode.QUERY)) {
      throw new Malformed("no-answer");
    }
    int[] counts = new int[COUNTS];
    for (int i = 0; i < COUNTS; i++) {
      counts[i] = reader.u16();
    }
    if (counts[0] == 0 && !isFinal(flags)) {
      // Resolvers that do not understand a question need not repeat it.
      return new Relayed(answer, flags, new int[0], 0, false, Optional.empty());
    }
    if (counts[0] != 1 || !reader.question().equals(question)) {
      throw new Malformed("question");
    }
    return records(answer, flags, counts, reader);
  }

  private static Relayed records(byte[] answer, int flags, int[] counts, WireReader reader)
      throws Malformed {
    int[] ttlsAt = new int[Math.min(counts[1] + counts[2] + counts[3], answer.length)];
    int kept = 0;
    int keptAdditional = 0;
    int end = -1;
    long least = Long.MAX_VALUE;
    Optional<Long> negativeTtl = Optional.empty();
    for (int section = 1; section < COUNTS; section++) {
      for (int i = 0; i < counts[section]; i++) {
        int begin = reader.at();
        WireReader.Head record = reader.record();
        if (record.type().equals(DnsRecordType.OPT)) {
          if (section != 3 || end >= 0) {
            throw new Malformed("opt");
          }
          end = begin;
        }
        if (end >= 0) {
          continue;
        }
        ttlsAt[kept++] = record.ttlAt();
        least = Math.min(least, seconds(record.ttl()));
        if (section == 3) {
          keptAdditional++;
        }
        if (section == 2 && record.type().equals(DnsRecordType.SOA)) {
          negativeTtl = Optional.of(Math.min(seconds(record.ttl()), minimum(answer, record)));
        }
      }
    }
    if (!reader.isAtEnd()) {
      throw new Malformed("trailing");
    }
    byte[] message = end < 0 ? answer : Arrays.copyOf(answer, end);
    message[WireReader.HEADER - 2] = (byte) (keptAdditional >> 8);
    message[WireReader.HEADER - 1] = (byte) keptAdditional;
    boolean positive = counts[1] > 0 && Flags.rcode(flags).equals(DnsResponseCode.NOERROR);
    return new Relayed(message, flags, Arrays.copyOf(ttlsAt, kept), least, positive, negativeTtl);
  }

  /** The last field of an SOA record (RFC 1035 section 3.3.13). */
  private static long minimum(byte[] answer, WireReader.Head soa) throws Malformed {
    if (soa.length() < Integer.BYTES) {
      throw new Malformed("soa");
    }
    return seconds(new WireReader(answer, soa.data() + soa.length() - Integer.BYTES).u32());
  }

  /** With the top bit set a TTL means 0 (RFC 2181 section 8). */
  private static long seconds(long ttl) {
    return (ttl & TOP_BIT) == 0 ? ttl : 0;
  }

  DnsResponseCode code() {
    return Flags.rcode(flags);
  }

  boolean isTruncated() {
    return (flags & Flags.TC) != 0;
  }

  /** Whether it settles the question, if only by saying that there is no such name. */
  boolean isFinal() {
    return isFinal(flags);
  }

  private static boolean isFinal(int flags) {
    DnsResponseCode code = Flags.rcode(flags);
    return code.equals(DnsResponseCode.NOERROR) || code.equals(DnsResponseCode.NXDOMAIN);
  }

  int length() {
    return message.length;
  }

  /**
   * How long it holds: the least of its TTLs; for a negative answer what its SOA record says (RFC
   * 2308 section 5), and without that record not at all.
   */
  Duration life(DnsSettings.Limits limits) {
    if (!isFinal() || isTruncated()) {
      return Duration.ZERO;
    }
    Duration life = Duration.ofSeconds(positive ? least : Math.min(least, negativeTtl.orElse(0L)));
    Duration most = positive ? limits.longestTtl() : limits.longestNegativeTtl();
    return life.compareTo(most) < 0 ? life : most;
  }

  /**
   * As the client gets it: its own id and spelling of the question, older by {@code age}.
   *
   * @param limit in octets; an answer that is larger is empty and has TC set
   * @param ours the size that our OPT record names
   */
  byte[] to(Query query, Duration age, int limit, int ours) {
    int kept = query.edns().filter(Query.Edns::dnssec).isPresent() ? Flags.AD : 0;
    int answer = Flags.answerTo(query.flags()) | Flags.RA | (flags & kept);
    ByteBuf out = Unpooled.buffer(message.length + Query.SMALLEST);
    out.writeBytes(message);
    out.setShort(0, query.id());
    out.setShort(2, Flags.withRcode(answer, code()));
    query.asked().setIn(out, WireReader.HEADER);
    for (int at : ttlsAt) {
      long rest = Math.max(0, seconds(out.getUnsignedInt(at)) - age.toSeconds());
      out.setInt(at, (int) rest);
    }
    query
        .edns()
        .ifPresent(
            edns -> {
              int additional = out.getUnsignedShort(WireReader.HEADER - 2) + 1;
              out.setShort(WireReader.HEADER - 2, additional);
              ReplyWriter.opt(out, edns, code(), ours);
            });
    return out.writerIndex() <= limit
        ? ReplyWriter.taken(out)
        : ReplyWriter.empty(query, code(), Flags.RA | Flags.TC, ours);
  }
}
