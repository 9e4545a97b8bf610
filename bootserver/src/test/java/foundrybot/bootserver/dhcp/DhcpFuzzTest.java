// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootStyle;
import foundrybot.bootserver.dhcp.BootClients.Classified;
import foundrybot.bootserver.dhcp.DhcpCodec.Encoded;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import foundrybot.bootserver.dhcp.Outcome.Promise;
import foundrybot.bootserver.dhcp.Outcome.Reply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Any datagram: read, understood, answered, written. */
final class DhcpFuzzTest {
  private static final int OPTIONS = 240;
  private static final int FILE = 108;
  private static final int SNAME = 44;
  private static final Mode.Server LEASES =
      new Mode.Server(Optional.of("alpha.rack"), Duration.ofHours(1), true);
  private static final DhcpSettings PROXY = settings(new Mode.Proxy());
  private static final DhcpSettings SERVER = settings(LEASES);
  private static final BootStyle TALKATIVE =
      new BootStyle(BootStyle.VendorOptions.RASPBERRY_PI, true, true, true);

  private static DhcpSettings settings(Mode mode) {
    return DhcpSettings.on(
        DhcpNetwork.on(Optional.of("lo"), Messages.ip("10.77.0.1"), 24)
            .leasing(
                Messages.ip("10.77.0.100"),
                Messages.ip("10.77.0.199"),
                List.of(Messages.ip("10.77.0.1")),
                List.of(Messages.ip("10.77.0.1"), Messages.ip("10.77.0.2"))),
        mode,
        DhcpSettings.Ports.STANDARD);
  }

  /**
   * Reading and writing again is the identity of bytes, and in our own form of meaning; what is
   * refused is refused in its bounds.
   */
  @FuzzTest
  void message(byte[] packet) {
    switch (DhcpCodec.decode(Unpooled.wrappedBuffer(packet))) {
      case Decoded.Malformed(int offset, Decoded.Fault _, String expected) -> {
        assertTrue(offset >= 0 && offset <= packet.length, () -> "offset " + offset);
        assertTrue(expected.length() <= 100, expected);
      }
      case Decoded.Message received -> {
        assertEquals(Unpooled.wrappedBuffer(packet), DhcpCodec.encode(received));
        DhcpMessage message = received.message();
        if (DhcpCodec.encode(message, DhcpCodec.MAX_PACKET)
                instanceof Encoded.Packet(ByteBuf written, List<Integer> dropped)
            && dropped.isEmpty()) {
          DhcpMessage again = Messages.decoded(written);
          boolean overloaded = written.getUnsignedByte(OPTIONS) == DhcpOption.OVERLOAD;
          assertEquals(
              overloaded ? inOrder(message) : message, overloaded ? inOrder(again) : again);
          assertEquals(written, Messages.encoded(again));
        }
        for (int limit : new int[] {300, 548, DhcpCodec.limit(message)}) {
          if (DhcpCodec.encode(message, limit) instanceof Encoded.Packet(ByteBuf written, var _)) {
            assertTrue(written.readableBytes() <= limit && written.readableBytes() >= 300);
            Messages.decoded(written);
          }
        }
      }
    }
  }

  /** Where fields of the header hold options, some of them change places. */
  private static DhcpMessage inOrder(DhcpMessage m) {
    return Messages.withOptions(
        m, m.options().stream().sorted(Comparator.comparingInt(DhcpOption::code)).toList());
  }

  /** Options in all three areas, against a second reading of RFC 2132 and RFC 3396. */
  @FuzzTest
  void options(byte[] areas) {
    byte[] packet = Arrays.copyOf(header(), Math.clamp(areas.length + 48L, OPTIONS, 1472));
    System.arraycopy(areas, 0, packet, SNAME, Math.min(areas.length, OPTIONS - 4 - SNAME));
    int rest = packet.length - OPTIONS;
    if (rest > 0) {
      System.arraycopy(areas, OPTIONS - 4 - SNAME, packet, OPTIONS, rest);
    }
    if (DhcpCodec.decode(Unpooled.wrappedBuffer(packet))
        instanceof Decoded.Message(DhcpMessage message, _)) {
      Map<Integer, String> read = new TreeMap<>();
      message.options().forEach(option -> read.put(option.code(), option.value().toString()));
      assertEquals(expected(packet), read);
      assertTrue(message.sname().indexOf('\0') < 0 && message.file().indexOf('\0') < 0);
    }
  }

  private static byte[] header() {
    byte[] header = new byte[OPTIONS];
    System.arraycopy(new byte[] {1, 1, 6, 0, 1, 2, 3, 4}, 0, header, 0, 8);
    System.arraycopy(Messages.MAC.toBytes(), 0, header, 28, 6);
    System.arraycopy(new byte[] {0x63, (byte) 0x82, 0x53, 0x63}, 0, header, OPTIONS - 4, 4);
    return header;
  }

  private static Map<Integer, String> expected(byte[] packet) {
    Map<Integer, ByteArrayOutputStream> found = new LinkedHashMap<>();
    walk(packet, OPTIONS, packet.length, found);
    ByteArrayOutputStream overload = found.remove(52);
    int areas = overload == null ? 0 : overload.toByteArray()[0];
    if ((areas & 1) != 0) {
      walk(packet, FILE, OPTIONS - 4, found);
    }
    if ((areas & 2) != 0) {
      walk(packet, SNAME, FILE, found);
    }
    found.remove(52);
    Map<Integer, String> values = new TreeMap<>();
    found.forEach((code, value) -> values.put(code, Octets.of(value.toByteArray()).toString()));
    return values;
  }

