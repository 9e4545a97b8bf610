// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.nio.ByteBuffer;

/**
 * The frame content that wakes a sleeping network card: six bytes 0xFF, the card's address sixteen
 * times, then the SecureOn password if the card asks for one.
 *
 * <p>AMD publication 20213, "Magic Packet Technology", and its SecureOn extension. The card looks
 * for this sequence anywhere in a frame, so UDP is only the way to put it on the wire.
 */
final class MagicPacket {

  private static final int SYNC = 6;
  private static final int REPETITIONS = 16;

  private MagicPacket() {}

  static byte[] of(HardwareAddress target, SecureOn password) {
    byte[] address = target.bytes();
    byte[] secret = password.bytes();
    ByteBuffer packet = ByteBuffer.allocate(SYNC + REPETITIONS * address.length + secret.length);
    for (int i = 0; i < SYNC; i++) {
      packet.put((byte) 0xff);
    }
    for (int i = 0; i < REPETITIONS; i++) {
      packet.put(address);
    }
    return packet.put(secret).array();
  }
}
