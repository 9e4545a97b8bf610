// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/**
 * What the BMC sends by Serial over LAN (IPMI 2.0, table 15-2).
 *
 * <pre>
 * SEQUENCE(1)  of this packet, 1..15; 0 where it carries nothing that wants an answer
 * ACK(1)       the packet of ours that it answers; 0 for none
 * ACCEPTED(1)  how many of its characters were taken
 * STATUS(1)    bit 6 not acknowledged, 5 the machine is off or asleep, 4 SOL has ended,
 *              3 characters were dropped, 2 a break
 * characters
 * </pre>
 *
 * @param sequence 0..15
 * @param status the bits above
 * @param characters as the machine sent them
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record SolPacket(int sequence, int status, byte[] characters) {
  private static final int ENDED = 0x10;
  private static final int OVERRUN = 0x08;
  private static final int BREAK = 0x04;
  private static final int MOST_ACCEPTED = 0xff;

  static SolPacket decode(byte[] payload) {
    Octets in = new Octets("SOL packet", payload);
    int sequence = in.u8("sequence") & 0x0f;
    // We send no characters, so nothing that it says about them matters.
    in.u16("acknowledgement");
    return new SolPacket(sequence, in.u8("status"), in.rest());
  }

  /** Our only kind of packet: that one was taken whole. */
  byte[] acknowledgement() {
    int accepted = Math.min(characters.length, MOST_ACCEPTED);
    return new Octets.Writer().u8(0, sequence, accepted, 0).done();
  }

  boolean ended() {
    return (status & ENDED) != 0;
  }

  boolean overran() {
    return (status & OVERRUN) != 0;
  }

  boolean broken() {
    return (status & BREAK) != 0;
  }
}
