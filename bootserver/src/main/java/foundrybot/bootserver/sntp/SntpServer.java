// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.sntp;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Sockets;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the time to whoever asks (RFC 4330, unicast server mode), so that machines without a way
 * out agree on one. Keeps nothing about clients, and never sends more than it got.
 */
public final class SntpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SntpServer.class);
  private static final int LARGEST = 1024;

  private final Channel channel;
  private final Counters counters;

  private SntpServer(Channel channel, Counters counters) {
    this.channel = channel;
    this.counters = counters;
  }

  /**
   * Opens the port and serves until closed.
   *
   * @param clock the time that is told
   * @param quality what is said of it, asked for each answer anew; must return at once
   * @throws foundrybot.bootserver.BindException if the port cannot be had; says why and what to do
   */
  public static SntpServer start(
      SntpSettings settings,
      EventLoops loops,
      Clock clock,
      Supplier<TimeQuality> quality,
      WireObserver observer) {
    settings.networkInterface().ifPresent(name -> Sockets.requireInterface(name, loops));
    Counters counters = new Counters();
    InetSocketAddress address = new InetSocketAddress(settings.address(), settings.port());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channel(loops.datagramChannel())
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel opened) {
                    settings
                        .networkInterface()
                        .ifPresent(name -> Sockets.toInterface(opened, name));
                    opened.pipeline().addLast(new Handler(clock, quality, observer, counters));
                  }
                });
    Channel channel =
        Sockets.bound(bootstrap.bind(address), "SNTP", "udp", address, settings.networkInterface());
    return new SntpServer(channel, counters);
  }

  /** The port it listens on. */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** How often what happened: a reason and its number, in alphabetical order. */
  public Map<String, Long> counters() {
    return counters.snapshot();
  }

  @Override
  public void close() {
    EventLoops.close(channel);
  }

  private static final class Handler extends SimpleChannelInboundHandler<DatagramPacket> {
    private final Clock clock;
    private final Supplier<TimeQuality> quality;
    private final WireObserver observer;
    private final Counters counters;

    Handler(Clock clock, Supplier<TimeQuality> quality, WireObserver observer, Counters counters) {
      this.clock = clock;
      this.quality = quality;
      this.observer = observer;
      this.counters = counters;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      Instant received = clock.instant();
      InetSocketAddress client = packet.sender();
      switch (SntpMessage.decode(packet.content().nioBuffer())) {
        case SntpMessage.Decoded.Ignored(String reason) -> {
          counters.count("ignored." + reason);
          observer.observed(
              new WireEvent(
                  WireEvent.Protocol.SNTP, "sntp.ignored", Optional.empty(), client, reason));
        }
        case SntpMessage.Decoded.Request request -> {
          counters.count("answered");
          byte[] reply = SntpMessage.reply(request, quality.get(), received, clock.instant());
          var _ = ctx.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(reply), client));
        }
      }
    }

    /** Such as an ICMP error for an earlier answer: nothing is wrong with the socket. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof IOException)) {
        LOG.error("sntp question failed", cause);
      }
    }
  }
}
