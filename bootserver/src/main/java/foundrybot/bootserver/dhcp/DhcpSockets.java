// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Sockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of one port: one hears broadcasts, and only on its interface; the other one is bound
 * to the advertised address, and everything leaves through it, so that clients see the address they
 * were told even where the interface has more than one.
 */
final class DhcpSockets implements AutoCloseable {
  private static final int RECEIVE_BUFFER = 4 << 20;

  /** More than the longest packet, so that one too long is seen as such. */
  private static final int READ_SIZE = 2048;

  private static final Logger LOG = LoggerFactory.getLogger(DhcpSockets.class);

  private final List<Channel> channels = new ArrayList<>();

  /** Where everything leaves; empty only while the ports are being opened. */
  private volatile Optional<Channel> out = Optional.empty();

  private DhcpSockets() {}

  /** Takes what arrived; the packet is released afterwards. */
  interface Receiver {
    void received(ByteBuf packet, InetSocketAddress from, DhcpSockets via);
  }

  static DhcpSockets open(
      DhcpSettings settings, int port, EventLoops loops, EventLoop loop, Receiver receiver) {
    settings.interfaceName().ifPresent(name -> Sockets.requireInterface(name, loops));
    Optional<String> device =
        settings.interfaceName().or(() -> interfaceOf(settings.advertised(), loops));
    DhcpSockets sockets = new DhcpSockets();
    try {
      // Another program that set SO_REUSEADDR does not stop us from binding with it; this does.
      bind(device, Ipv4.ANY, port, loops, loop, false, new Nothing()).close().syncUninterruptibly();
      ChannelHandler handler = new Handler(sockets, receiver);
      Channel advertised =
          bind(Optional.empty(), settings.advertised(), port, loops, loop, true, handler);
      sockets.channels.add(advertised);
      sockets.out = Optional.of(advertised);
      sockets.channels.add(bind(device, Ipv4.ANY, port, loops, loop, true, handler));
      return sockets;
    } catch (RuntimeException e) {
      sockets.close();
      throw e;
    }
  }

  /** Sends from the advertised address; the packet is released by it. */
  void send(ByteBuf packet, InetSocketAddress to, Consumer<Throwable> failed) {
    Optional<Channel> ready = out.filter(Channel::isWritable);
    if (ready.isEmpty()) {
      packet.release();
      failed.accept(new SocketException("send buffer full"));
      return;
    }
    ready
        .get()
        .writeAndFlush(new DatagramPacket(packet, to))
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                failed.accept(done.cause());
              }
            });
  }

  @Override
  public void close() {
    channels.forEach(EventLoops::close);
  }

  private static Channel bind(
      Optional<String> interfaceName,
      Inet4Address address,
      int port,
      EventLoops loops,
      EventLoop loop,
      boolean reuse,
      ChannelHandler handler) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(loops.datagramChannel())
            .option(ChannelOption.SO_REUSEADDR, reuse)
            .option(ChannelOption.SO_BROADCAST, true)
            .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_SIZE))
            .handler(handler);
    InetSocketAddress where = new InetSocketAddress(address, port);
    Channel channel = Sockets.bound(bootstrap.register(), "DHCP", "udp", where, interfaceName);
    try {
      // Here and not as an option of the bootstrap, which only logs a failure.
      interfaceName.ifPresent(name -> Sockets.toInterface(channel, name));
      return Sockets.bound(channel.bind(where), "DHCP", "udp", where, interfaceName);
    } catch (ChannelException e) {
      EventLoops.close(channel);
      throw Sockets.fault("DHCP", "udp", where, interfaceName, e);
    } catch (BindException e) {
      EventLoops.close(channel);
      throw e;
    }
  }

  /**
   * Where none is named, the interface of the advertised address: a broadcast heard on another one
   * would be answered on the wrong wire. Loopback has no broadcasts, and NIO cannot do it.
   */
  private static Optional<String> interfaceOf(Inet4Address address, EventLoops loops) {
    if (!loops.isEpoll() || address.isLoopbackAddress()) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(NetworkInterface.getByInetAddress(address))
          .map(NetworkInterface::getName);
    } catch (SocketException e) {
      return Optional.empty();
    }
  }

  /** For a socket that is only opened to see whether the port is free. */
  private static final class Nothing extends ChannelInboundHandlerAdapter {}

  @ChannelHandler.Sharable
  private static final class Handler extends SimpleChannelInboundHandler<DatagramPacket> {
    private final DhcpSockets sockets;
    private final Receiver receiver;

    Handler(DhcpSockets sockets, Receiver receiver) {
      this.sockets = sockets;
      this.receiver = receiver;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      receiver.received(packet.content(), packet.sender(), sockets);
    }

    /** An ICMP error for an earlier answer says nothing about the socket; all else is a bug. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!(cause instanceof IOException)) {
        LOG.error("dhcp failed", cause);
      }
    }
  }
}
