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
import java.util.stream.Stream;

/**
 * A packet capture: classic pcap, little-endian, Ethernet, IPv4 without fragments, UDP.
 *
 * @param name of the file, without its ending
 */
record Capture(String name, List<Datagram> datagrams) {
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
    in.skipBytes(24);
    while (in.isReadable()) {
      in.skipBytes(8);
      int length = in.readIntLE();
      in.skipBytes(4);
      ByteBuf udp = in.readSlice(length).skipBytes(14);
      udp.skipBytes((udp.getByte(udp.readerIndex()) & 0xf) * 4);
      int source = udp.readUnsignedShort();
      int target = udp.readUnsignedShort();
      int size = udp.readUnsignedShort() - 8;
      udp.skipBytes(2);
      datagrams.add(new Datagram(source, target, udp.readSlice(size)));
    }
    return new Capture(file.getFileName().toString().replace(".pcap", ""), List.copyOf(datagrams));
  }

  /** All DHCP messages in it; it is an error if one cannot be read. */
  List<DhcpMessage> messages() {
    return datagrams.stream().map(datagram -> Messages.decoded(datagram.payload())).toList();
  }
}
