// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One question to one resolver, by a socket of its own: the kernel gives it a random port and lets
 * in what comes from the resolver only, and the id is random too (RFC 5452 section 9.2). Ends once:
 * with an answer, or without one when the time is up or the resolver cannot be reached.
 */
final class Exchange {
  private static final int LARGEST_DATAGRAM = 4096;
  private static final int LENGTH = 2;
  private static final int DNSSEC_OK = 0x8000;

  private final InetSocketAddress resolver;
  private final Ask ask;
  private final EventLoop loop;
  private final Counters counters;
  private final Consumer<Optional<Relayed>> end;
  private @Nullable Channel channel;
  private @Nullable Future<?> timer;
  private boolean ended;

  /**
   * What is asked, and how.
   *
   * @param key the question, and whether signatures are wanted
   * @param asked the question's octets
   * @param id random
   * @param edns whether to send an OPT record: a few old resolvers refuse it
   * @param size of the largest answer by UDP
   */
  record Ask(AnswerCache.Key key, Octets asked, int id, boolean tcp, boolean edns, int size) {
    byte[] message() {
      ByteBuf out = Unpooled.buffer(Query.SMALLEST);
      out.writeShort(id).writeShort(Flags.RD | (key.unchecked() ? Flags.CD : 0));
      out.writeShort(1).writeShort(0).writeShort(0).writeShort(edns ? 1 : 0);
      asked.writeTo(out);
      if (edns) {
        out.writeByte(0).writeShort(DnsRecordType.OPT.intValue()).writeShort(size);
        out.writeShort(0).writeShort(key.dnssec() ? DNSSEC_OK : 0).writeShort(0);
      }
      return ReplyWriter.taken(out);
    }
  }

  private Exchange(
      InetSocketAddress resolver,
      Ask ask,
      EventLoop loop,
      Counters counters,
      Consumer<Optional<Relayed>> end) {
    this.resolver = resolver;
    this.ask = ask;
    this.loop = loop;
    this.counters = counters;
    this.end = end;
  }

  /** Asks, on {@code loop} and from it; {@code end} is called there, later. */
  static void begin(
      InetSocketAddress resolver,
      Ask ask,
      Duration patience,
      EventLoops loops,
      EventLoop loop,
      Counters counters,
      Consumer<Optional<Relayed>> end) {
    Exchange exchange = new Exchange(resolver, ask, loop, counters, end);
    Runnable giveUp = () -> exchange.fail("timeout");
    exchange.timer = loop.schedule(giveUp, patience.toMillis(), TimeUnit.MILLISECONDS);
    var _ = exchange.connect(loops).addListener(f -> exchange.connected((ChannelFuture) f));
  }

  private ChannelFuture connect(EventLoops loops) {
    Bootstrap bootstrap = new Bootstrap().group(loop);
    if (ask.tcp()) {
      bootstrap.channel(loops.clientChannel()).option(ChannelOption.TCP_NODELAY, true);
    } else {
      bootstrap
          .channel(loops.datagramChannel())
          .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST_DATAGRAM));
    }
    return bootstrap
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel opened) {
                if (ask.tcp()) {
                  opened
                      .pipeline()
                      .addLast(
                          new LengthFieldBasedFrameDecoder(
                              ReplyWriter.LARGEST + LENGTH, 0, LENGTH, 0, LENGTH));
                }
                opened.pipeline().addLast(new Listener());
              }
            })
        .connect(resolver);
  }

  private void connected(ChannelFuture future) {
    if (!future.isSuccess()) {
      fail("unreachable");
      return;
    }
    channel = future.channel();
    if (ended) {
      var _ = channel.close();
      return;
    }
    byte[] message = ask.message();
    ByteBuf out = Unpooled.buffer(message.length + LENGTH);
    if (ask.tcp()) {
      out.writeShort(message.length);
    }
    out.writeBytes(message);
    var _ =
        channel
            .writeAndFlush(out)
            .addListener(
                written -> {
                  if (!written.isSuccess()) {
                    fail("unreachable");
                  }
                });
  }

  private void received(ByteBuf content) {
    if (ended) {
      return;
    }
    try {
      finish(
          Optional.of(Relayed.of(ByteBufUtil.getBytes(content), ask.id(), ask.key().question())));
    } catch (Malformed e) {
      // Perhaps forged: whoever is asked may still answer.
      counters.count("forward.malformed." + e.reason());
    }
  }

  private void fail(String reason) {
    if (!ended) {
      counters.count("forward." + reason);
      finish(Optional.empty());
    }
  }

  private void finish(Optional<Relayed> answer) {
    if (ended) {
      return;
    }
    ended = true;
    if (timer != null) {
      timer.cancel(false);
    }
    if (channel != null) {
      var _ = channel.close();
    }
    end.accept(answer);
  }

  private final class Listener extends SimpleChannelInboundHandler<Object> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Object message) {
      switch (message) {
        case ByteBuf frame -> received(frame);
        case ByteBufHolder datagram -> received(datagram.content());
        default -> counters.count("forward.malformed.message");
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail("unreachable");
    }

    /** A closed port, which ICMP tells of, or a broken connection. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail("unreachable");
    }
  }
}
