// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** What a transfer sends. */
interface Content {
  long size();

  /**
   * Whether a part is in memory. If not, it is on its way there, and so is what follows it.
   *
   * @param then run once, on any thread, when an answer of no has become yes
   */
  boolean ready(long position, int length, Runnable then);

  /**
   * Appends {@code length} bytes from {@code position}, which must be ready.
   *
   * @throws IOException if it could not be read
   */
  void read(ByteBuf to, long position, int length) throws IOException;

  /** Made for this request. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record OfBytes(byte[] bytes) implements Content {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public boolean ready(long position, int length, Runnable then) {
      return true;
    }

    @Override
    public void read(ByteBuf to, long position, int length) {
      to.writeBytes(bytes, (int) position, length);
    }
  }
}
