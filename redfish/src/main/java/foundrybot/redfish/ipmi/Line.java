// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Trouble;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A connected UDP socket that asks, waits, and asks again. What is no answer to the question is
 * dropped: late answers, duplicates, noise.
 */
final class Line implements AutoCloseable {
  /** How soon an interrupt is seen by a thread that is not virtual. */
  private static final long SLICE_MILLIS = 200;

  private final String bmc;
  private final DatagramSocket socket;
  private int ignored;

  private Line(String bmc, DatagramSocket socket) {
    this.bmc = bmc;
    this.socket = socket;
  }

  static Line connect(String bmc, String host, int port) {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw trouble(bmc, "its address", "the name " + host + " has none", "correct the URL");
    }
    try {
      DatagramSocket socket = new DatagramSocket();
      socket.connect(address);
      return new Line(bmc, socket);
    } catch (IOException e) {
      throw trouble(bmc, "a socket", String.valueOf(e.getMessage()), "is there a route to it?");
    }
  }

  /**
   * Sends and waits, as often as is allowed.
   *
   * @param packet made anew for each time
   * @param pick the answer, if a datagram is one; may throw {@link Malformed}
   * @return empty when nothing came that was picked
   */
  <T> Optional<T> ask(
      String what, Timing timing, Supplier<byte[]> packet, Function<byte[], Optional<T>> pick) {
    for (int i = 0; i < timing.tries(); i++) {
      try {
        send(packet.get());
        Optional<T> answer = await(timing.wait(i), pick);
        if (answer.isPresent()) {
          return answer;
        }
      } catch (PortUnreachableException e) {
        throw trouble(
            bmc,
            what,
            "ICMP port unreachable",
            "the host is there, but nothing listens: is IPMI over LAN switched on?");
      } catch (IOException e) {
        throw interrupted()
            ? interruption(what)
            : trouble(bmc, what, String.valueOf(e.getMessage()), "is there a route to it?");
      }
      if (interrupted()) {
        throw interruption(what);
      }
    }
    return Optional.empty();
  }

  /**
   * Waits that long and sends nothing.
   *
   * @param taker of each datagram; may throw {@link Malformed}
   */
  void listen(String what, Duration time, Consumer<byte[]> taker) {
    try {
      var _ =
          await(
              time,
              in -> {
                taker.accept(in);
                return Optional.empty();
              });
    } catch (IOException e) {
      if (!interrupted()) {
        throw trouble(bmc, what, String.valueOf(e.getMessage()), "is the BMC restarting?");
      }
    }
  }

  /** Sends and expects nothing. */
  void tell(byte[] packet) {
    try {
      send(packet);
    } catch (IOException e) {
      // Courtesy only: nobody waits for it.
      ignored++;
    }
  }

  /** How many datagrams were no answer to anything. */
  int ignored() {
    return ignored;
  }

  private void send(byte[] packet) throws IOException {
    socket.send(new DatagramPacket(packet, packet.length));
  }

  private <T> Optional<T> await(Duration time, Function<byte[], Optional<T>> pick)
      throws IOException {
    DatagramPacket in =
        new DatagramPacket(new byte[RmcpPacket.MAX_BYTES + 1], RmcpPacket.MAX_BYTES + 1);
    long end = System.nanoTime() + time.toNanos();
    while (!interrupted()) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return Optional.empty();
      }
      try {
        socket.setSoTimeout((int) Math.min(left, SLICE_MILLIS));
        in.setLength(RmcpPacket.MAX_BYTES + 1);
        socket.receive(in);
        Optional<T> answer = pick.apply(Arrays.copyOf(in.getData(), in.getLength()));
        if (answer.isPresent()) {
          return answer;
        }
        ignored++;
      } catch (Malformed e) {
        ignored++;
      } catch (SocketTimeoutException e) {
        // Only a slice of the time is over.
      }
    }
    return Optional.empty();
  }

  private static boolean interrupted() {
    return Thread.currentThread().isInterrupted();
  }

  private Trouble interruption(String what) {
    return Trouble.failed(
        new BmcFault(Kind.UNKNOWN_OUTCOME, bmc, what, "interrupted while waiting", "try again"));
  }

  private static Trouble trouble(String bmc, String asked, String answered, String advice) {
    return Trouble.failed(new BmcFault(Kind.UNREACHABLE, bmc, asked, answered, advice));
  }

  @Override
  public void close() {
    socket.close();
  }
}
