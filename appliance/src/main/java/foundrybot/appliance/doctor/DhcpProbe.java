// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import foundrybot.appliance.doctor.Evidence.Offer;
import foundrybot.appliance.doctor.Evidence.Wire;
import foundrybot.bootserver.Architecture;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.Sockets;
import foundrybot.bootserver.dhcp.Decoded;
import foundrybot.bootserver.dhcp.DhcpCodec;
import foundrybot.bootserver.dhcp.DhcpMessage;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpOption;
import foundrybot.bootserver.dhcp.Octets;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Asks all DHCP servers of a wire what they would give to a machine, and takes nothing of it: no
 * REQUEST is ever sent, so that no lease begins; what a server holds for the probe it forgets in a
 * minute or two.
 */
final class DhcpProbe {
  /** Rounds of one DISCOVER per kind of client. */
  static final int ROUNDS = 2;

  static final int SECONDS_PER_ROUND = 2;

  /**
   * Who asks.
   *
   * @param architecture empty: a client that does not boot
   * @param ipxe an iPXE that runs there already
   */
  record Kind(String name, Optional<Architecture> architecture, boolean ipxe) {
    private static Kind firmware(Architecture architecture) {
      return new Kind(architecture.name(), Optional.of(architecture), false);
    }
  }

  private static final Kind BIOS = Kind.firmware(Architecture.BIOS_X86);
  static final Kind UEFI = Kind.firmware(Architecture.UEFI_X64);
  private static final Kind ARM = Kind.firmware(Architecture.UEFI_ARM64);
  private static final Kind IPXE =
      new Kind("iPXE on x64 UEFI", Optional.of(Architecture.UEFI_X64), true);

  static final List<Kind> KINDS =
      List.of(
          new Kind("a client that does not boot", Optional.empty(), false),
          BIOS,
          UEFI,
          ARM,
          Kind.firmware(Architecture.UEFI_X64_HTTP),
          IPXE);

  /** Those that go to the port of PXE boot servers, the most frequent there first. */
  static final List<Kind> PXE_KINDS = List.of(UEFI, BIOS, ARM, IPXE);

  private static final int MOST_OFFERS = 256;
  private static final int SERVER_PORT = 67;
  private static final int CLIENT_PORT = 68;
  private static final int UNDI = 94;
  static final Inet4Address ANY = Inet4Address.ofLiteral("0.0.0.0");
  private static final Inet4Address BROADCAST = Inet4Address.ofLiteral("255.255.255.255");

  private final String interfaceName;
  private final MacAddress mac;
  private final Map<Integer, Kind> asked = new LinkedHashMap<>();
  private final Set<Offer> offers = Collections.synchronizedSet(new LinkedHashSet<>());

  private DhcpProbe(String interfaceName, MacAddress mac) {
    this.interfaceName = interfaceName;
    this.mac = mac;
  }

  /** A locally administered address that no machine has. */
  static MacAddress anyMac(RandomGenerator random) {
    return new MacAddress(0x02_00_00_00_00_00L | random.nextLong(1L << 40));
  }

  /**
   * Asks, and listens for some seconds.
   *
   * @param mac in whose name
   * @throws foundrybot.bootserver.BindException if port 68 cannot be had there
   */
  static Wire ask(String interfaceName, MacAddress mac, RandomGenerator random)
      throws InterruptedException {
    try (EventLoops loops = EventLoops.start(1)) {
      return new DhcpProbe(interfaceName, mac).ask(loops, random);
    }
  }

