// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import io.netty.buffer.ByteBuf;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Messages as clients send them. */
final class Messages {
  static final MacAddress MAC = new MacAddress(0x525400770001L);

  private Messages() {}

  static Inet4Address ip(String text) {
    try {
      return (Inet4Address) InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  static DhcpMessage decoded(ByteBuf packet) {
    return received(packet).message();
  }

  static Decoded.Message received(ByteBuf packet) {
    return switch (DhcpCodec.decode(packet)) {
      case Decoded.Message message -> message;
      case Decoded.Malformed malformed -> throw new AssertionError(malformed.toString());
    };
  }

  static ByteBuf encoded(DhcpMessage message) {
    return encoded(message, DhcpCodec.MAX_PACKET);
  }

  static ByteBuf encoded(DhcpMessage message, int limit) {
    return switch (DhcpCodec.encode(message, limit)) {
      case DhcpCodec.Encoded.Packet(ByteBuf packet, var dropped) -> packet;
      case DhcpCodec.Encoded.TooLong tooLong -> throw new AssertionError(tooLong.toString());
    };
  }

  static DhcpMessage request(MacAddress mac, MessageType type, DhcpOption... options) {
    List<DhcpOption> all = new ArrayList<>();
    all.add(type.option());
    all.addAll(List.of(options));
    return new DhcpMessage(
        DhcpMessage.REQUEST,
        1,
        0,
        0x12345678,
        4,
        0,
        Ipv4.ANY,
        Ipv4.ANY,
        Ipv4.ANY,
        Ipv4.ANY,
        Octets.of(mac.toBytes()),
        "",
        "",
        all);
  }

  /** As heard on the first network. */
  static Inquiry inquiry(
      DhcpMessage message, MessageType type, InetSocketAddress from, DhcpSettings settings) {
    return Inquiry.of(message, type, from, new Inquiry.Heard(settings.networks().getFirst(), true));
  }

  static DhcpMessage from(DhcpMessage m, Inet4Address ciaddr) {
    return new DhcpMessage(
        m.op(),
        m.htype(),
        m.hops(),
        m.xid(),
        m.secs(),
        m.flags(),
        ciaddr,
        m.yiaddr(),
        m.siaddr(),
        m.giaddr(),
        m.chaddr(),
        m.sname(),
        m.file(),
        m.options());
  }

  static DhcpMessage withXid(DhcpMessage m, int xid) {
    return new DhcpMessage(
        m.op(),
        m.htype(),
        m.hops(),
        xid,
        m.secs(),
        m.flags(),
        m.ciaddr(),
        m.yiaddr(),
        m.siaddr(),
        m.giaddr(),
        m.chaddr(),
        m.sname(),
        m.file(),
        m.options());
  }

  static DhcpMessage relayed(DhcpMessage m, Inet4Address giaddr) {
    return new DhcpMessage(
        m.op(),
        m.htype(),
        m.hops(),
        m.xid(),
        m.secs(),
        m.flags(),
        m.ciaddr(),
        m.yiaddr(),
        m.siaddr(),
        giaddr,
        m.chaddr(),
        m.sname(),
        m.file(),
        m.options());
  }

  static DhcpMessage with(DhcpMessage m, DhcpOption... options) {
    List<DhcpOption> all = new ArrayList<>(m.options());
    all.addAll(List.of(options));
    return withOptions(m, all);
  }

  static DhcpMessage withOptions(DhcpMessage m, List<DhcpOption> options) {
    return new DhcpMessage(
        m.op(),
        m.htype(),
        m.hops(),
        m.xid(),
        m.secs(),
        m.flags(),
        m.ciaddr(),
        m.yiaddr(),
        m.siaddr(),
        m.giaddr(),
        m.chaddr(),
        m.sname(),
        m.file(),
        options);
  }

  static DhcpMessage without(DhcpMessage m, int code) {
    return new DhcpMessage(
        m.op(),
        m.htype(),
        m.hops(),
        m.xid(),
        m.secs(),
        m.flags(),
        m.ciaddr(),
        m.yiaddr(),
        m.siaddr(),
        m.giaddr(),
        m.chaddr(),
        m.sname(),
        m.file(),
        m.options().stream().filter(option -> option.code() != code).toList());
  }

  static DhcpOption vendorClass(String text) {
    return DhcpOption.text(DhcpOption.VENDOR_CLASS, text);
  }

  static DhcpOption architectures(int... codes) {
    byte[] value = new byte[2 * codes.length];
    for (int i = 0; i < codes.length; i++) {
      value[2 * i] = (byte) (codes[i] >>> 8);
      value[2 * i + 1] = (byte) codes[i];
    }
    return new DhcpOption(DhcpOption.ARCHITECTURE, Octets.of(value));
  }

  /** A DISCOVER of plain PXE firmware. */
  static DhcpMessage pxe(int architecture) {
    return request(
        MAC,
        MessageType.DISCOVER,
        architectures(architecture),
        vendorClass("PXEClient:Arch:%05d:UNDI:003000".formatted(architecture)));
  }

  /** A DISCOVER of UEFI HTTP Boot. */
  static DhcpMessage http(int architecture) {
    return request(
        MAC,
        MessageType.DISCOVER,
        architectures(architecture),
        vendorClass("HTTPClient:Arch:%05d:UNDI:003000".formatted(architecture)));
  }

  /** A DISCOVER of iPXE, with its class as bare text. */
  static DhcpMessage ipxe(int architecture) {
    return with(pxe(architecture), DhcpOption.text(DhcpOption.USER_CLASS, "iPXE"));
  }
}
