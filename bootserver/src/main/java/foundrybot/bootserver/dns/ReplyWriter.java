// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes answers: the question as it came, names compressed, and never more than the client takes.
 * What does not fit is left out: additional records silently (RFC 2181 section 9), all others with
 * TC, on which the client asks again by TCP.
 */
final class ReplyWriter {
  static final int LARGEST = 0xffff;
  private static final int POINTER = 0xc000;
  private static final int POINTABLE = 0x3fff;
  private static final int DNSSEC_OK = 0x8000;
  private static final byte[] MINIMAL = {
    7, 'R', 'F', 'C', '8', '4', '8', '2', 0,
  };

  private final ByteBuf out;
  private final Map<Name, Integer> offsets = new HashMap<>();

  private ReplyWriter(ByteBuf out) {
    this.out = out;
  }

  /** The header alone: no answer to what was not understood is larger than that. */
  static byte[] header(int id, int flags, DnsResponseCode code) {
    ByteBuf out = Unpooled.buffer(WireReader.HEADER);
    out.writeShort(id).writeShort(Flags.withRcode(Flags.answerTo(flags), code)).writeZero(8);
    return taken(out);
  }

  /**
   * An answer without records.
   *
   * @param code may be more than 15, which takes EDNS
   * @param flags beside those copied from the query
   */
  static byte[] empty(Query query, DnsResponseCode code, int flags, int ours) {
    return message(query, new Decision.Answer(code, List.of(), List.of(), List.of()), flags, ours);
  }

  /**
   * An answer of the zone.
   *
   * @param limit in octets; all of it is kept
   * @param ours the size that our OPT record names
   */
  static byte[] answer(Query query, Decision.Answer answer, int flags, int limit, int ours) {
    byte[] whole = message(query, answer, flags, ours);
    if (whole.length <= limit) {
      return whole;
    }
    Decision.Answer less =
        new Decision.Answer(answer.code(), answer.answers(), answer.authority(), List.of());
    byte[] needed = message(query, less, flags, ours);
    return needed.length <= limit ? needed : empty(query, answer.code(), flags | Flags.TC, ours);
  }

  private static byte[] message(Query query, Decision.Answer answer, int flags, int ours) {
    ReplyWriter writer = new ReplyWriter(Unpooled.buffer(Query.SMALLEST));
    writer.out.writeShort(query.id());
    writer.out.writeShort(Flags.withRcode(Flags.answerTo(query.flags()) | flags, answer.code()));
    writer.out.writeShort(1);
    writer.out.writeShort(answer.answers().size());
    writer.out.writeShort(answer.authority().size());
    writer.out.writeShort(answer.additional().size() + (query.edns().isPresent() ? 1 : 0));
    writer.question(query);
    answer.answers().forEach(writer::record);
    answer.authority().forEach(writer::record);
    answer.additional().forEach(writer::record);
    query.edns().ifPresent(edns -> opt(writer.out, edns, answer.code(), ours));
    return taken(writer.out);
  }

  /** Our side of EDNS: version 0 and our size; DO is copied (RFC 3225 section 3). */
  static void opt(ByteBuf out, Query.Edns edns, DnsResponseCode code, int ours) {
    out.writeByte(0).writeShort(DnsRecordType.OPT.intValue()).writeShort(ours);
    out.writeByte(code.intValue() >> 4).writeByte(0);
    out.writeShort(edns.dnssec() ? DNSSEC_OK : 0).writeShort(0);
  }

  static byte[] taken(ByteBuf out) {
    return Arrays.copyOfRange(
        out.array(), out.arrayOffset(), out.arrayOffset() + out.writerIndex());
  }

  private void question(Query query) {
    remember(query.question().name(), out.writerIndex());
    query.asked().writeTo(out);
  }

  private void record(Rr record) {
    name(record.owner());
    out.writeShort(record.data().type().intValue()).writeShort(Question.CLASS_IN);
    out.writeInt(record.ttl());
    int lengthAt = out.writerIndex();
    out.writeShort(0);
    switch (record.data()) {
      case Rdata.Address address -> out.writeBytes(address.address().getAddress());
      case Rdata.Target target -> name(target.name());
      case Rdata.Service service -> {
        out.writeShort(service.priority()).writeShort(service.weight()).writeShort(service.port());
        // Not compressed (RFC 2782).
        out.writeBytes(service.target().wire());
      }
      case Rdata.Authority soa -> {
        name(soa.server());
        name(soa.mailbox());
        out.writeInt((int) soa.serial()).writeInt(soa.refresh()).writeInt(soa.retry());
        out.writeInt(soa.expire()).writeInt(soa.minimum());
      }
      case Rdata.Minimal _ -> out.writeBytes(MINIMAL);
    }
    out.setShort(lengthAt, out.writerIndex() - lengthAt - Short.BYTES);
  }

  private void name(Name name) {
    Name rest = name;
    while (!rest.isRoot()) {
      Integer offset = offsets.get(rest);
      if (offset != null) {
        out.writeShort(POINTER | offset);
        return;
      }
      put(rest, out.writerIndex());
      byte[] wire = rest.wire();
      out.writeBytes(wire, 0, wire[0] + 1);
      rest = rest.parent();
    }
    out.writeByte(0);
  }

  private void remember(Name name, int at) {
    int offset = at;
    for (Name rest = name; !rest.isRoot(); rest = rest.parent()) {
      put(rest, offset);
      offset += rest.length() - rest.parent().length();
    }
  }

  private void put(Name name, int offset) {
    if (offset <= POINTABLE) {
      offsets.putIfAbsent(name, offset);
    }
  }
}
