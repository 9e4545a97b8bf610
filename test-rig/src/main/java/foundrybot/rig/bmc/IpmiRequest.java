// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A request as it stands in a packet (IPMI 2.0, 13.8): addresses, function, sequence, command, data
 * and two checksums, after each of which the bytes it covers add up to zero.
 *
 * @param from address of the asker
 * @param sequence with its LUN in the lower two bits, as on the wire
 * @param command of its function
 */
record IpmiRequest(int from, int function, int lun, int sequence, int command, ByteBuffer data) {
  static final int CHASSIS = 0x00;
  static final int APPLICATION = 0x06;
  static final int STORAGE = 0x0a;

  private static final int BMC = 0x20;
  private static final int FEWEST = 7;

  static Optional<IpmiRequest> of(ByteBuffer message) {
    int length = message.remaining();
    if (length < FEWEST
        || u8(message, 0) != BMC
        || sum(message, 0, 3) != 0
        || sum(message, 3, length) != 0
        || (u8(message, 1) & 4) != 0) {
      return Optional.empty();
    }
    return Optional.of(
        new IpmiRequest(
            u8(message, 3),
            u8(message, 1) >> 2,
            u8(message, 1) & 3,
            u8(message, 4),
            u8(message, 5),
            message.slice(6, length - FEWEST).order(java.nio.ByteOrder.LITTLE_ENDIAN)));
  }

  private static int u8(ByteBuffer message, int at) {
    return message.get(at) & 0xff;
  }

  private static int sum(ByteBuffer message, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += message.get(i);
    }
    return sum & 0xff;
  }

  /** One byte of the data. */
  int at(int index) {
    return data.get(index) & 0xff;
  }

  int length() {
    return data.remaining();
  }

  /** The message that answers it; the body begins with the completion code. */
  byte[] answer(byte[] body) {
    byte[] head =
        IpmiWire.bytes(from, ((function + 1) << 2) | (sequence & 3), 0, BMC, (sequence & ~3) | lun);
    head[2] = (byte) -sum(ByteBuffer.wrap(head), 0, 2);
    byte[] message = IpmiWire.join(head, IpmiWire.bytes(command), body, new byte[1]);
    message[message.length - 1] = (byte) -sum(ByteBuffer.wrap(message), 3, message.length - 1);
    return message;
  }
}
