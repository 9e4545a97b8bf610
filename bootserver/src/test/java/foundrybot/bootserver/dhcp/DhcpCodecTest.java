// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.dhcp.Decoded.Fault;
import foundrybot.bootserver.dhcp.Decoded.Malformed;
import foundrybot.bootserver.dhcp.DhcpCodec.Encoded;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DhcpCodecTest {
  private static final int OPTIONS = 240;
  private static final InetSocketAddress SENDER = new InetSocketAddress("10.77.0.9", 4011);
  private static final DhcpSettings SETTINGS =
      DhcpSettings.on(
          DhcpNetwork.on(Optional.empty(), Messages.ip("10.77.0.1"), 24),
          new Mode.Proxy(),
          DhcpSettings.Ports.STANDARD);

  private static ByteBuf packet(int... options) {
    ByteBuf packet = Messages.encoded(Messages.pxe(7)).writerIndex(OPTIONS);
    for (int b : options) {
      packet.writeByte(b);
    }
    return packet;
  }

  private static Malformed malformed(ByteBuf packet) {
    return assertInstanceOf(Malformed.class, DhcpCodec.decode(packet));
  }

  @Test
  void aSplitOptionIsJoined() {
    DhcpMessage message =
        Messages.decoded(packet(53, 1, 1, 67, 2, 'a', 'b', 12, 0, 67, 1, 'c', 255));
    assertEquals(Optional.of(Octets.text("abc")), message.option(67));
    assertEquals(List.of(53, 67, 12), message.options().stream().map(DhcpOption::code).toList());
  }

  @Test
  void aLongOptionIsSplitAndReadBack() {
    DhcpMessage message =
        Messages.with(Messages.pxe(7), DhcpOption.text(DhcpOption.BOOT_FILE, "x".repeat(600)));
    assertEquals(message, Messages.decoded(Messages.encoded(message)));
  }

  @Test
  void overloadedFieldsHoldOptionsFirstOfFileThenOfSname() {
    ByteBuf packet = packet(67, 1, 'a', 52, 1, 3, 255);
    packet.setBytes(108, new byte[] {67, 1, 'b', 0, 66, 1, 't', (byte) 255});
    packet.setBytes(44, new byte[] {67, 1, 'c', (byte) 255});
    DhcpMessage message = Messages.decoded(packet);
    assertEquals(Optional.of(Octets.text("abc")), message.option(67));
    assertEquals(Optional.of(Octets.text("t")), message.option(66));
    assertEquals("", message.file());
    assertEquals("", message.sname());
    assertEquals(Optional.empty(), message.option(52));
  }

  @Test
  void aMissingEndMarkIsLetPass() {
    assertEquals(Optional.of(MessageType.DISCOVER), Messages.decoded(packet(53, 1, 1)).type());
  }

  @Test
  void eachFaultIsNamedWithItsOffset() {
    assertEquals(OPTIONS - 1, malformed(packet().writerIndex(OPTIONS - 1)).offset());
    assertEquals(Fault.TOO_SHORT, malformed(Unpooled.EMPTY_BUFFER).fault());
    assertEquals(Fault.TOO_LONG, malformed(packet().writeZero(2000)).fault());
    assertEquals(Fault.OP, malformed(packet().setByte(0, 3)).fault());
    Malformed hlen = malformed(packet().setByte(2, 0x80));
    assertEquals(new Malformed(2, Fault.HLEN, "hlen: 128 (expected: 0..16)"), hlen);
    Malformed cookie = malformed(packet().setInt(236, 0x63825364));
    assertEquals(
        new Malformed(236, Fault.MAGIC_COOKIE, "0x63825364 (expected: 0x63825363)"), cookie);
    assertEquals(
        new Malformed(243, Fault.OPTION_LENGTH, "option 60: 1 bytes left (expected: 9)"),
        malformed(packet(53, 1, 1, 60, 9, 'P')));
    assertEquals(243, malformed(packet(53, 1, 1, 60)).offset());
    assertEquals(Fault.OVERLOAD, malformed(packet(52, 1, 4, 255)).fault());
    assertEquals(Fault.OVERLOAD, malformed(packet(52, 0, 255)).fault());
  }

  @Test
  void aMessageIsPaddedTo300Bytes() {
    ByteBuf packet = Messages.encoded(Messages.request(Messages.MAC, MessageType.DISCOVER));
    assertEquals(300, packet.readableBytes());
    assertEquals("63825363350101ff0000", ByteBufUtil.hexDump(packet, 236, 10));
  }

  /** Some ROMs fill their messages up to 548 bytes; some servers do not fill theirs up at all. */
  @Test
  void zerosBehindTheEndMarkMeanNothing() {
    DhcpMessage message = Messages.pxe(0);
    ByteBuf packet = Messages.encoded(message);
    assertEquals(message, Messages.decoded(packet.copy().writeZero(248)));
    int end = OPTIONS + packet.bytesBefore(OPTIONS, packet.readableBytes() - OPTIONS, (byte) 255);
    assertEquals(message, Messages.decoded(packet.copy(0, end + 1)));
  }

  @Test
  void optionsThatMayBeMissingAreLeftOutFromTheEndWhereTheClientTakesLess() {
    DhcpMessage message =
        Messages.with(
            Messages.request(Messages.MAC, MessageType.OFFER),
            DhcpOption.text(DhcpOption.DOMAIN_NAME, "d".repeat(200)),
            DhcpOption.text(DhcpOption.BOOT_FILE, "f".repeat(200)));
    Encoded.Packet packet = assertInstanceOf(Encoded.Packet.class, DhcpCodec.encode(message, 548));
    assertEquals(List.of(DhcpOption.DOMAIN_NAME), packet.dropped());
    assertTrue(packet.packet().readableBytes() <= 548);
    DhcpMessage tooMuch =
        Messages.with(message, DhcpOption.text(DhcpOption.RELAY_AGENT, "r".repeat(200)));
    assertInstanceOf(Encoded.TooLong.class, DhcpCodec.encode(tooMuch, 548));
  }

  @Test
  void theLimitIsWhatTheClientTakesLessTheHeaders() {
    assertEquals(548, DhcpCodec.limit(Messages.pxe(7)));
    assertEquals(1444, DhcpCodec.limit(sized(1472)));
    assertEquals(1472, DhcpCodec.limit(sized(9000)));
    assertEquals(548, DhcpCodec.limit(sized(1)));
  }

  private static DhcpMessage sized(int size) {
    Octets value = Octets.of((byte) (size >>> 8), (byte) size);
    return Messages.with(Messages.pxe(7), new DhcpOption(DhcpOption.MAX_MESSAGE_SIZE, value));
  }

  @Test
  void aFileThatDoesNotFitIsRefusedAndNeverCut() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new BootDecision.Program("x".repeat(128), "too long"));
    DhcpMessage m = Messages.pxe(7);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new DhcpMessage(
                2,
                1,
                0,
                1,
                0,
                0,
                m.ciaddr(),
                m.yiaddr(),
                m.siaddr(),
                m.giaddr(),
                m.chaddr(),
                "",
                "x".repeat(129),
                List.of()));
  }

  /** Damages real packets in many ways: each is read or refused, and none gets a large answer. */
  @Test
  void damagedPacketsAreReadOrRefusedButNeverThrow() {
    Random random = new Random(20261123);
    List<ByteBuf> seeds =
        Capture.all().stream()
            .flatMap(capture -> capture.datagrams().stream())
            .map(Capture.Datagram::payload)
            .toList();
    BootResponder responder =
        new BootResponder(
            SETTINGS,
            new Networks(SETTINGS, Map.of()),
            (client, self) -> new BootDecision.Program("ipxe.efi", "test"));
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    int read = 0;
    for (int i = 0; i < 10_000; i++) {
      ByteBuf packet = damage(seeds.get(random.nextInt(seeds.size())), random);
      switch (DhcpCodec.decode(packet)) {
        case Malformed fault -> {
          assertTrue(fault.offset() >= 0 && fault.offset() <= packet.readableBytes());
          faults.add(fault.fault());
        }
        case Decoded.Message received -> {
          read++;
          assertEquals(packet, DhcpCodec.encode(received));
          DhcpMessage message = received.message();
          assertEquals(message, Messages.decoded(Messages.encoded(message)));
          checkAnswers(responder, message);
        }
      }
    }
    assertEquals(EnumSet.allOf(Fault.class), faults);
    assertTrue(read > 1000, "read: " + read);
  }

  private static void checkAnswers(BootResponder responder, DhcpMessage message) {
    for (MessageType type : MessageType.values()) {
      for (Outcome outcome :
          List.of(
              responder.onServerPort(Messages.inquiry(message, type, SENDER, SETTINGS)),
              responder.onProxyPort(Messages.inquiry(message, type, SENDER, SETTINGS)))) {
        if (outcome instanceof Outcome.Reply reply
            && DhcpCodec.encode(reply.message(), reply.limit())
                instanceof Encoded.Packet(ByteBuf answer, var dropped)) {
          assertTrue(answer.readableBytes() <= DhcpCodec.limit(message));
        }
      }
    }
  }

  private static ByteBuf damage(ByteBuf seed, Random random) {
    ByteBuf packet = Unpooled.copiedBuffer(seed);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int length = packet.readableBytes();
      if (length == 0) {
        break;
      }
      switch (random.nextInt(6)) {
        case 0 -> packet.setByte(random.nextInt(length), random.nextInt(256));
        case 1 -> packet.setByte(random.nextInt(length), random.nextBoolean() ? 255 : 0);
        case 2 -> packet.writerIndex(random.nextInt(length + 1));
        case 3 -> packet.writeZero(random.nextInt(1500));
        // The fields that lengths and areas hang on, and an overload where the type was.
        case 4 -> packet.setByte(random.nextInt(3), random.nextInt(256));
        default -> {
          if (length > OPTIONS + 3) {
            packet.setBytes(OPTIONS, new byte[] {52, 1, (byte) random.nextInt(5)});
          }
        }
      }
    }
    return packet;
  }
}
