// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SolWindowTest {
  private final SolWindow window = new SolWindow();
  private final List<String> missed = new ArrayList<>();

  @Test
  void charactersComeInOrderThroughMoreThanOneRoundOfNumbers() {
    StringBuilder heard = new StringBuilder();
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      said.append("line ").append(i).append('\n');
      heard.append(take(i % 15 + 1, 0, "line " + i + "\n"));
    }
    assertEquals(said.toString(), heard.toString());
    assertEquals(List.of(), missed);
  }

  @Test
  void aPacketThatComesAgainSaysNothingTwiceAndMayHaveGrown() {
    assertEquals("abc", take(7, 0, "abc"));
    assertEquals("", take(7, 0, "abc"));
    assertEquals("de", take(7, 0, "abcde"));
    assertEquals("", take(7, 0, "ab"));
    assertEquals("f", take(8, 0, "f"));
    assertEquals(List.of(), missed);
  }

  @Test
  void whatIsMissingIsSaidOnce() {
    assertEquals("a", take(3, 0, "a"));
    assertEquals("b", take(5, 0, "b"));
    assertEquals(List.of("characters lost on the way: packet 5 came after 3"), missed);
    missed.clear();
    take(6, 0x08, "c");
    take(6, 0x08, "c");
    assertEquals(List.of("characters lost: the BMC's buffer overran"), missed);
    missed.clear();
    take(7, 0x04, "");
    assertEquals(List.of("a break"), missed);
  }

  @Test
  void aPacketWithoutANumberMovesNothing() {
    take(15, 0, "a");
    assertEquals("", take(0, 0, ""));
    assertEquals("b", take(1, 0, "b"));
    assertEquals(List.of(), missed);
  }

  @Test
  void whatIsAcknowledgedIsTheWholePacket() {
    SolPacket packet = SolPacket.decode(new byte[] {9, 0, 0, 0x10, 'x', 'y'});
    assertTrue(packet.ended());
    assertArrayEquals(new byte[] {0, 9, 2, 0}, packet.acknowledgement());
    assertThrows(Malformed.class, () -> SolPacket.decode(new byte[] {9, 0, 0}));
  }

  private String take(int sequence, int status, String characters) {
    SolWindow.Fresh fresh =
        window.take(new SolPacket(sequence, status, characters.getBytes(US_ASCII)));
    missed.addAll(fresh.missed());
    return new String(fresh.characters(), US_ASCII);
  }
}
