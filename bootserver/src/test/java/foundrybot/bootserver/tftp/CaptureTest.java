// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What real firmware sent, and what real servers answered: written again as it was read. */
final class CaptureTest {
  private static List<Path> packets() throws IOException, URISyntaxException {
    Path folder =
        Path.of(
            Objects.requireNonNull(CaptureTest.class.getResource("TftpFuzzTestInputs/message"))
                .toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().matches("[a-z][0-9]-[0-9]+")).toList();
    }
  }

  @Test
  void everyPacketIsWrittenByteForByteAsItWasRead() throws IOException, URISyntaxException {
    Map<String, Integer> kinds = new TreeMap<>();
    for (Path file : packets()) {
      byte[] packet = Files.readAllBytes(file);
      ByteBuf written =
          packet[1] == TftpMessage.OACK
              ? oack(packet)
              : client(TftpMessage.decode(Unpooled.wrappedBuffer(packet)), packet);
      assertEquals(
          ByteBufUtil.hexDump(packet), ByteBufUtil.hexDump(written), file.getFileName().toString());
      kinds.merge(
          List.of("", "rrq", "", "", "ack", "error", "oack").get(packet[1]), 1, (a, b) -> a + b);
    }
    assertEquals(List.of("ack", "error", "oack", "rrq"), List.copyOf(kinds.keySet()));
    assertTrue(kinds.getOrDefault("rrq", 0) >= 15, kinds::toString);
  }

  /** What a server wrote is what ours writes for the same options. */
  private static ByteBuf oack(byte[] packet) {
    String[] words =
        new String(packet, 2, packet.length - 3, StandardCharsets.US_ASCII).split("\0", -1);
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i < words.length; i += 2) {
      options.put(words[i], words[i + 1]);
    }
    return Packets.oack(UnpooledByteBufAllocator.DEFAULT, options);
  }

  private static ByteBuf client(TftpMessage message, byte[] packet) {
    return switch (message) {
      case TftpMessage.Read read -> TftpFuzzTest.request(read);
      case TftpMessage.Ack(int block) ->
          Unpooled.buffer().writeShort(TftpMessage.ACK).writeShort(block);
      case TftpMessage.Failure(int code, String text) ->
          // Of a text only what fits a record is kept; dnsmasq's are longer, firmware's are not.
          Packets.error(
              UnpooledByteBufAllocator.DEFAULT,
              code,
              text.length() < 80
                  ? text
                  : text + new String(packet, 84, packet.length - 85, StandardCharsets.US_ASCII));
      default -> assertInstanceOf(ByteBuf.class, message, ByteBufUtil.hexDump(packet));
    };
  }
}
