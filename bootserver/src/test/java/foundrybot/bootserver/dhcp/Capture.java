// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a packet capture (classic pcap, little-endian) holds of DHCP: IPv4 without fragments, UDP.
 *
 * @param name of the file, without its ending
 */
record Capture(String name, List<Datagram> datagrams) {
  private static final Set<Integer> PORTS = Set.of(67, 68, 4011);
  private static final int IPV4 = 4;
  private static final int UDP = 17;

  /** UDP payload and ports. */
  record Datagram(int sourcePort, int targetPort, ByteBuf payload) {}

  /** Those in the test resources, by name. */
  static List<Capture> all() {
    try {
      Path folder = Path.of(Objects.requireNonNull(Capture.class.getResource("/captures")).toURI());
      try (Stream<Path> files = Files.list(folder)) {
        return files
            .filter(file -> file.toString().endsWith(".pcap"))
            .sorted()
            .map(Capture::read)
            .toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Capture read(Path file) {
    ByteBuf in;
    try {
      in = Unpooled.wrappedBuffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Datagram> datagrams = new ArrayList<>();
    int link = in.skipBytes(20).readIntLE();
    while (in.isReadable()) {
      in.skipBytes(8);
      int length = in.readIntLE();
      in.skipBytes(4);
      ByteBuf ip = in.readSlice(length).skipBytes(linkHeader(link, file));
      if (isUdp(ip)) {
        Datagram datagram = datagram(ip);
        if (PORTS.contains(datagram.targetPort())) {
          datagrams.add(datagram);
        }
      }
    }
    return new Capture(file.getFileName().toString().replace(".pcap", ""), List.copyOf(datagrams));
  }

  /** Bytes before the IP header (the link types of tcpdump.org). */
  private static int linkHeader(int link, Path file) {
    return switch (link) {
      case 1 -> 14;
      case 113 -> 16;
      case 276 -> 20;
      default ->
          throw new AssertionError(
              file + ": link type " + link + " (expected: 1 Ethernet, 113 or 276 Linux cooked)");
    };
  }

  private static boolean isUdp(ByteBuf ip) {
    int at = ip.readerIndex();
    return ip.readableBytes() >= 28
        && ip.getUnsignedByte(at) >> 4 == IPV4
        && ip.getUnsignedByte(at + 9) == UDP;
  }

  private static Datagram datagram(ByteBuf ip) {
    ByteBuf udp = ip.skipBytes((ip.getByte(ip.readerIndex()) & 0xf) * 4);
    int source = udp.readUnsignedShort();
    int target = udp.readUnsignedShort();
    int size = udp.readUnsignedShort() - 8;
    udp.skipBytes(2);
    return new Datagram(source, target, udp.readSlice(size));
  }

  /** All DHCP messages in it; it is an error if one cannot be read. */
  List<DhcpMessage> messages() {
    return datagrams.stream().map(datagram -> Messages.decoded(datagram.payload())).toList();
  }
}
