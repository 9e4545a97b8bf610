// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Sockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the logs of machines (RFC 5426: syslog over UDP), so that an installer that is silent
 * otherwise has said why. Never answers, and keeps nothing itself.
 */
public final class SyslogServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SyslogServer.class);

  /** RFC 5426 section 3.2 asks for 2048; of a longer datagram the beginning is read. */
  private static final int LARGEST = 4096;

  private final Channel channel;
  private final Counters counters;

  private SyslogServer(Channel channel, Counters counters) {
    this.channel = channel;
    this.counters = counters;
  }

  /**
   * Opens the port and receives until closed.
   *
   * @throws foundrybot.bootserver.BindException if the port cannot be had; says why and what to do
   */
  public static SyslogServer start(SyslogSettings settings, EventLoops loops, SyslogSink sink) {
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
                    opened.pipeline().addLast(new Handler(sink, counters));
                  }
                });
    Channel channel =
        Sockets.bound(
            bootstrap.bind(address), "syslog", "udp", address, settings.networkInterface());
    return new SyslogServer(channel, counters);
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
    private final SyslogSink sink;
    private final Counters counters;

    Handler(SyslogSink sink, Counters counters) {
      this.sink = sink;
      this.counters = counters;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      switch (SyslogMessage.decode(packet.content().nioBuffer())) {
        case SyslogMessage.Decoded.Malformed(String reason) ->
            counters.count("malformed." + reason);
        case SyslogMessage.Decoded.Line(SyslogMessage message) -> {
          counters.count("received");
          sink.received(packet.sender().getAddress(), message);
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof IOException)) {
        LOG.error("syslog line failed", cause);
      }
    }
  }
}
