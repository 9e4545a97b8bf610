// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import foundrybot.bootserver.BindException;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.WireObserver;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * The same HTTP on a socket file (unix(7)), for programs of this machine: the kernel says which
 * user a client is (SO_PEERCRED), and the rights of the file's folder say who may be one.
 */
public final class LocalServer implements AutoCloseable {
  /** Bytes of a path that fit into an address, without the zero at its end (unix(7)). */
  public static final int LONGEST_PATH = 107;

  private static final int MOST_CONNECTIONS = 64;

  private final Path file;
  private final Channel channel;
  private final ChannelGroup connections;
  private final ExecutorService blocking;

  private LocalServer(
      Path file, Channel channel, ChannelGroup connections, ExecutorService blocking) {
    this.file = file;
    this.channel = channel;
    this.connections = connections;
    this.blocking = blocking;
  }

  /**
   * Makes the socket file, in place of one that is there, and serves until closed.
   *
   * @param loops with native epoll
   * @param handlers answers who is the user of that number
   * @throws BindException if the file cannot be made
   */
  public static LocalServer start(
      Path file, EventLoops loops, IntFunction<HttpHandler> handlers, WireObserver observer) {
    if (file.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new BindException(
          file + ": longer than " + LONGEST_PATH + " bytes, which no socket file's path may be",
          new IOException("path too long"));
    }
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    Recorder recorder = new Recorder(observer, new Counters());
    HttpSettings.Limits limits = HttpSettings.Limits.USUAL;
    OpenFiles files = new OpenFiles(System::nanoTime);
    HttpDecoderConfig decoder =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.line())
            .setMaxHeaderSize(limits.headers());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<EpollDomainSocketChannel>() {
                  @Override
                  protected void initChannel(EpollDomainSocketChannel client) throws IOException {
                    if (connections.size() >= MOST_CONNECTIONS) {
                      var _ = client.close();
                      return;
                    }
                    connections.add(client);
                    HttpHandler handler = handlers.apply(client.peerCredentials().uid());
                    Service service =
                        new Service(limits, handler, recorder, files, false, blocking);
                    Connection connection = new Connection(service, client);
                    client.pipeline().addLast(connection.decoder(decoder)).addLast(connection);
                  }
                });
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new BindException(file + ": cannot be replaced: " + e.getMessage(), e);
    }
    ChannelFuture bound = bootstrap.bind(new DomainSocketAddress(file.toFile()));
    bound.awaitUninterruptibly();
    if (!bound.isSuccess()) {
      blocking.shutdown();
      throw new BindException(
          file + ": no socket can be made there: " + bound.cause().getMessage(), bound.cause());
    }
    return new LocalServer(file, bound.channel(), connections, blocking);
  }

  /** Closes all connections and removes the file. */
  @Override
  public void close() {
    EventLoops.close(channel);
    connections.close().awaitUninterruptibly(3, TimeUnit.SECONDS);
    blocking.shutdown();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
