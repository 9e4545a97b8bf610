// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MTU to a client: Linux tells it of a connected socket ({@code IP_MTU} in ip(7)), with what it
 * has learned by ICMP and from its routes. Elsewhere it is the interface's.
 */
final class KernelMtu implements ToIntFunction<InetAddress> {
  private static final Logger LOG = LoggerFactory.getLogger(KernelMtu.class);
  private static final int IPPROTO_IP = 0;
  private static final int IP_MTU = 14;
  private static final int ETHERNET = 1500;
  private static final int ANY_PORT = 9;

  private final InetAddress own;
  private final boolean linux;
  private final int ofInterface;

  /**
   * Looks up the interface once.
   *
   * @param linux whether sockets are Linux's own
   */
  KernelMtu(InetAddress own, boolean linux) {
    this.own = own;
    this.linux = linux;
    this.ofInterface = ofInterface(own);
  }

  private static int ofInterface(InetAddress own) {
    try {
      NetworkInterface carrier = NetworkInterface.getByInetAddress(own);
      int mtu = carrier == null ? 0 : carrier.getMTU();
      return mtu > 0 ? mtu : ETHERNET;
    } catch (IOException e) {
      return ETHERNET;
    }
  }

  /** Sends nothing: connecting a datagram socket only looks up the route. */
  @Override
  public int applyAsInt(InetAddress client) {
    if (!linux) {
      return ofInterface;
    }
    Socket socket = Socket.newSocketDgram();
    try {
      socket.bind(new InetSocketAddress(own, 0));
      socket.connect(new InetSocketAddress(client, ANY_PORT));
      return socket.getIntOpt(IPPROTO_IP, IP_MTU);
    } catch (IOException e) {
      LOG.debug("tftp mtu unknown client={} reason={}", client, e.toString());
      return ofInterface;
    } finally {
      close(socket);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("tftp mtu socket: {}", e.toString());
    }
  }
}
