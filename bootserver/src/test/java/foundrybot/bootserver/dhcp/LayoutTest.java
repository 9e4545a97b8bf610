// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Datagrams laid out as we never do are written again byte for byte. */
final class LayoutTest {
  private static final int CHADDR = 28;
  private static final int SNAME = 44;
  private static final int FILE = 108;
  private static final int OPTIONS = 240;

  /** The options field from here on, behind a header without names; in hexadecimal. */
  private static ByteBuf packet(String options) {
    return Messages.encoded(Messages.pxe(7))
        .writerIndex(OPTIONS)
        .writeBytes(ByteBufUtil.decodeHexDump(options));
  }

  private static void assertWrittenAsRead(ByteBuf packet) {
    Decoded.Message received = Messages.received(packet);
    assertEquals(ByteBufUtil.hexDump(packet), ByteBufUtil.hexDump(DhcpCodec.encode(received)));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "no option at all, ''",
    "only padding, 000000",
    "only the end mark, ff",
    "no padding, 350101ff",
    "no end mark, 350101",
    "no end mark but zeros, 3501010000",
    "remains behind the end mark, 350101ff0c0161000000",
    "end mark twice, 350101ffff",
    "padding before options, 0000350101ff",
    "padding between options, 350101000c0161ff",
    "a padded value that looks like the end, 000c036162ff00000000",
    "an option without a value, 0c00350101ff",
    "an option in two pieces, 350101430161430162ff",
    "its pieces apart, 430161350101430162ff",
    "an empty second piece, 4301614300350101ff",
  })
  void whateverTheOptionsFieldHoldsIsKept(String what, String options) {
    ByteBuf packet = packet(options);
    assertWrittenAsRead(packet);
    assertNotEquals(packet, Messages.encoded(Messages.decoded(packet)), what);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 430162ff, ''",
    "1, 0043016200000c00, ''",
    "2, '', 430163",
    "3, 430162ff99, 430163ff00ff",
    "3, 340101430162ff, 3400ff",
    "3, ff, ff",
  })
  void optionsInFieldsOfTheHeaderStayThere(int fields, String file, String sname) {
    ByteBuf packet = packet("35010143016134010" + fields + "ff0000");
    packet.setBytes(FILE, ByteBufUtil.decodeHexDump(file));
    packet.setBytes(SNAME, ByteBufUtil.decodeHexDump(sname));
    assertWrittenAsRead(packet);
    assertInstanceOf(Layout.Pieces.class, Messages.received(packet).layout());
  }

  @Test
  void anOverloadThatIsAsShortAsAnOptionOfTheFileFieldIsNoPlainLayout() {
    ByteBuf packet = packet("340101ff");
    packet.setBytes(FILE, ByteBufUtil.decodeHexDump("350101ff"));
    assertWrittenAsRead(packet);
  }

  @Test
  void remainsBehindNamesAndTheHardwareAddressAreKept() {
    ByteBuf packet = packet("350101ff");
    for (int offset : new int[] {CHADDR + 6, CHADDR + 15, SNAME + 3, SNAME + 63, FILE + 9, 235}) {
      ByteBuf changed = packet.copy().setByte(offset, 'x');
      assertWrittenAsRead(changed);
      assertEquals(
          Messages.decoded(packet).options(), Messages.decoded(changed).options(), "" + offset);
    }
    ByteBuf full = packet.copy().setBytes(SNAME, "x".repeat(192).getBytes(ISO_8859_1));
    assertWrittenAsRead(full);
    assertWrittenAsRead(full.setByte(2, 0).setByte(CHADDR + 15, 1));
    assertWrittenAsRead(full.setByte(2, 16));
  }

  @Test
  void whatIsLaidOutAsWeDoCostsNoMoreThanItsLength() {
    ByteBuf packet = Messages.encoded(Messages.pxe(7));
    assertEquals(new Layout.Plain(300), Messages.received(packet).layout());
    assertEquals(new Layout.Plain(548), Messages.received(packet.writeZero(248)).layout());
    assertWrittenAsRead(packet);
  }

  @Test
  void aLongOptionIsWrittenInThePiecesThatItCameIn() {
    DhcpMessage message =
        Messages.with(Messages.pxe(7), DhcpOption.text(DhcpOption.BOOT_FILE, "x".repeat(600)));
    assertWrittenAsRead(Messages.encoded(message));
    String uneven = "4364" + "61".repeat(100) + "43c8" + "62".repeat(200);
    assertWrittenAsRead(packet("350101" + uneven + "ff"));
  }

  @Test
  void aLayoutHoldsTheMessageThatItCameWithAndNoOther() {
    ByteBuf packet = packet("350101000c01610c0162ff");
    Decoded.Message received = Messages.received(packet);
    DhcpMessage message = received.message();
    for (DhcpMessage other :
        List.of(
            Messages.without(message, 12),
            Messages.with(message, DhcpOption.u8(DhcpOption.OVERLOAD, 1)),
            Messages.with(Messages.without(message, 12), DhcpOption.text(12, "abc")))) {
      assertThrows(
          IllegalArgumentException.class, () -> new Decoded.Message(other, received.layout()));
    }
    DhcpMessage longer = Messages.with(message, DhcpOption.text(67, "x".repeat(60)));
    assertThrows(
        IllegalArgumentException.class, () -> new Decoded.Message(longer, new Layout.Plain(300)));
  }

  /** As firmware that we have not seen may send the same. */
  @Test
  void everyCapturedMessageIsKeptInOtherLayoutsToo() {
    Random random = new Random(20261130);
    for (Capture capture : Capture.all()) {
      for (DhcpMessage message : capture.messages()) {
        ByteBuf packet = laidOut(message, random);
        assertWrittenAsRead(packet);
        DhcpMessage again = Messages.decoded(packet);
        assertEquals(inOrder(message), inOrder(again), capture.name());
      }
    }
  }

  private static DhcpMessage inOrder(DhcpMessage m) {
    return Messages.withOptions(
        m, m.options().stream().sorted(Comparator.comparingInt(DhcpOption::code)).toList());
  }

  /** In pieces, with padding between them, in header fields that are free, and with remains. */
  private static ByteBuf laidOut(DhcpMessage message, Random random) {
    int fields =
        (message.file().isEmpty() ? random.nextInt(2) : 0)
            + (message.sname().isEmpty() ? 2 * random.nextInt(2) : 0);
    ByteBuf packet = Messages.encoded(message).writerIndex(OPTIONS);
    if (fields > 0) {
      packet.writeByte(DhcpOption.OVERLOAD).writeByte(1).writeByte(fields);
    }
    List<DhcpOption> file = new ArrayList<>();
    List<DhcpOption> sname = new ArrayList<>();
    for (DhcpOption option : message.options()) {
      boolean small = option.value().length() <= 4;
      if (small && (fields & 1) != 0 && file.size() < 6) {
        file.add(option);
      } else if (small && (fields & 2) != 0 && sname.size() < 3) {
        sname.add(option);
      } else {
        write(packet, option, random);
      }
    }
    packet.writeByte(255).writeZero(random.nextInt(300));
    if (random.nextBoolean()) {
      packet.writeBytes(new byte[] {1, 2, 0, (byte) 255}).writeZero(random.nextInt(9));
    }
    int end = packet.writerIndex();
    fill(packet, FILE, file, random, (fields & 1) != 0);
    fill(packet, SNAME, sname, random, (fields & 2) != 0);
    return packet.setByte(CHADDR + 15, random.nextInt(2)).writerIndex(end);
  }

  private static void fill(
      ByteBuf packet, int offset, List<DhcpOption> options, Random random, boolean overloaded) {
    packet.writerIndex(offset);
    options.forEach(option -> write(packet, option, random));
    if (overloaded) {
      packet.writeByte(255).writeByte(random.nextInt(256));
    }
  }

  private static void write(ByteBuf out, DhcpOption option, Random random) {
    Octets value = option.value();
    int at = 0;
    do {
      int length = Math.min(value.length() - at, random.nextBoolean() ? 255 : 1 + at);
      out.writeZero(random.nextInt(3)).writeByte(option.code()).writeByte(length);
      value.write(out, at, length);
      at += length;
    } while (at < value.length());
  }
}
