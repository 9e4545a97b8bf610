// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.util.function.Consumer;

/**
 * What a transfer sends through: a socket of its own, or the one port that it shares with all
 * others. Except for {@link #loop}, for use on its loop only.
 */
interface Wire {
  EventExecutor loop();

  ByteBufAllocator alloc();

  /** Hands over one datagram. */
  void send(ByteBuf datagram);

  /**
   * Hands over datagrams of {@code size} bytes each, the last may be shorter, which the kernel is
   * to cut apart (UDP GSO).
   *
   * @param refused told on the loop if it did not take them
   */
  void sendRun(ByteBuf run, int size, Consumer<Throwable> refused);

  /** Sends what was handed over. */
  void flush();

  /** The transfer has ended; nothing more comes or goes. */
  void release();
}
