// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * The threads of the wire, shared by all its services: native epoll where it loads, NIO elsewhere.
 */
public final class EventLoops implements AutoCloseable {
  private final EventLoopGroup group;
  private final boolean epoll;

  private EventLoops(EventLoopGroup group, boolean epoll) {
    this.group = group;
    this.epoll = epoll;
  }

  /**
   * Starts the threads.
   *
   * @param threads 1 or more
   */
  public static EventLoops start(int threads) {
    boolean epoll = Epoll.isAvailable();
    return new EventLoops(
        new MultiThreadIoEventLoopGroup(
            threads, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory()),
        epoll);
  }

  public EventLoopGroup group() {
    return group;
  }

  /** Whether sockets can be bound to an interface and have Linux's own options. */
  public boolean isEpoll() {
    return epoll;
  }

  public Class<? extends DatagramChannel> datagramChannel() {
    return epoll ? EpollDatagramChannel.class : NioDatagramChannel.class;
  }

  /**
   * Datagrams of IPv4 only. Linux looks up the route anew for each IPv4 datagram that a socket of
   * both families sends, even if it is connected; here it does so once.
   */
  public ChannelFactory<DatagramChannel> ipv4Datagrams() {
    return () ->
        epoll
            ? new EpollDatagramChannel(SocketProtocolFamily.INET)
            : new NioDatagramChannel(SocketProtocolFamily.INET);
  }

  public Class<? extends ServerChannel> serverChannel() {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** For connections that we open. */
  public Class<? extends SocketChannel> clientChannel() {
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** Closes whatever is still open and ends the threads; waits at most five seconds. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 3, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /** Closes one channel and waits for it. */
  public static void close(Channel channel) {
    channel.close().awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
