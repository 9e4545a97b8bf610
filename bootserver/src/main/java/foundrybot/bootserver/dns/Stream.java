// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import foundrybot.bootserver.Counters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions by one TCP connection (RFC 7766): many at a time, answered in whatever order. A client
 * that asks faster than it reads, or than resolvers answer, is not read from meanwhile.
 */
final class Stream extends SimpleChannelInboundHandler<ByteBuf> {
  private static final Logger LOG = LoggerFactory.getLogger(Stream.class);
  private static final int LARGEST_QUESTION = 4096;
  private static final int LENGTH = 2;

  private final Responder responder;
  private final int most;
  private final Counters counters;
  private int inFlight;

  Stream(Responder responder, int most, Counters counters) {
    this.responder = responder;
    this.most = most;
    this.counters = counters;
  }

  /** Cuts what comes into messages; a longer one ends the connection before it is read. */
  static LengthFieldBasedFrameDecoder frames() {
    return new LengthFieldBasedFrameDecoder(LARGEST_QUESTION + LENGTH, 0, LENGTH, 0, LENGTH);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
    inFlight++;
    flow(ctx);
    InetSocketAddress client = (InetSocketAddress) ctx.channel().remoteAddress();
    responder.answer(
        ByteBufUtil.getBytes(frame),
        client,
        true,
        reply -> {
          if (ctx.executor().inEventLoop()) {
            answered(ctx, reply);
          } else {
            ctx.executor().execute(() -> answered(ctx, reply));
          }
        });
  }

  private void answered(ChannelHandlerContext ctx, Optional<byte[]> reply) {
    inFlight--;
    if (reply.isEmpty()) {
      // Whoever sends what is no question is out of step, or no DNS client.
      var _ = ctx.close();
      return;
    }
    byte[] bytes = reply.get();
    ByteBuf out = Unpooled.buffer(bytes.length + LENGTH);
    var _ = ctx.writeAndFlush(out.writeShort(bytes.length).writeBytes(bytes));
    flow(ctx);
  }

  private void flow(ChannelHandlerContext ctx) {
    ctx.channel().config().setAutoRead(inFlight < most && ctx.channel().isWritable());
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    flow(ctx);
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent && (inFlight == 0 || !ctx.channel().isWritable())) {
      counters.count("idle");
      var _ = ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof TooLongFrameException) {
      counters.count("malformed.too-long");
    } else if (!(cause instanceof IOException)) {
      LOG.error("dns connection failed", cause);
    }
    var _ = ctx.close();
  }
}
