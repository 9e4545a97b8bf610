// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Sockets;
import foundrybot.bootserver.WireObserver;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A read-only TFTP server: RFC 1350 in octet mode, with options (2347), block size (2348), size and
 * time-out (2349) and windows (7440). Each transfer has a socket of its own.
 */
public final class TftpServer implements AutoCloseable {
  /** Holds the requests of a rack that powers on at once; the kernel may grant less. */
  private static final int RECEIVE_BUFFER = 4 << 20;

  private final Channel channel;
  private final ChannelGroup sockets;
  private final Counters counters;

  private TftpServer(Channel channel, ChannelGroup sockets, Counters counters) {
    this.channel = channel;
    this.sockets = sockets;
    this.counters = counters;
  }

  /**
   * Opens the port and serves until closed.
   *
   * @throws foundrybot.bootserver.BindException if the port cannot be had; says why and what to do
   */
  public static TftpServer start(
      TftpSettings settings, EventLoops loops, TftpTable table, WireObserver observer) {
    settings.networkInterface().ifPresent(name -> Sockets.requireInterface(name, loops));
    Counters counters = new Counters();
    ChannelGroup sockets = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    Requests requests =
        new Requests(
            settings,
            table,
            observer,
            counters,
            loops.isEpoll(),
            handler -> socket(settings, loops, sockets, handler));
    InetSocketAddress address = new InetSocketAddress(settings.address(), settings.port());
    Bootstrap bootstrap =
        socket(settings, loops, sockets, requests).option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER);
    Channel channel =
        Sockets.bound(bootstrap.bind(address), "TFTP", "udp", address, settings.networkInterface());
    return new TftpServer(channel, sockets, counters);
  }

  private static Bootstrap socket(
      TftpSettings settings, EventLoops loops, ChannelGroup sockets, ChannelHandler handler) {
    return new Bootstrap()
        .group(loops.group())
        .channel(loops.datagramChannel())
        .localAddress(settings.address(), 0)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(TftpMessage.MAX_BYTES + Packets.HEADER))
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                settings.networkInterface().ifPresent(name -> Sockets.toInterface(channel, name));
                sockets.add(channel);
                channel.pipeline().addLast(handler);
              }
            });
  }

  /** The port it listens on. */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** How often what happened: a reason and its number, in alphabetical order. */
  public Map<String, Long> counters() {
    return counters.snapshot();
  }

  /** Ends all transfers and frees the port. */
  @Override
  public void close() {
    EventLoops.close(channel);
    sockets.close().awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
