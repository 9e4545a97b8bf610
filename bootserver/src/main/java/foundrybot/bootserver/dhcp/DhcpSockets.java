// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Sockets;
import foundrybot.bootserver.dhcp.DhcpNetwork.Presence;
import foundrybot.bootserver.dhcp.Inquiry.Heard;
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
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of one port. Each interface has one that hears broadcasts there. Each address of ours
 * has two that everything leaves through, so that clients see the address they were told even where
 * an interface has more than one: what goes to the wire itself leaves on the interface of that
 * network, and what is routed leaves where the kernel finds its way.
 */
final class DhcpSockets implements AutoCloseable, DhcpService.Way {
  private static final int RECEIVE_BUFFER = 4 << 20;

  /** More than the longest packet, so that one too long is seen as such. */
  private static final int READ_SIZE = 2048;

  /** Datagrams that are read with one system call, where the system has one for several. */
  private static final int READ_AT_ONCE = 16;

  private static final Logger LOG = LoggerFactory.getLogger(DhcpSockets.class);

  private final int port;
  private final EventLoops loops;
  private final EventLoop loop;
  private final List<Channel> channels = new ArrayList<>();
  private final Map<Inet4Address, Exit> ways = new ConcurrentHashMap<>();

  /** Sockets with answers that have not been given to the system yet; most of the time one. */
  private final Set<Channel> unsent = new HashSet<>();

  /** How to send as one address of ours. */
  private record Exit(DhcpNetwork network, Channel toWire, Channel routed) {}

  private DhcpSockets(int port, EventLoops loops, EventLoop loop) {
    this.port = port;
    this.loops = loops;
    this.loop = loop;
  }

  /** Takes what arrived; the packet is released afterwards. */
  interface Receiver {
    void received(ByteBuf packet, InetSocketAddress from, Heard heard, DhcpService.Way via);
  }

  /**
   * The interface of each network that we are on. Where none is named, that of our address: a
   * broadcast heard on another one would be answered on the wrong wire. Loopback has no broadcasts,
   * and NIO cannot do it: there none is found.
   *
   * @throws BindException if a named interface is not there
   */
  static Map<Presence, String> devices(DhcpSettings settings, EventLoops loops) {
    Map<Presence, String> devices = new LinkedHashMap<>();
    for (DhcpNetwork network : settings.networks()) {
      network
          .presence()
          .ifPresent(
              presence -> {
                presence.interfaceName().ifPresent(name -> Sockets.requireInterface(name, loops));
                presence
                    .interfaceName()
                    .or(() -> interfaceOf(presence.address(), loops))
                    .ifPresent(name -> devices.put(presence, name));
              });
    }
    return devices;
  }

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

  static DhcpSockets open(
      List<DhcpNetwork> networks,
      Map<Presence, String> devices,
      int port,
      EventLoops loops,
      EventLoop loop,
      Receiver receiver) {
    DhcpSockets sockets = new DhcpSockets(port, loops, loop);
    try {
      sockets.checkFree(networks, devices);
      Set<Optional<String>> heard = new HashSet<>();
      for (DhcpNetwork network : networks) {
        if (network.presence().isPresent()) {
          Presence presence = network.presence().get();
          Optional<String> device = Optional.ofNullable(devices.get(presence));
          sockets.openFor(network, presence.address(), device, heard.add(device), receiver);
        }
      }
      return sockets;
    } catch (RuntimeException e) {
      sockets.close();
      throw e;
    }
  }

  /** Another program that set SO_REUSEADDR does not stop us from binding with it; this does. */
  private void checkFree(List<DhcpNetwork> networks, Map<Presence, String> devices) {
    networks.stream()
        .flatMap(network -> network.presence().stream())
        .map(presence -> Optional.ofNullable(devices.get(presence)))
        .distinct()
        .forEach(device -> EventLoops.close(bind(device, Ipv4.ANY, false, new Nothing())));
  }

  private void openFor(
      DhcpNetwork network,
      Inet4Address address,
      Optional<String> device,
      boolean firstOnDevice,
      Receiver receiver) {
    ChannelHandler direct = new Handler(this, new Heard(network, false), receiver);
    Channel routed = opened(bind(Optional.empty(), address, true, direct));
    Channel toWire = device.isPresent() ? opened(bind(device, address, true, direct)) : routed;
    ways.put(address, new Exit(network, toWire, routed));
    if (firstOnDevice) {
      opened(bind(device, Ipv4.ANY, true, new Handler(this, new Heard(network, true), receiver)));
    }
  }

  private Channel opened(Channel channel) {
    channels.add(channel);
    return channel;
  }

  /**
   * Sends as one of our addresses; the packet is released by it. Only on the event loop: what is
   * sent in one turn of it goes to the system together, at its end.
   */
  @Override
  public void send(
      ByteBuf packet, Inet4Address as, InetSocketAddress to, Consumer<Throwable> failed) {
    Exit way = ways.get(as);
    if (way == null) {
      packet.release();
      failed.accept(new SocketException("not an address of ours: " + as.getHostAddress()));
      return;
    }
    boolean onWire =
        to.getAddress().equals(Ipv4.BROADCAST)
            || (to.getAddress() instanceof Inet4Address target && way.network().contains(target));
    Channel out = onWire ? way.toWire() : way.routed();
    if (!out.isWritable()) {
      out.flush();
    }
    if (!out.isWritable()) {
      packet.release();
      failed.accept(new SocketException("send buffer full"));
      return;
    }
    if (unsent.isEmpty()) {
      loop.execute(this::flush);
    }
    unsent.add(out);
    out.write(new DatagramPacket(packet, to))
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                failed.accept(done.cause());
              }
            });
  }

  private void flush() {
    unsent.forEach(Channel::flush);
    unsent.clear();
  }

  @Override
  public void close() {
    channels.forEach(EventLoops::close);
  }

  private Channel bind(
      Optional<String> interfaceName, Inet4Address address, boolean reuse, ChannelHandler handler) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(loops.datagramChannel())
            .option(ChannelOption.SO_REUSEADDR, reuse)
            .option(ChannelOption.SO_BROADCAST, true)
            .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_SIZE))
            .handler(handler);
    if (loops.isEpoll()) {
      bootstrap
          .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, READ_SIZE)
          .option(
              ChannelOption.RECVBUF_ALLOCATOR,
              new FixedRecvByteBufAllocator(READ_AT_ONCE * READ_SIZE));
    }
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

  /** For a socket that is only opened to see whether the port is free. */
  private static final class Nothing extends ChannelInboundHandlerAdapter {}

  @ChannelHandler.Sharable
  private static final class Handler extends SimpleChannelInboundHandler<DatagramPacket> {
    private final DhcpSockets sockets;
    private final Heard heard;
    private final Receiver receiver;

    Handler(DhcpSockets sockets, Heard heard, Receiver receiver) {
      this.sockets = sockets;
      this.heard = heard;
      this.receiver = receiver;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      receiver.received(packet.content(), packet.sender(), heard, sockets);
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
