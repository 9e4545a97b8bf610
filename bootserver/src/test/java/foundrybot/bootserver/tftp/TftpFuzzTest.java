// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Any datagram on the TFTP port, and on a transfer's own. */
final class TftpFuzzTest {
  private static final TftpSettings.Limits LIMITS = TftpSettings.Limits.USUAL;
  private static final long SIZE = 1_048_577;

  /** Requests, acknowledgements and errors; a request is read again as it was read. */
  @FuzzTest
  void message(byte[] datagram) {
    switch (TftpMessage.decode(Unpooled.wrappedBuffer(datagram))) {
      case TftpMessage.Read read -> {
        assertTrue(read.options().size() <= TftpMessage.MAX_OPTIONS);
        assertTrue(datagram.length <= TftpMessage.MAX_BYTES + 2);
        if (TftpMessage.decode(request(read)) instanceof TftpMessage.Read again) {
          assertEquals(
              new String(read.name(), StandardCharsets.ISO_8859_1),
              new String(again.name(), StandardCharsets.ISO_8859_1));
          assertEquals(read.mode(), again.mode());
          assertEquals(read.options(), again.options());
        }
        name(read.name());
        negotiated(read.options());
      }
      case TftpMessage.Ack(int block) -> assertTrue(block >= 0 && block <= 0xffff);
      case TftpMessage.Failure(int code, String text) -> {
        assertTrue(code >= 0 && code <= 0xffff);
        assertTrue(text.matches("[ -~]{0,80}"), text);
      }
      case TftpMessage.Malformed(String reason, boolean _) ->
          assertTrue(reason.matches("[a-z-]{1,20}"), reason);
      case TftpMessage.Write _ -> {}
    }
  }

  /** The client's side: the same fields as a datagram. */
  static ByteBuf request(TftpMessage.Read read) {
    ByteBuf out = Unpooled.buffer();
    out.writeShort(TftpMessage.RRQ).writeBytes(read.name()).writeByte(0);
    string(out, read.mode());
    read.options().forEach((name, value) -> string(string(out, name), value));
    return out;
  }

  private static ByteBuf string(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    return out.writeByte(0);
  }

  /** Only what was asked for is agreed to, within the limits, and the answer is short. */
  private static void negotiated(Map<String, String> asked) {
    Negotiation agreed = Negotiation.of(asked, SIZE, LIMITS, 65_464);
    assertTrue(agreed.blockSize() >= 8 && agreed.blockSize() <= 1468);
    assertTrue(agreed.windowSize() >= 1 && agreed.windowSize() <= LIMITS.windowSize());
    assertTrue(asked.keySet().containsAll(agreed.accepted().keySet()));
    assertTrue(
        List.of("blksize", "windowsize", "timeout", "tsize")
            .containsAll(agreed.accepted().keySet()));
    ByteBuf oack = Packets.oack(UnpooledByteBufAllocator.DEFAULT, agreed.accepted());
    assertTrue(oack.readableBytes() <= 80, () -> oack.readableBytes() + " bytes of OACK");
    oack.release();
  }

  /** A name is plain, leads nowhere upwards, and is its own plain form; or it is refused. */
  @FuzzTest
  void name(byte[] wire) {
    switch (TftpName.of(wire)) {
      case TftpName.Plain(String name) -> {
        assertTrue(name.matches("[ -~]{1,255}"), name);
        assertFalse(name.startsWith("/") || name.contains("\\") || name.contains("//"), name);
        assertFalse(List.of(name.split("/", -1)).contains(".."), name);
        assertTrue(Path.of("/tftp").resolve(name).normalize().startsWith("/tftp/"), name);
        assertEquals(
            new TftpName.Plain(name), TftpName.of(name.getBytes(StandardCharsets.US_ASCII)));
      }
      case TftpName.Refused(String reason) -> assertTrue(reason.matches("[ -~]{1,80}"), reason);
    }
  }
}
