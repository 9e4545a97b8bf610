// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * ASF's "is anybody there" (ASF 2.0, 3.2.4.2 and 3.2.4.3; IPMI 2.0, 13.2.3 and 13.2.4).
 *
 * <pre>
 * RMCP   06 00 ff 06        version 1.0, no acknowledgement, class ASF
 * ASF    00 00 11 be        IANA number of ASF
 *        TYPE TAG 00 LENGTH
 * ping   TYPE 80, nothing behind it
 * pong   TYPE 40, 16 bytes: IANA(4) OEM(4) ENTITIES(1) INTERACTIONS(1) 00(6)
 * </pre>
 *
 * @param tag of the ping that it answers; 255 says that it answers none
 * @param ipmi whether it takes IPMI: bit 7 of ENTITIES
 */
record AsfPong(int tag, boolean ipmi) {
  static final int MAX_BYTES = 64;

  private static final int RMCP = 0x06;
  private static final int ASF = 0x06;
  private static final int IANA = 4542;
  private static final int PING = 0x80;
  private static final int PONG = 0x40;
  private static final int IPMI = 0x80;

  /** The question that a pong with this tag answers; tags are 0..254. */
  static byte[] ping(int tag) {
    return ByteBuffer.allocate(12)
        .put(new byte[] {RMCP, 0, (byte) 0xff, ASF})
        .putInt(IANA)
        .put(new byte[] {(byte) PING, (byte) tag, 0, 0})
        .array();
  }

  /** Reads a datagram; empty for what is no pong. */
  static Optional<AsfPong> decode(byte[] datagram) {
    ByteBuffer in = ByteBuffer.wrap(datagram);
    if (in.remaining() < 28 || in.get() != RMCP) {
      return Optional.empty();
    }
    in.position(3);
    // The top bit marks acknowledgements, which have no body.
    if (in.get() != ASF || in.getInt() != IANA || in.get() != PONG) {
      return Optional.empty();
    }
    int tag = in.get() & 0xff;
    in.get();
    int length = in.get() & 0xff;
    if (length < 16 || length > in.remaining()) {
      return Optional.empty();
    }
    return Optional.of(new AsfPong(tag, (in.get(in.position() + 8) & IPMI) != 0));
  }
}
