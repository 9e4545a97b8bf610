// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** Asks one address for IPMI: a ping that every BMC with RMCP answers, and no log-in. */
final class AsfPing {
  private static final int TRIES = 2;
  private static final int USUAL_PORT = 623;

  private final int port;
  private final Duration wait;

  AsfPing(int port, Duration wait) {
    this.port = port;
    this.wait = wait;
  }

  /** Where it takes IPMI; empty for silence, a refusal, and ASF without IPMI. */
  Optional<URI> probe(Inet4Address address) {
    // A socket of its own is connected: nobody else's answer counts, and a refusal is told.
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(address, port));
      for (int tag = 0; tag < TRIES && !Thread.currentThread().isInterrupted(); tag++) {
        byte[] ping = AsfPong.ping(tag);
        socket.send(new DatagramPacket(ping, ping.length));
        Optional<AsfPong> pong = await(socket);
        if (pong.isPresent()) {
          return pong.filter(AsfPong::ipmi).map(p -> url(address));
        }
      }
    } catch (IOException e) {
      // Nobody there, or nothing listens: both are no BMC.
      return Optional.empty();
    }
    return Optional.empty();
  }

  private Optional<AsfPong> await(DatagramSocket socket) throws IOException {
    DatagramPacket in = new DatagramPacket(new byte[AsfPong.MAX_BYTES], AsfPong.MAX_BYTES);
    long end = System.nanoTime() + wait.toNanos();
    while (true) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return Optional.empty();
      }
      socket.setSoTimeout((int) left);
      in.setLength(AsfPong.MAX_BYTES);
      try {
        socket.receive(in);
      } catch (SocketTimeoutException e) {
        return Optional.empty();
      }
      // Late answers to the first ping are as good.
      Optional<AsfPong> pong = AsfPong.decode(Arrays.copyOf(in.getData(), in.getLength()));
      if (pong.filter(p -> p.tag() < TRIES).isPresent()) {
        return pong;
      }
    }
  }

  private URI url(Inet4Address address) {
    String host = address.getHostAddress();
    return URI.create("ipmi://" + host + (port == USUAL_PORT ? "" : ":" + port));
  }
}
