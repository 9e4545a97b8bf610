// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.buffer.ByteBuf;

/** A part of a message, as it came. */
final class Octets {
  private final byte[] octets;

  Octets(byte[] octets) {
    this.octets = octets.clone();
  }

  void writeTo(ByteBuf out) {
    out.writeBytes(octets);
  }

  /** Over what stands there. */
  void setIn(ByteBuf out, int at) {
    out.setBytes(at, octets);
  }
}