  private static void walk(
      byte[] packet, int from, int to, Map<Integer, ByteArrayOutputStream> into) {
    for (int at = from; at < to && packet[at] != -1; ) {
      if (packet[at] == 0) {
        at++;
        continue;
      }
      int length = packet[at + 1] & 0xff;
      into.computeIfAbsent(packet[at] & 0xff, _ -> new ByteArrayOutputStream())
          .write(packet, at + 2, length);
      at += 2 + length;
    }
  }

  /** What a machine says of itself (options 60, 77, 93, 97, 175) gives nothing unbounded. */
  @FuzzTest
  void client(byte[] areas) {
    byte[] packet = Arrays.copyOf(header(), Math.min(OPTIONS + areas.length, 1472));
    System.arraycopy(areas, 0, packet, OPTIONS, packet.length - OPTIONS);
    if (DhcpCodec.decode(Unpooled.wrappedBuffer(packet))
        instanceof Decoded.Message(DhcpMessage message, _)) {
      switch (BootClients.of(message)) {
        case Classified.Boot(BootClient client) -> {
          assertEquals(Messages.MAC, client.mac());
          assertTrue(client.vendorClass().matches("[ -~]*"));
          assertTrue(client.vendorClass().length() <= 64);
          assertTrue(
              message.option(DhcpOption.ARCHITECTURE).isPresent()
                  || message
                      .option(DhcpOption.VENDOR_CLASS)
                      .orElse(Octets.EMPTY)
                      .untilNul()
                      .contains(":Arch:"));
        }
        case Classified.NotBooting(var reason) ->
            assertNotEquals(BootClients.Reason.NO_MAC, reason);
        case Classified.Malformed(String expected) ->
            assertTrue(expected.length() <= 100, expected);
      }
    }
  }

  /** Whatever is answered is well-formed, fits the client, and goes where it may go. */
  @FuzzTest
  void answer(byte[] packet) {
    if (DhcpCodec.decode(Unpooled.wrappedBuffer(packet))
            instanceof Decoded.Message(DhcpMessage message, _)
        && message.op() == DhcpMessage.REQUEST
        && message.type().isPresent()) {
      MessageType type = message.type().get();
      InetSocketAddress from = new InetSocketAddress(Messages.ip("10.77.0.50"), 1068);
      for (BootDecision decision : decisions()) {
        BootResponder boot = responder(PROXY, decision);
        check(message, boot.onServerPort(Messages.inquiry(message, type, from, PROXY)), from);
        check(message, boot.onProxyPort(Messages.inquiry(message, type, from, PROXY)), from);
        check(
            message,
            server(decision).onServerPort(Messages.inquiry(message, type, from, SERVER)),
            from);
      }
    }
  }

  private static List<BootDecision> decisions() {
    return List.of(
        new BootDecision.Program("a".repeat(127), Optional.of(TALKATIVE), "test"),
        new BootDecision.Program("snponly.efi", "test"),
        new BootDecision.Url(URI.create("http://10.77.0.1/" + "b".repeat(200)), "test"));
  }

  private static BootResponder responder(DhcpSettings settings, BootDecision decision) {
    return new BootResponder(
        settings, new Networks(settings, Map.of()), (client, self) -> decision);
  }

  private static LeaseResponder server(BootDecision decision) {
    return new LeaseResponder(
        SERVER,
        LEASES,
        new Networks(SERVER, Map.of()),
        responder(SERVER, decision),
        Reservations.of(Map.of()),
        List.of(),
        Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
  }

  private static void check(DhcpMessage request, Outcome outcome, InetSocketAddress from) {
    switch (outcome) {
      case Reply reply -> check(request, reply, from);
      case Promise(Lease lease, Reply reply) -> {
        assertEquals(lease.address(), reply.message().yiaddr());
        check(request, reply, from);
      }
      case Outcome.Ignored(var _, String detail) ->
          assertTrue(detail.length() <= 400 && detail.chars().noneMatch(c -> c < 32), detail);
      case Outcome.Remember _, Outcome.Probe _ -> {}
    }
  }

  private static void check(DhcpMessage request, Reply reply, InetSocketAddress from) {
    if (!request.giaddr().isAnyLocalAddress() && !reply.to().equals(from)) {
      boolean asked = RelayAgent.wantsSourcePort(request);
      assertEquals(
          new InetSocketAddress(request.giaddr(), asked ? from.getPort() : 67), reply.to());
    }
    if (DhcpCodec.encode(reply.message(), reply.limit())
        instanceof Encoded.Packet(ByteBuf written, var _)) {
      assertTrue(written.readableBytes() <= reply.limit());
      DhcpMessage answer = Messages.decoded(written);
      assertEquals(DhcpMessage.REPLY, answer.op());
      assertEquals(request.xid(), answer.xid());
      assertEquals(request.chaddr(), answer.chaddr());
      assertFalse(answer.type().isEmpty());
    }
  }
}
