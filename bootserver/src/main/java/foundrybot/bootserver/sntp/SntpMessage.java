// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.sntp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** The header of NTP, which is all there is to SNTP (RFC 4330 section 4). */
final class SntpMessage {
  static final int LENGTH = 48;

  /** Modes of questions, each with the one of its answer (RFC 4330 section 6). */
  private static final int SYMMETRIC_ACTIVE = 1;

  private static final int SYMMETRIC_PASSIVE = 2;
  private static final int CLIENT = 3;
  private static final int SERVER = 4;
  private static final int NEWEST = 4;
  private static final int ALARM = 3;
  private static final int POLL_AT = 2;
  private static final int TRANSMIT_AT = 40;

  /** Microseconds, as a power of two: what system clocks read to. */
  private static final byte PRECISION = -20;

  /** A tenth of a second in 16.16 bits: whoever set our clock is not known better. */
  private static final int DISPERSION = 0x0000_199a;

  private static final long NTP_TO_UNIX = 2_208_988_800L;
  private static final long NANOS = 1_000_000_000L;

  private SntpMessage() {}

  /** What a datagram turned out to be. */
  sealed interface Decoded {
    /**
     * A client's question.
     *
     * @param version 1..4, to be copied
     * @param replyMode of the answer, which is none of a question: symmetric passive to those who
     *     call themselves peers, as Windows does unless it is told otherwise; else server
     * @param poll to be copied
     * @param transmit to be copied, whatever it means to the client
     */
    record Request(int version, int replyMode, int poll, long transmit) implements Decoded {}

    /** Not answered: an answer to an answer never ends. */
    record Ignored(String reason) implements Decoded {}
  }

  /** Never throws; what follows the header (extensions, signatures) is not looked at. */
  static Decoded decode(ByteBuffer datagram) {
    if (datagram.remaining() < LENGTH) {
      return new Decoded.Ignored("short");
    }
    int first = datagram.get(datagram.position());
    int version = first >> 3 & 7;
    int mode = first & 7;
    if (mode != CLIENT && mode != SYMMETRIC_ACTIVE) {
      return new Decoded.Ignored("mode");
    }
    if (version < 1 || version > NEWEST) {
      return new Decoded.Ignored("version");
    }
    return new Decoded.Request(
        version,
        mode == CLIENT ? SERVER : SYMMETRIC_PASSIVE,
        datagram.get(datagram.position() + POLL_AT) & 0xff,
        datagram.getLong(datagram.position() + TRANSMIT_AT));
  }

  /** The answer (RFC 4330 section 6), always as long as the shortest question. */
  static byte[] reply(
      Decoded.Request request, TimeQuality quality, Instant received, Instant sent) {
    ByteBuffer out = ByteBuffer.allocate(LENGTH);
    int leap = quality instanceof TimeQuality.Synchronised s ? s.leap().indicator() : ALARM;
    out.put((byte) (leap << 6 | request.version() << 3 | request.replyMode()));
    out.put((byte) (quality instanceof TimeQuality.Synchronised s ? s.stratum() : 0));
    out.put((byte) request.poll()).put(PRECISION);
    out.putInt(0).putInt(DISPERSION);
    switch (quality) {
      case TimeQuality.Synchronised s -> {
        out.put(s.source().getAddress());
        out.putLong(timestamp(Instant.ofEpochSecond(received.getEpochSecond())));
      }
      case TimeQuality.Unsynchronised _ -> {
        out.put("INIT".getBytes(StandardCharsets.US_ASCII));
        out.putLong(0);
      }
    }
    out.putLong(request.transmit());
    out.putLong(timestamp(received)).putLong(timestamp(sent));
    return out.array();
  }

  /** Seconds since 1900 modulo 2^32, and a fraction of 32 bits (RFC 4330 section 3). */
  static long timestamp(Instant time) {
    long fraction = ((long) time.getNano() << 32) / NANOS;
    return (time.getEpochSecond() + NTP_TO_UNIX) << 32 | fraction;
  }
}
