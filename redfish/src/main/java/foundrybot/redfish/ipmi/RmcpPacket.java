// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.util.Arrays;

/**
 * One UDP datagram of IPMI over LAN (IPMI 2.0, 13.1 to 13.6).
 *
 * <pre>
 * RMCP      06 00 ff 07              version 1.0, no acknowledgement, class IPMI
 * IPMI 1.5  00 SEQ(4) ID(4) LENGTH(1) payload
 * RMCP+     06 TYPE(1) ID(4) SEQ(4) LENGTH(2) payload
 *           and where TYPE says authenticated: ff... PADS(1) 07 CODE
 * TYPE      bit 7 encrypted, bit 6 authenticated, bits 5..0 what the payload is
 * CODE      over everything from 06 TYPE to the 07 before it, whose length is a multiple of four
 * </pre>
 *
 * @param plus whether it is an RMCP+ packet; one of IPMI 1.5 has no session here
 * @param type one of the constants below; zero in a packet of IPMI 1.5
 * @param session the receiver's id of the session; zero outside of one
 * @param sequence counts up from 1 in a session; zero outside of one
 * @param payload as it stands there, encrypted or not
 * @param authenticated what the code covers; empty where there is no code
 * @param code behind it; empty where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record RmcpPacket(
    boolean plus,
    boolean encrypted,
    int type,
    int session,
    int sequence,
    byte[] payload,
    byte[] authenticated,
    byte[] code) {

  /** What payloads are (IPMI 2.0, table 13-16). */
  static final int IPMI = 0x00;

  static final int SOL = 0x01;

  static final int OPEN_REQUEST = 0x10;
  static final int OPEN_RESPONSE = 0x11;
  static final int RAKP_1 = 0x12;
  static final int RAKP_2 = 0x13;
  static final int RAKP_3 = 0x14;
  static final int RAKP_4 = 0x15;

  /**
   * What Ethernet carries in one piece; an IPMI message has 255 bytes at most, SOL may have more.
   */
  static final int MAX_BYTES = 1472;

  private static final int RMCP_BYTES = 4;
  private static final int AUTH_NONE = 0x00;
  private static final int AUTH_PLUS = 0x06;
  private static final int ENCRYPTED = 0x80;
  private static final int AUTHENTICATED = 0x40;
  private static final int NEXT_HEADER = 0x07;
  private static final byte[] NOTHING = {};

  /** Reads a datagram; what a code says is for {@link SessionKeys#open}. */
  static RmcpPacket decode(byte[] datagram) {
    if (datagram.length > MAX_BYTES) {
      throw new Malformed("packet: " + datagram.length + " bytes (expected: " + MAX_BYTES + ")");
    }
    Octets in = new Octets("packet", datagram);
    if (in.u8("RMCP version") != 6 || in.u16("RMCP sequence") >> 8 != 0xff || in.u8("class") != 7) {
      throw new Malformed("packet: not RMCP with IPMI in it (expected: 06 00 ff 07)");
    }
    int type = in.u8("authentication type");
    return switch (type) {
      case AUTH_NONE -> decodeOld(in);
      case AUTH_PLUS -> decodePlus(in, datagram);
      default -> throw new Malformed("authentication type: " + type + " (expected: none or RMCP+)");
    };
  }

  private static RmcpPacket decodeOld(Octets in) {
    int sequence = in.u32("sequence");
    int session = in.u32("session");
    byte[] payload = in.take("payload", in.u8("length"));
    return new RmcpPacket(false, false, IPMI, session, sequence, payload, NOTHING, NOTHING);
  }

  private static RmcpPacket decodePlus(Octets in, byte[] datagram) {
    int type = in.u8("payload type");
    int session = in.u32("session");
    int sequence = in.u32("sequence");
    byte[] payload = in.take("payload", in.u16("length"));
    boolean encrypted = (type & ENCRYPTED) != 0;
    if ((type & AUTHENTICATED) == 0) {
      return new RmcpPacket(
          true, encrypted, type & 0x3f, session, sequence, payload, NOTHING, NOTHING);
    }
    int end = datagram.length - in.left();
    int pads = (4 - (end + 2 - RMCP_BYTES) % 4) % 4;
    in.take("integrity pad", pads);
    int said = in.u8("pad length");
    int next = in.u8("next header");
    if (said != pads || next != NEXT_HEADER) {
      throw new Malformed(
          "integrity trailer: "
              + said
              + " pads, then "
              + next
              + " (expected: "
              + pads
              + ", then "
              + NEXT_HEADER
              + ")");
    }
    byte[] covered = Arrays.copyOfRange(datagram, RMCP_BYTES, datagram.length - in.left());
    return new RmcpPacket(
        true, encrypted, type & 0x3f, session, sequence, payload, covered, in.rest());
  }

  /** A packet of IPMI 1.5 outside of a session, as Get Channel Authentication Capabilities is. */
  static byte[] encodeOld(byte[] payload) {
    return header().u8(AUTH_NONE).u32(0).u32(0).u8(payload.length).bytes(payload).done();
  }

  /** An RMCP+ packet outside of a session, as the key exchange is made of. */
  static byte[] encode(int type, byte[] payload) {
    return header().u8(AUTH_PLUS, type).u32(0).u32(0).u16(payload.length).bytes(payload).done();
  }

  /** What the code of a packet in a session covers; the payload is encrypted already. */
  static byte[] covered(int type, int session, int sequence, byte[] payload) {
    Octets.Writer out =
        new Octets.Writer()
            .u8(AUTH_PLUS, ENCRYPTED | AUTHENTICATED | type)
            .u32(session)
            .u32(sequence)
            .u16(payload.length)
            .bytes(payload);
    int pads = (4 - (12 + payload.length + 2) % 4) % 4;
    for (int i = 0; i < pads; i++) {
      out.u8(0xff);
    }
    return out.u8(pads, NEXT_HEADER).done();
  }

  /** A packet in a session, of what its code covers, and the code. */
  static byte[] encode(byte[] covered, byte[] code) {
    return header().bytes(covered).bytes(code).done();
  }

  private static Octets.Writer header() {
    return new Octets.Writer().u8(0x06, 0x00, 0xff, 0x07);
  }
}
