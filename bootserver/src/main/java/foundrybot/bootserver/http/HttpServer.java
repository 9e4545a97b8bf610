// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Sockets;
import foundrybot.bootserver.WireObserver;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP/1.1 server for firmware, iPXE, installers and operators (RFC 9110, RFC 9112): exact
 * lengths, ranges, files without a copy, never a redirect.
 */
public final class HttpServer implements AutoCloseable {
  private static final int BACKLOG = 4096;

  private final Channel channel;
  private final ChannelGroup connections;
  private final Counters counters;

  private HttpServer(Channel channel, ChannelGroup connections, Counters counters) {
    this.channel = channel;
    this.connections = connections;
    this.counters = counters;
  }

  /**
   * Opens the port and serves until closed.
   *
   * @throws foundrybot.bootserver.BindException if the port cannot be had; says why and what to do
   */
  public static HttpServer start(
      HttpSettings settings, EventLoops loops, HttpHandler handler, WireObserver observer) {
    settings.networkInterface().ifPresent(name -> Sockets.requireInterface(name, loops));
    Counters counters = new Counters();
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    Admission admission = new Admission(settings.limits());
    Recorder recorder = new Recorder(observer, counters);
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
                    settings
                        .networkInterface()
                        .ifPresent(name -> Sockets.toInterface(server, name));
                  }
                })
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel client) {
                    if (admission.refuses(client, recorder)) {
                      return;
                    }
                    connections.add(client);
                    Connection connection = new Connection(settings.limits(), handler, recorder);
                    client
                        .pipeline()
                        .addLast(connection.watch())
                        .addLast(new HttpServerCodec(decoder(settings.limits())))
                        .addLast(new Body(settings.limits().body(), recorder))
                        .addLast(new FlowControlHandler())
                        .addLast(connection);
                  }
                });
    InetSocketAddress address = new InetSocketAddress(settings.address(), settings.port());
    Channel channel =
        Sockets.bound(bootstrap.bind(address), "HTTP", "tcp", address, settings.networkInterface());
    return new HttpServer(channel, connections, counters);
  }

  private static HttpDecoderConfig decoder(HttpSettings.Limits limits) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(limits.line())
        .setMaxHeaderSize(limits.headers());
  }

  /** The port it listens on. */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** How often what happened: a reason and its number, in alphabetical order. */
  public Map<String, Long> counters() {
    return counters.snapshot();
  }

  /** Closes all connections and frees the port. */
  @Override
  public void close() {
    EventLoops.close(channel);
    connections.close().awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
