// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Sockets;
import foundrybot.bootserver.WireObserver;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP/1.1 server for firmware, iPXE, installers and operators (RFC 9110, RFC 9112): exact
 * lengths, ranges, files without a copy, never a redirect.
 */
public final class HttpServer implements AutoCloseable {
  private static final int BACKLOG = 4096;

  /** What a client can make the server decode ahead. */
  private static final int MOST_READ_AT_ONCE = 2 * 1024;

  private static final int MOST_ACCEPTED_AT_ONCE = 16;

  private static final int SWEEP_S = 5;

  private final Channel channel;
  private final ChannelGroup connections;
  private final Counters counters;
  private final Runnable end;

  private HttpServer(Channel channel, ChannelGroup connections, Counters counters, Runnable end) {
    this.channel = channel;
    this.connections = connections;
    this.counters = counters;
    this.end = end;
  }

  /**
   * Opens the port and serves until closed.
   *
   * @throws foundrybot.bootserver.BindException if the port cannot be had; says why and what to do
   */
  public static HttpServer start(
      HttpSettings settings, EventLoops loops, HttpHandler handler, WireObserver observer) {
    settings.networkInterface().ifPresent(name -> Sockets.requireInterface(name, loops));
    Optional<Tls> tls = settings.tls().map(Tls::of);
    Counters counters = new Counters();
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    OpenFiles files = new OpenFiles(System::nanoTime);
    ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    Recorder recorder = new Recorder(observer, counters);
    Service service =
        new Service(settings.limits(), handler, recorder, files, tls.isPresent(), blocking);
    HttpDecoderConfig decoder = decoder(settings.limits());
    Admission admission = new Admission(settings.limits(), tls.isPresent());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.RECVBUF_ALLOCATOR, several())
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, tls.isEmpty())
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(512, 1024, MOST_READ_AT_ONCE))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel server) {
                    settings
                        .networkInterface()
                        .ifPresent(name -> Sockets.toInterface(server, name));
                    if (loops.isEpoll()) {
                      server.pipeline().addLast(new Listening());
                    }
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
                    tls.ifPresent(t -> secure(client, t, settings, recorder));
                    Connection connection = new Connection(service, client);
                    client.pipeline().addLast(connection.decoder(decoder)).addLast(connection);
                  }
                });
    InetSocketAddress address = new InetSocketAddress(settings.address(), settings.port());
    Channel channel =
        Sockets.bound(
            bootstrap.bind(address),
            tls.isPresent() ? "HTTPS" : "HTTP",
            "tcp",
            address,
            settings.networkInterface());
    ScheduledFuture<?> sweeping =
        channel
            .eventLoop()
            .scheduleAtFixedRate(
                () -> blocking.execute(files::sweep), SWEEP_S, SWEEP_S, TimeUnit.SECONDS);
    return new HttpServer(
        channel,
        connections,
        counters,
        () -> {
          sweeping.cancel(false);
          blocking.shutdown();
          files.close();
        });
  }

  private static void secure(Channel client, Tls tls, HttpSettings settings, Recorder recorder) {
    TlsFaults faults = new TlsFaults(recorder);
    client
        .pipeline()
        .addLast(faults.watch())
        .addLast(tls.handler(client.alloc(), settings.limits().receive()))
        .addLast(faults);
  }

  /** Several connections in one turn of the loop: a turn for each costs a look at all sockets. */
  private static RecvByteBufAllocator several() {
    ServerChannelRecvByteBufAllocator allocator = new ServerChannelRecvByteBufAllocator();
    // Until there is none: what it takes for a hint is a number of bytes, which accept has not.
    allocator.respectMaybeMoreData(false).maxMessagesPerRead(MOST_ACCEPTED_AT_ONCE);
    return allocator;
  }

  /**
   * A connection joins epoll listening. Netty has it join deaf and then changes that, a system call
   * more for each connection.
   */
  private static final class Listening extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object client) {
      ((Channel) client).unsafe().beginRead();
      context.fireChannelRead(client);
    }
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
    end.run();
  }
}
