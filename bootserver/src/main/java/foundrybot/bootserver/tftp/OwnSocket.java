// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.function.Consumer;

/**
 * A socket for one transfer, connected to its client: a port that nobody else can guess (RFC 1350
 * section 4), and the kernel tells if the client's is closed.
 */
final class OwnSocket extends SimpleChannelInboundHandler<DatagramPacket> {
  private final Transfer transfer;

  OwnSocket(Transfer transfer) {
    this.transfer = transfer;
  }

  private record Connected(ChannelHandlerContext ctx, InetSocketAddress peer) implements Wire {
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
      var _ = ctx.write(datagram, ctx.voidPromise());
    }

    @Override
    public void sendRun(ByteBuf run, int size, Consumer<Throwable> refused) {
      ctx.write(new SegmentedDatagramPacket(run, size, peer))
          .addListener(
              sent -> {
                if (!sent.isSuccess() && ctx.channel().isActive()) {
                  refused.accept(sent.cause());
                }
              });
    }

    @Override
    public void flush() {
      ctx.flush();
    }

    @Override
    public void release() {
      var _ = ctx.close();
    }
  }

  private Wire wire(ChannelHandlerContext ctx) {
    return new Connected(ctx, transfer.peer());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    transfer.begin(wire(ctx));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    transfer.received(TftpMessage.decode(packet.content()));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    transfer.closed(wire(ctx));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof PortUnreachableException) {
      transfer.unreachable(wire(ctx));
      ctx.read();
    } else if (!(cause instanceof IOException)) {
      // Any other fault of one packet is as if it was lost.
      transfer.broken(wire(ctx), cause);
    }
  }
}
