// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What all services do alike with their sockets. */
public final class Sockets {
  private static final int SOL_SOCKET = 1;
  private static final int SO_BINDTODEVICE = 25;
  private static final int IFNAMSIZ = 16;
  private static final ChannelOption<ByteBuffer> BIND_TO_DEVICE =
      new RawUnixChannelOption("SO_BINDTODEVICE", SOL_SOCKET, SO_BINDTODEVICE, IFNAMSIZ);

  private Sockets() {}

  /**
   * Checks that the interface is there and that sockets can be bound to it.
   *
   * @throws BindException if not; names the interfaces there are
   */
  public static void requireInterface(String name, EventLoops loops) {
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

  /** Makes a socket that is not bound yet hear and speak on one interface only. */
  public static void toInterface(Channel channel, String name) {
    ByteBuffer value = ByteBuffer.allocateDirect(IFNAMSIZ);
    value.put(name.getBytes(StandardCharsets.US_ASCII)).rewind();
    channel.config().setOption(BIND_TO_DEVICE, value);
  }

  /**
   * Waits for a socket to be bound.
   *
   * @param protocol {@code udp} or {@code tcp}
   * @throws BindException as {@link #fault} says it
   */
  public static Channel bound(
      ChannelFuture future,
      String service,
      String protocol,
      InetSocketAddress address,
      Optional<String> networkInterface) {
    future.awaitUninterruptibly();
    if (future.isSuccess()) {
      return future.channel();
    }
    throw fault(service, protocol, address, networkInterface, future.cause());
  }

  /** Why a socket cannot be had, in one line: which port of which service, why not, what to do. */
  public static BindException fault(
      String service,
      String protocol,
      InetSocketAddress address,
      Optional<String> networkInterface,
      Throwable cause) {
    String where =
        "%s: %s port %d of %s%s"
            .formatted(
                service,
                protocol,
                address.getPort(),
                address.getAddress().getHostAddress(),
                networkInterface.map(name -> " on " + name).orElse(""));
    return new BindException(
        where + ": " + explain(String.valueOf(cause.getMessage()), protocol, address), cause);
  }

  private static String explain(String message, String protocol, InetSocketAddress address) {
    String text = message.toLowerCase(Locale.ROOT);
    int port = address.getPort();
    if (text.contains("in use")) {
      return "in use by another program; find it with 'ss -l%snp sport = :%d', stop it or set another port"
          .formatted(protocol.charAt(0), port);
    }
    if (text.contains("denied") || text.contains("not permitted")) {
      return "no right to open a port below 1024; run as root, give CAP_NET_BIND_SERVICE, or set a"
          + " port above 1023";
    }
    if (text.contains("assign")) {
      return "no interface carries this address; see 'ip address'";
    }
    return message;
  }
}
