// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Searches for Redfish services by multicast, from each interface that has an address in one of the
 * ranges: networks that nobody named are left alone.
 */
final class SsdpSearch {
  /** As DSP0266 wants it. */
  private static final int TTL = 2;

  private static final int TRIES = 2;
  private static final int MAX_ANSWERS = 4096;

  private final InetSocketAddress group;
  private final Duration wait;

  SsdpSearch(InetSocketAddress group, Duration wait) {
    this.group = group;
    this.wait = wait;
  }

  /**
   * Who answered.
   *
   * @param sender from where, which alone counts
   */
  record Heard(Inet4Address sender, SsdpAnswer answer) {}

  /** An interface's address. */
  record Door(NetworkInterface way, Inet4Address address) {}

  static List<Door> doors(List<Subnet> subnets) {
    List<Door> doors = new ArrayList<>();
    try {
      for (NetworkInterface way : NetworkInterface.networkInterfaces().toList()) {
        for (InterfaceAddress own :
            way.isUp() ? way.getInterfaceAddresses() : List.<InterfaceAddress>of()) {
          if (own.getAddress() instanceof Inet4Address address
              && subnets.stream()
                  .anyMatch(subnet -> subnet.touches(address, own.getNetworkPrefixLength()))) {
            doors.add(new Door(way, address));
          }
        }
      }
    } catch (SocketException e) {
      return doors;
    }
    return doors;
  }

  /** Takes the whole time. What cannot be sent (a network without multicast) finds nothing. */
  void from(Door door, Consumer<Heard> hear) {
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(door.address(), 0))) {
      socket.setOption(StandardSocketOptions.IP_MULTICAST_IF, door.way());
      socket.setOption(StandardSocketOptions.IP_MULTICAST_TTL, TTL);
      int seconds = Math.clamp(wait.toSeconds(), 1, 5);
      String host = group.getAddress().getHostAddress() + ":" + group.getPort();
      byte[] search = SsdpAnswer.search(host, seconds);
      int left = MAX_ANSWERS;
      for (int i = 0; i < TRIES && !Thread.currentThread().isInterrupted(); i++) {
        socket.send(new DatagramPacket(search, search.length, group));
        left = listen(socket, hear, left);
      }
    } catch (IOException e) {
      // The sweep finds the same machines, only later.
    }
  }

  private int listen(DatagramSocket socket, Consumer<Heard> hear, int most) throws IOException {
    DatagramPacket in =
        new DatagramPacket(new byte[SsdpAnswer.MAX_BYTES + 1], SsdpAnswer.MAX_BYTES + 1);
    // Answers are spread over the seconds that the search named; half a second for the way.
    long end = System.nanoTime() + wait.toNanos() + Duration.ofMillis(500).toNanos();
    int left = most;
    while (left > 0) {
      long time = (end - System.nanoTime()) / 1_000_000;
      if (time <= 0) {
        break;
      }
      socket.setSoTimeout((int) time);
      in.setLength(SsdpAnswer.MAX_BYTES + 1);
      try {
        socket.receive(in);
      } catch (SocketTimeoutException e) {
        break;
      }
      left--;
      if (in.getAddress() instanceof Inet4Address sender) {
        SsdpAnswer.decode(Arrays.copyOf(in.getData(), in.getLength()))
            .ifPresent(answer -> hear.accept(new Heard(sender, answer)));
      }
    }
    return left;
  }
}
