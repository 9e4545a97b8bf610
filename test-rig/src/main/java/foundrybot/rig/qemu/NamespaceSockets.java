// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** Makes TCP sockets that are in a network namespace, to connect from there. */
final class NamespaceSockets extends SocketFactory {
  private final String namespace;

  /** Of that namespace, as {@code ip netns} names it. */
  NamespaceSockets(String namespace) {
    this.namespace = namespace;
  }

  @Override
  public Socket createSocket() {
    return Namespace.inside(
        namespace,
        () -> {
          Socket socket = new Socket();
          // Only now it is made by the kernel.
          socket.bind(new InetSocketAddress(0));
          return socket;
        });
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  private Socket connected(InetSocketAddress address) throws IOException {
    Socket socket = createSocket();
    socket.connect(address);
    return socket;
  }
}
