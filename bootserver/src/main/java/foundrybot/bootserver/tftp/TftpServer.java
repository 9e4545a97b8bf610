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
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A read-only TFTP server: RFC 1350 in octet mode, with options (2347), block size (2348), size and
 * time-out (2349) and windows (7440). Each transfer has a socket of its own, or all share the port.
 */
public final class TftpServer implements AutoCloseable {
  /** Holds the requests of a rack that powers on at once; the kernel may grant less. */
  private static final int RECEIVE_BUFFER = 4 << 20;

  private static final int DATAGRAM = TftpMessage.MAX_BYTES + Packets.HEADER;
  private static final int BATCH = 32;

  /** What may wait for a slow network on a shared port; more is left to resending. */
  private static final WriteBufferWaterMark WAITING = new WriteBufferWaterMark(4 << 20, 8 << 20);

  private final Channel channel;
  private final ChannelGroup sockets;
  private final ExecutorService blocking;
  private final Counters counters;

  private TftpServer(
      Channel channel, ChannelGroup sockets, ExecutorService blocking, Counters counters) {
    this.channel = channel;
    this.sockets = sockets;
    this.blocking = blocking;
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
    ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    ChannelGroup sockets = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    Requests requests =
        new Requests(
            settings,
            table,
            observer,
            counters,
            loops.isEpoll(),
            blocking,
            handler -> socket(settings, loops, sockets, handler));
    InetSocketAddress address = new InetSocketAddress(settings.address(), settings.port());
    Bootstrap bootstrap = socket(settings, loops, sockets, requests);
    port(bootstrap, loops);
    Channel channel =
        Sockets.bound(bootstrap.bind(address), "TFTP", "udp", address, settings.networkInterface());
    return new TftpServer(channel, sockets, blocking, counters);
  }

  /** Many clients' datagrams at one call of the kernel, where it can. */
  private static void port(Bootstrap bootstrap, EventLoops loops) {
    bootstrap
        .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
        .option(ChannelOption.SO_SNDBUF, RECEIVE_BUFFER)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(loops.isEpoll() ? BATCH * DATAGRAM : DATAGRAM));
    if (loops.isEpoll()) {
      bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DATAGRAM);
    }
  }

  /** A client sends one datagram and waits: looking for a second one costs as much as the first. */
  private static FixedRecvByteBufAllocator oneAtATime() {
    FixedRecvByteBufAllocator one = new FixedRecvByteBufAllocator(DATAGRAM);
    var _ = one.maxMessagesPerRead(1);
    return one;
  }

  private static Bootstrap socket(
      TftpSettings settings, EventLoops loops, ChannelGroup sockets, ChannelHandler handler) {
    return new Bootstrap()
        .group(loops.group())
        .channelFactory(loops.ipv4Datagrams())
        .localAddress(settings.address(), 0)
        .option(ChannelOption.RECVBUF_ALLOCATOR, oneAtATime())
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
    blocking.shutdownNow();
  }
}