  private Wire ask(EventLoops loops, RandomGenerator random) throws InterruptedException {
    for (Kind kind : KINDS) {
      int xid = random.nextInt();
      while (asked.putIfAbsent(xid, kind) != null) {
        xid = random.nextInt();
      }
    }
    Channel channel = open(loops);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        for (Map.Entry<Integer, Kind> kind : asked.entrySet()) {
          ByteBuf packet = discover(kind.getKey(), kind.getValue(), round * SECONDS_PER_ROUND);
          channel
              .writeAndFlush(
                  new DatagramPacket(packet, new InetSocketAddress(BROADCAST, SERVER_PORT)))
              .syncUninterruptibly();
        }
        Thread.sleep(SECONDS_PER_ROUND * 1000L);
      }
    } finally {
      EventLoops.close(channel);
    }
    synchronized (offers) {
      return new Wire(interfaceName, ROUNDS * SECONDS_PER_ROUND, List.copyOf(offers));
    }
  }

  private Channel open(EventLoops loops) {
    Sockets.requireInterface(interfaceName, loops);
    InetSocketAddress where = new InetSocketAddress(ANY, CLIENT_PORT);
    Optional<String> device = Optional.of(interfaceName);
    Channel channel =
        Sockets.bound(
            new Bootstrap()
                .group(loops.group())
                .channel(loops.datagramChannel())
                // A DHCP client of this machine may have the port, too; broadcasts reach both.
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BROADCAST, true)
                .handler(new Listening())
                .register(),
            "DHCP client",
            "udp",
            where,
            device);
    try {
      Sockets.toInterface(channel, interfaceName);
      return Sockets.bound(channel.bind(where), "DHCP client", "udp", where, device);
    } catch (io.netty.channel.ChannelException e) {
      EventLoops.close(channel);
      throw Sockets.fault("DHCP client", "udp", where, device, e);
    }
  }

  private ByteBuf discover(int xid, Kind kind, int secs) {
    List<DhcpOption> options = options(MessageType.DISCOVER, kind);
    return encoded(xid, secs, DhcpMessage.BROADCAST, ANY, mac, options);
  }

  /**
   * What a client asks the port of a PXE boot server (PXE 2.1 section 2.2): a REQUEST without
   * options 50 and 54, so that it is for no lease.
   *
   * @param own the address that the client has and asks from
   */
  static ByteBuf request(int xid, Kind kind, MacAddress mac, Inet4Address own) {
    List<DhcpOption> options = options(MessageType.REQUEST, kind);
    // Type 0 and a UUID, which no machine has.
    options.add(new DhcpOption(DhcpOption.CLIENT_UUID, Octets.of(new byte[17])));
    return encoded(xid, 0, 0, own, mac, options);
  }

  private static List<DhcpOption> options(MessageType type, Kind kind) {
    List<DhcpOption> options = new ArrayList<>();
    options.add(type.option());
    options.add(
        new DhcpOption(
            DhcpOption.PARAMETER_LIST,
            Octets.of((byte) 1, (byte) 3, (byte) 6, (byte) 15, (byte) 43, (byte) 54, (byte) 60)
                .plus(Octets.of((byte) 66, (byte) 67))));
    options.add(
        new DhcpOption(DhcpOption.MAX_MESSAGE_SIZE, Octets.of((byte) (1472 >> 8), (byte) 1472)));
    if (kind.ipxe()) {
      options.add(DhcpOption.text(DhcpOption.USER_CLASS, "iPXE"));
      // Its feature "HTTP", as every build says.
      options.add(new DhcpOption(DhcpOption.IPXE, Octets.of((byte) 19, (byte) 1, (byte) 1)));
    }
    kind.architecture()
        .ifPresent(
            architecture -> {
              String kindOfClient = architecture.overHttp() ? "HTTPClient" : "PXEClient";
              options.add(
                  DhcpOption.text(
                      DhcpOption.VENDOR_CLASS,
                      "%s:Arch:%05d:UNDI:003000".formatted(kindOfClient, architecture.code())));
              options.add(
                  new DhcpOption(
                      DhcpOption.ARCHITECTURE,
                      Octets.of((byte) (architecture.code() >> 8), (byte) architecture.code())));
              options.add(new DhcpOption(UNDI, Octets.of((byte) 1, (byte) 3, (byte) 0)));
            });
    return options;
  }

  private static ByteBuf encoded(
      int xid, int secs, int flags, Inet4Address ciaddr, MacAddress mac, List<DhcpOption> options) {
    DhcpMessage message =
        new DhcpMessage(
            DhcpMessage.REQUEST,
            1,
            0,
            xid,
            secs,
            flags,
            ciaddr,
            ANY,
            ANY,
            ANY,
            Octets.of(mac.toBytes()),
            "",
            "",
            options);
    return switch (DhcpCodec.encode(message, DhcpCodec.limit(message))) {
      case DhcpCodec.Encoded.Packet(ByteBuf packet, var _) -> packet;
      case DhcpCodec.Encoded.TooLong tooLong -> throw new IllegalStateException("" + tooLong);
    };
  }

  private void heard(DhcpMessage message, InetSocketAddress sender) {
    Kind kind = asked.getOrDefault(message.xid(), KINDS.getFirst());
    boolean ours =
        asked.containsKey(message.xid())
            && message.op() == DhcpMessage.REPLY
            && message.chaddr().equals(Octets.of(mac.toBytes()))
            && message.type().filter(type -> type != MessageType.OFFER).isEmpty();
    if (ours && sender.getAddress() instanceof Inet4Address from && offers.size() < MOST_OFFERS) {
      offers.add(offer(kind, message, from));
    }
  }

  static Offer offer(Kind kind, DhcpMessage message, Inet4Address from) {
    String file = printable(message.file());
    return new Offer(
        kind.name(),
        from,
        message.address(DhcpOption.SERVER_ID).orElse(from),
        message.yiaddr(),
        message.siaddr(),
        file.isEmpty() ? text(message, DhcpOption.BOOT_FILE) : file,
        text(message, DhcpOption.VENDOR_CLASS),
        message
            .option(DhcpOption.VENDOR_SPECIFIC)
            .map(value -> HexFormat.of().formatHex(value.toArray()))
            .orElse(""),
        message
            .option(DhcpOption.LEASE_TIME)
            .filter(value -> value.length() == 4)
            .map(value -> value.u32(0))
            .orElse(0L));
  }

  private static String text(DhcpMessage message, int code) {
    return printable(message.option(code).map(Octets::untilNul).orElse(""));
  }

  /** It goes to a terminal. */
  private static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    text.chars().forEach(c -> shown.append(c > 31 && c < 127 ? (char) c : '?'));
    return shown.toString();
  }

  private final class Listening extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      if (DhcpCodec.decode(packet.content()) instanceof Decoded.Message(DhcpMessage message, _)) {
        heard(message, packet.sender());
      }
    }

    /** Such as an ICMP error: it says nothing about the socket. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {}
  }
}
