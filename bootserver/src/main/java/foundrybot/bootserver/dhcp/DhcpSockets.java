// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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

  private static final int SOL_SOCKET = 1;
  private static final int SO_BINDTODEVICE = 25;
  private static final int IFNAMSIZ = 16;
  private static final ChannelOption<ByteBuffer> BIND_TO_DEVICE =
      new RawUnixChannelOption("SO_BINDTODEVICE", SOL_SOCKET, SO_BINDTODEVICE, IFNAMSIZ);

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
    settings.interfaceName().ifPresent(name -> requireInterface(name, loops));
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
    ChannelFuture registered = bootstrap.register().awaitUninterruptibly();
    if (!registered.isSuccess()) {
      throw fault(address, port, interfaceName, registered.cause());
    }
    Channel channel = registered.channel();
    try {
      // Here and not as an option of the bootstrap, which only logs a failure.
      interfaceName.ifPresent(name -> channel.config().setOption(BIND_TO_DEVICE, device(name)));
    } catch (ChannelException e) {
      EventLoops.close(channel);
      throw fault(address, port, interfaceName, e);
    }
    ChannelFuture bound = channel.bind(new InetSocketAddress(address, port)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      EventLoops.close(channel);
      throw fault(address, port, interfaceName, bound.cause());
    }
    return channel;
  }

  private static BindException fault(
      Inet4Address address, int port, Optional<String> interfaceName, Throwable cause) {
    return new BindException(BindFaults.explain(address, port, interfaceName, cause), cause);
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

  private static ByteBuffer device(String name) {
    ByteBuffer value = ByteBuffer.allocateDirect(IFNAMSIZ);
    value.put(name.getBytes(StandardCharsets.US_ASCII)).rewind();
    return value;
  }

  private static void requireInterface(String name, EventLoops loops) {
    try {
      if (NetworkInterface.getByName(name) == null) {
        List<String> names =
            NetworkInterface.networkInterfaces().map(NetworkInterface::getName).sorted().toList();
        throw new BindException(
            "interface: " + name + " (expected: one of " + String.join(", ", names) + ")",
            new SocketException("no such interface"));
      }
    } catch (SocketException e) {
      throw new BindException("interface: " + name + ": " + e.getMessage(), e);
    }
    if (!loops.isEpoll()) {
      throw new BindException(
          "interface: "
              + name
              + ": sockets can only be bound to an interface with native epoll"
              + " (Linux, x86-64 or arm64); leave the interface out to serve all of them",
          new UnsupportedOperationException("no native epoll"));
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
