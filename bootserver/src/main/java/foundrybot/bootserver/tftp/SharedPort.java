// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All transfers through the one port that clients ask at, told apart by the client's address and
 * port. On the event loop of the port only.
 */
final class SharedPort {
  private final Map<InetSocketAddress, Transfer> transfers = new HashMap<>();
  private boolean reading;

  private final class Part implements Wire {
    private final ChannelHandlerContext ctx;
    private final Transfer transfer;

    Part(ChannelHandlerContext ctx, Transfer transfer) {
      this.ctx = ctx;
      this.transfer = transfer;
    }

    @Override
    public EventExecutor loop() {
      return ctx.executor();
    }

    @Override
    public ByteBufAllocator alloc() {
      return ctx.alloc();
    }

    @Override
    public void send(ByteBuf datagram) {
      if (hasRoom(datagram)) {
        var _ = ctx.write(new DatagramPacket(datagram, transfer.peer()), ctx.voidPromise());
      }
    }

    @Override
    public void sendRun(ByteBuf run, int size, Consumer<Throwable> refused) {
      if (hasRoom(run)) {
        ctx.write(new SegmentedDatagramPacket(run, size, transfer.peer()))
            .addListener(
                sent -> {
                  if (!sent.isSuccess() && ctx.channel().isActive()) {
                    refused.accept(sent.cause());
                  }
                });
      }
    }

    /** What does not fit is as if lost: the transfer sends it again. */
    private boolean hasRoom(ByteBuf datagrams) {
      if (!ctx.channel().isWritable()) {
        ctx.flush();
      }
      if (ctx.channel().isWritable()) {
        return true;
      }
      datagrams.release();
      return false;
    }

    @Override
    public void flush() {
      if (!reading) {
        ctx.flush();
      }
    }

    @Override
    public void release() {
      transfers.remove(transfer.peer(), transfer);
    }
  }

  void begin(ChannelHandlerContext ctx, Transfer transfer) {
    transfers.put(transfer.peer(), transfer);
    transfer.begin(new Part(ctx, transfer));
  }

  /** False if no transfer is under way with that client. */
  boolean received(InetSocketAddress peer, TftpMessage message) {
    @Nullable Transfer transfer = transfers.get(peer);
    if (transfer == null) {
      return false;
    }
    transfer.received(message);
    return true;
  }

  /** From the first datagram of a bunch on, what is sent waits for {@link #readAll}. */
  void reads() {
    reading = true;
  }

  /** All datagrams that had come are read: their answers leave together. */
  void readAll(ChannelHandlerContext ctx) {
    if (reading) {
      reading = false;
      ctx.flush();
    }
  }

  void close(ChannelHandlerContext ctx) {
    List.copyOf(transfers.values()).forEach(transfer -> transfer.closed(new Part(ctx, transfer)));
  }
}
