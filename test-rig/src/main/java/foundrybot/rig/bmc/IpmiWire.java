// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Datagrams of RMCP with IPMI in them, as a BMC reads and writes them (IPMI 2.0, 13.1 to 13.6).
 *
 * <pre>
 * RMCP           06 00 ff, class: 06 ASF, 07 IPMI
 * without        00, sequence(4), session(4), length(1), message
 * RMCP+          06, payload type(1), session(4), sequence(4), length(2), payload, trailer
 * </pre>
 */
final class IpmiWire {
  /** Larger ones are not taken. */
  static final int MOST_BYTES = 1024;

  static final int IPMI_MESSAGE = 0x00;
  static final int SOL = 0x01;
  static final int OPEN_SESSION = 0x10;
  static final int RAKP_1 = 0x12;
  static final int RAKP_3 = 0x14;

  /** Payload type of the answer is that of the question and one. */
  static final int ANSWER = 1;

  static final int ENCRYPTED = 0x80;
  static final int AUTHENTICATED = 0x40;

  /** Where RMCP ends and the part begins that a packet's code covers. */
  static final int RMCP_BYTES = 4;

  /** RMCP and the session header of RMCP+. */
  static final int HEADER_BYTES = 16;

  private static final int ASF = 6;
  private static final int IPMI = 7;
  private static final int NO_SESSION = 0x00;
  private static final int PLUS = 0x06;
  private static final int ASF_IANA = 4542;
  private static final int PRESENCE_PING = 0x80;
  private static final int PRESENCE_PONG = 0x40;
  private static final int PONG_BYTES = 16;
  private static final int IPMI_SUPPORTED = 0x81;

  private IpmiWire() {}

  /** What a datagram is. */
  sealed interface Packet permits Ping, Plain, Plus, Unknown {}

  /** ASF's question whether anybody is there. */
  record Ping(int tag) implements Packet {}

  /** A message outside any session. */
  record Plain(ByteBuffer message) implements Packet {}

  /**
   * One of RMCP+.
   *
   * @param kind payload type with the bits for encrypted and authenticated
   * @param whole the datagram
   */
  record Plus(int kind, int session, int sequence, ByteBuffer payload, ByteBuffer whole)
      implements Packet {}

  /** Nothing that is answered. */
  record Unknown(String why) implements Packet {}

  static Packet packet(byte[] datagram) {
    ByteBuffer in = buffer(datagram);
    if (datagram.length < RMCP_BYTES + 1 || datagram.length > MOST_BYTES) {
      return new Unknown("length: " + datagram.length);
    }
    if (in.get() != 6 || in.get() < 0 || in.get() != (byte) 0xff) {
      return new Unknown("no RMCP that wants no acknowledgement");
    }
    return switch (in.get()) {
      case ASF -> ping(in);
      case IPMI -> in.get() == PLUS ? plus(in, datagram) : plain(in, datagram[RMCP_BYTES]);
      default -> new Unknown("class of RMCP");
    };
  }

  private static Packet ping(ByteBuffer in) {
    in.order(ByteOrder.BIG_ENDIAN);
    boolean asked =
        in.remaining() >= 8 && in.getInt() == ASF_IANA && in.get() == (byte) PRESENCE_PING;
    return asked ? new Ping(in.get() & 0xff) : new Unknown("ASF, but no presence ping");
  }

  private static Packet plain(ByteBuffer in, int authentication) {
    if (authentication != NO_SESSION || in.remaining() < 9) {
      return new Unknown("a session of IPMI 1.5");
    }
    in.getInt();
    int session = in.getInt();
    int length = in.get() & 0xff;
    // Some pad a byte behind (13.8).
    if (session != 0 || length > in.remaining()) {
      return new Unknown("length of a message: " + length);
    }
    return new Plain(in.slice(in.position(), length));
  }

  private static Packet plus(ByteBuffer in, byte[] datagram) {
    if (in.remaining() < HEADER_BYTES - RMCP_BYTES - 1) {
      return new Unknown("header of RMCP+");
    }
    int kind = in.get() & 0xff;
    int session = in.getInt();
    int sequence = in.getInt();
    int length = in.getShort() & 0xffff;
    if (length > in.remaining()) {
      return new Unknown("length of a payload: " + length);
    }
    ByteBuffer payload = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    return new Plus(kind, session, sequence, payload, buffer(datagram));
  }

  /** The answer to a ping: IPMI is here. */
  static byte[] pong(Ping ping) {
    return ByteBuffer.allocate(28)
        .put(rmcp(ASF))
        .putInt(ASF_IANA)
        .put((byte) PRESENCE_PONG)
        .put((byte) ping.tag())
        .put((byte) 0)
        .put((byte) PONG_BYTES)
        .putInt(ASF_IANA)
        .putInt(0)
        .put((byte) IPMI_SUPPORTED)
        .array();
  }

  static byte[] plain(byte[] message) {
    byte[] header = new byte[10];
    header[9] = (byte) message.length;
    return join(rmcp(IPMI), header, message);
  }

  /** Without a trailer; with one, that follows. */
  static byte[] plus(int kind, int session, int sequence, byte[] payload) {
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(rmcp(IPMI))
        .put((byte) PLUS)
        .put((byte) kind)
        .putInt(session)
        .putInt(sequence)
        .putShort((short) payload.length)
        .put(payload)
        .array();
  }

  private static byte[] rmcp(int type) {
    return bytes(6, 0, 0xff, type);
  }

  static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A number of four bytes, the least significant one first. */
  static byte[] number(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    ByteBuffer whole = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
    for (byte[] part : parts) {
      whole.put(part);
    }
    return whole.array();
  }

  static byte[] array(ByteBuffer buffer, int from, int length) {
    byte[] bytes = new byte[length];
    buffer.get(from, bytes);
    return bytes;
  }
}
