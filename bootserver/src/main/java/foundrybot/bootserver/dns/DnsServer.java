// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Sockets;
import foundrybot.bootserver.WireObserver;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A DNS server by UDP and TCP (RFC 1035, 7766) with EDNS (RFC 6891): with authority for one zone,
 * and for the local networks a forwarder of all other questions. No recursion of its own, no
 * transfers, no updates.
 */
public final class DnsServer implements AutoCloseable {
  private static final int RECEIVE_BUFFER = 4 << 20;
  private static final int LARGEST_QUESTION = 4096;
  private static final int BACKLOG = 1024;

  /** How often a free port by UDP may turn out to be taken by TCP. */
  private static final int TRIES = 16;

  private final Channel udp;
  private final Channel tcp;
  private final Connections connections;
  private final Counters counters;

  private DnsServer(Channel udp, Channel tcp, Connections connections, Counters counters) {
    this.udp = udp;
    this.tcp = tcp;
    this.connections = connections;
    this.counters = counters;
  }

  /**
   * Opens both ports and serves until closed.
   *
   * @param zone gives the zone in force, for each question anew; must return at once
   * @param clock for the age of what is cached
   * @throws BindException if a port cannot be had; says why and what to do
   */
  public static DnsServer start(
      DnsSettings settings,
      EventLoops loops,
      Supplier<Zone> zone,
      WireObserver observer,
      Clock clock) {
    settings.networkInterface().ifPresent(name -> Sockets.requireInterface(name, loops));
    Counters counters = new Counters();
    Connections connections = new Connections(settings.limits(), counters);
    Forwarder forwarder = new Forwarder(settings, loops, clock, new SecureRandom(), counters);
    Responder responder = new Responder(settings, zone, forwarder, observer, counters);
    for (int tries = 1; ; tries++) {
      Channel udp = udp(settings, loops, responder);
      int port = ((InetSocketAddress) udp.localAddress()).getPort();
      try {
        Channel tcp = tcp(settings, port, loops, responder, connections, counters);
        return new DnsServer(udp, tcp, connections, counters);
      } catch (BindException e) {
        EventLoops.close(udp);
        if (settings.port() != 0 || tries == TRIES) {
          throw e;
        }
      }
    }
  }

  private static Channel udp(DnsSettings settings, EventLoops loops, Responder responder) {
    InetSocketAddress address = new InetSocketAddress(settings.address(), settings.port());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channel(loops.datagramChannel())
            .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST_QUESTION))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    bind(settings, channel);
                    channel.pipeline().addLast(new Datagrams(responder));
                  }
                });
    return Sockets.bound(
        bootstrap.bind(address), "DNS", "udp", address, settings.networkInterface());
  }

  private static Channel tcp(
      DnsSettings settings,
      int port,
      EventLoops loops,
      Responder responder,
      Connections connections,
      Counters counters) {
    InetSocketAddress address = new InetSocketAddress(settings.address(), port);
    DnsSettings.Limits limits = settings.limits();
    long idle = limits.idle().toMillis();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel server) {
                    bind(settings, server);
                  }
                })
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel client) {
                    if (connections.admits(client)) {
                      client
                          .pipeline()
                          .addLast(Stream.frames())
                          // Behind the frames, so that octets alone do not keep it open.
                          .addLast(new IdleStateHandler(idle, 0, 0, TimeUnit.MILLISECONDS))
                          .addLast(new FlowControlHandler())
                          .addLast(new Stream(responder, limits.inFlight(), counters));
                    }
                  }
                });
    return Sockets.bound(
        bootstrap.bind(address), "DNS", "tcp", address, settings.networkInterface());
  }

  private static void bind(DnsSettings settings, Channel channel) {
    settings.networkInterface().ifPresent(name -> Sockets.toInterface(channel, name));
  }

  /** The port it listens on, by UDP and by TCP. */
  public int port() {
    return ((InetSocketAddress) udp.localAddress()).getPort();
  }

  /** How often what happened: a reason and its number, in alphabetical order. */
  public Map<String, Long> counters() {
    return counters.snapshot();
  }

  /** Closes all connections and frees the ports. */
  @Override
  public void close() {
    EventLoops.close(udp);
    EventLoops.close(tcp);
    connections.close();
  }
}
