// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private static final TerminalWidth SIZE = new TerminalWidth(40, 6);

  /** The lines that are drawn, without what steers the terminal but for colours. */
  private static List<String> drawn(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        Screen screen = new Screen(print, true)) {
      screen.show(text, SIZE);
    }
    String all = out.toString(StandardCharsets.UTF_8);
    return all.replaceAll("\u001b\\[(\\?25.|[HJK]|2J)", "").lines().toList();
  }

  @Test
  void linesThatTakeSeveralRowsLeaveRoomForFewerOthers() {
    String wide = "x".repeat(81);
    assertEquals(List.of("a", "b", "c", "d", "e"), drawn("a\nb\nc\nd\ne\nf\ng\n"));
    assertEquals(List.of(wide, "b", "c"), drawn(wide + "\nb\nc\nd\n"));
    assertEquals(List.of("a", "b"), drawn("a\nb\n" + "x".repeat(160) + "\nc\n"));
    assertEquals(
        List.of("x".repeat(40), "b", "c", "d", "e"), drawn("x".repeat(40) + "\nb\nc\nd\ne\nf"));
  }

  @Test
  void coloursTakeNoRoom() {
    String coloured = "\u001b[1;31m" + "x".repeat(40) + "\u001b[0m";
    assertEquals(List.of(coloured, "b", "c", "d", "e"), drawn(coloured + "\nb\nc\nd\ne\nf\n"));
  }

  @Test
  void oneLineIsShownInAnyCase() {
    String huge = "x".repeat(1000);
    assertEquals(List.of(huge), drawn(huge + "\nb\n"));
  }
}
