// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ConsoleTextTest {
  private final ConsoleText text = new ConsoleText();

  private List<String> lines(String said) {
    return text.take(said.getBytes(UTF_8));
  }

  @Test
  void linesEndWhereTheMachineEndsThemHoweverTheirBytesCome() {
    List<String> all = new ArrayList<>();
    for (byte one : "[    0.1] first\r\n\r\n[    0.2] zweite Zeile: \u00e4\r\r\n".getBytes(UTF_8)) {
      all.addAll(text.take(new byte[] {one}));
    }
    assertEquals(List.of("[    0.1] first", "[    0.2] zweite Zeile: \u00e4"), all);
    assertEquals(List.of(), lines("login: "));
    assertEquals(Optional.of("login:"), text.rest());
    assertEquals(Optional.empty(), text.rest());
  }

  @Test
  void coloursTitlesAndCharacterSetsAreLeftOut() {
    assertEquals(
        List.of("[  OK  ] Started sshd"),
        lines(
            "\u001b(B\u001b[m[\u001b[0;32m  OK  \u001b[0m] Started\u001b]0;title\u0007 sshd\r\n"));
    assertEquals(List.of("a b"), lines("\u001bPsecret device string\u001b\\a b\u001b[K\n"));
  }

  @Test
  void whatIsWrittenOverCountsAsItIsAtLast() {
    assertEquals(List.of("100%"), lines("  1%\r 50%\r100%\r\n"));
    assertEquals(List.of("abc"), lines("abX\bc\n"));
  }

  @Test
  void aScreenThatIsPaintedAgainAndAgainIsReadOnce() {
    String screen =
        "\u001b[2J\u001b[01;01HGRUB  version 2.12\u001b[05;03H*Debian\u001b[20;01H"
            + "executed automatically in %ds.";
    assertEquals(List.of("GRUB  version 2.12", "*Debian"), lines(screen.formatted(5)));
    assertEquals(List.of("executed automatically in 5s."), lines(screen.formatted(4)));
    assertEquals(List.of(), lines(screen.formatted(3)));
  }

  @Test
  void aLineThatIsPaintedCharacterByCharacterIsOneLine() {
    StringBuilder painted = new StringBuilder();
    String said = "No bootable device";
    for (int i = 0; i < said.length(); i++) {
      painted.append("\u001b[07;%02dH".formatted(i + 1)).append(said.charAt(i));
    }
    assertEquals(List.of(said), lines(painted + "\u001b[08;01H"));
  }

  @Test
  void plainLinesThatComeAgainAreSaidAgain() {
    assertEquals(List.of("retrying", "retrying"), lines("retrying\r\nretrying\r\n"));
  }

  @Test
  void aLineHasAnEndAndOtherBytesAreNoText() {
    String line = lines("x".repeat(10_000) + "\n").getFirst();
    assertEquals("x".repeat(ConsoleText.MOST_BYTES) + "...", line);
    assertEquals(
        List.of("a??b"), text.take(new byte[] {'a', (byte) 0xff, (byte) 0xfe, 0, 1, 'b', '\n'}));
  }

  @Test
  void anyBytesAreLinesOfOneLineEach() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      for (String line : text.take(bytes)) {
        assertTrue(line.length() <= ConsoleText.MOST_BYTES + 3, line);
        assertTrue(line.codePoints().noneMatch(Character::isISOControl), line);
      }
    }
  }
}
