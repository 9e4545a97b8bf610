// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A machine's network card for UDP: a socket of its own address, and packets that get lost. */
final class Wire implements AutoCloseable {
  static final int LARGEST = 65_535;

  /** A packet that came in. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Packet(byte[] bytes, InetSocketAddress from) {}

  private final DatagramSocket socket;
  private final RandomGenerator random;
  private final double loss;

  private Wire(DatagramSocket socket, RandomGenerator random, double loss) {
    this.socket = socket;
    this.random = random;
    this.loss = loss;
  }

  static Wire open(Inet4Address address, int port, RandomGenerator random, double loss)
      throws IOException {
    return new Wire(new DatagramSocket(new InetSocketAddress(address, port)), random, loss);
  }

  void send(byte[] bytes, InetSocketAddress to) throws IOException {
    if (!isLost()) {
      socket.send(new DatagramPacket(bytes, bytes.length, to));
    }
  }

  /** The next packet that is not lost; empty when none came in time. */
  Optional<Packet> receive(Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    byte[] buffer = new byte[LARGEST];
    while (true) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return Optional.empty();
      }
      socket.setSoTimeout((int) left);
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
      } catch (SocketTimeoutException e) {
        return Optional.empty();
      }
      if (!isLost()) {
        return Optional.of(
            new Packet(
                Arrays.copyOf(packet.getData(), packet.getLength()),
                new InetSocketAddress(packet.getAddress(), packet.getPort())));
      }
    }
  }

  private boolean isLost() {
    return loss > 0 && random.nextDouble() < loss;
  }

  @Override
  public void close() {
    socket.close();
  }
}
