// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.ipxe.Command.Boot;
import foundrybot.ipxe.Command.Echo;
import foundrybot.ipxe.Command.Goto;
import foundrybot.ipxe.Command.Initrd;
import foundrybot.ipxe.Command.Kernel;
import foundrybot.ipxe.Command.Label;
import foundrybot.ipxe.Command.Sleep;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileValuesTest {

  private static final URI KERNEL = URI.create("http://10.77.0.1/linux");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=b\nreboot",
        "a=b\rreboot",
        "a=b\0c",
        "a=b\u001b[2J",
        "a=b\tinit=/bin/sh",
        "a=b init=/bin/sh",
        "a=${next-server}",
        "a=\u00e4",
        "||",
        "&&",
        ";",
        "#",
        "#a=b",
        "",
        "a=\"b"
      })
  void aKernelArgumentThatIsNotOneArgumentIsRefused(String argument) {
    assertThrows(
        IllegalArgumentException.class, () -> Kernel.of(KERNEL, "linux", List.of(argument)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"---", "a=b||c", "a=b;c", "a#b", "a=$HOME", "a={b}", "a=b\\", "-x", "a=\"\""})
  void aKernelArgumentThatOnlyLooksSpecialIsAccepted(String argument) {
    assertDoesNotThrow(() -> Kernel.of(KERNEL, "linux", List.of(argument)));
  }

  @Test
  void theRefusalOfALineBreakSaysWhereAndWhy() {
    var refusal = assertThrows(IllegalArgumentException.class, () -> Text.of("host\nboot"));
    assertEquals(
        "text: U+000A at index 4 of \"host\\u000aboot\" (expected: printable ASCII; a line break"
            + " would start a new command)",
        refusal.getMessage());
  }

  @Test
  void anExpansionCannotBeGluedTogetherFromHarmlessPieces() {
    assertThrows(IllegalArgumentException.class, () -> Text.of("$").plus("{serial}"));
    assertThrows(
        IllegalArgumentException.class, () -> Text.of("$").plus(Setting.of("serial")).plus("}"));
    assertThrows(IllegalArgumentException.class, () -> Setting.of("serial}${uuid"));
  }

  @Test
  void aMachinesOwnWordsNeverBecomeAKernelArgumentOrAPartOfAUrl() {
    Text serial = Text.of("serial=").plus(Setting.of("serial"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Kernel(Text.of(KERNEL), "linux", List.of(serial)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Command.Chain(Text.of("http://h/?s=").plus(Setting.of("serial")), true, false));
    Text encoded = Text.of("serial=").plus(Setting.of("serial").as(Setting.Format.URISTRING));
    assertDoesNotThrow(
        () ->
            new Command.Chain(Text.of("http://h/?").plus(encoded.parts().getLast()), true, false));
    // iPXE's percent-encoding leaves a double quote alone, which Linux would read as one.
    assertThrows(
        IllegalArgumentException.class,
        () -> new Kernel(Text.of(KERNEL), "linux", List.of(encoded)));
    Text hex = Text.of("serial=").plus(Setting.of("serial").as(Setting.Format.HEXRAW));
    assertDoesNotThrow(() -> new Kernel(Text.of(KERNEL), "linux", List.of(hex)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-n", "a b", "a\nb", "../x", "a/b", "${x}", "#a", "||"})
  void aNameThatIsNoNameIsRefused(String name) {
    assertThrows(IllegalArgumentException.class, () -> new Label(name));
    assertThrows(IllegalArgumentException.class, () -> Initrd.of(KERNEL, name));
  }

  @Test
  void spacesThatIpxeWouldSwallowAreRefused() {
    for (String text : List.of(" a", "a ", "a  b")) {
      assertThrows(IllegalArgumentException.class, () -> Echo.of(text));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a\nreboot",
        "# hidden",
        "a || reboot",
        "${serial}",
        "$${x}",
        "gr\u00fc\u00df dich",
        "a   b",
        "-n",
        "x\\",
        "\u2028",
        ";",
        "a && b # c"
      })
  void anythingCanBeShownToAPersonInOneLineThatDoesNothingElse(String anything) {
    Script script = Script.of(new Echo(Text.displayed(anything)), Echo.of("end"));
    var calls = MiniIpxe.run(script.print(), java.util.Map.of("serial", "S"), call -> true);
    assertEquals(2, calls.size(), script.print());
    assertTrue(calls.stream().allMatch(call -> call.name().equals("echo")), script.print());
  }

  @Test
  void aLongTextForAPersonIsCutAndStillPrintable() {
    for (int length = 390; length < 410; length++) {
      String text = "x".repeat(length) + " || # ;; ${y}";
      assertDoesNotThrow(() -> new Echo(Text.displayed(text)));
    }
  }

  @Test
  void aJumpToNowhereOrToTwoPlacesIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Script.of(new Goto("gone")));
    assertThrows(IllegalArgumentException.class, () -> Script.of(new Boot().orGoto("gone")));
    assertThrows(IllegalArgumentException.class, () -> Script.of(new Label("a"), new Label("a")));
  }

  @Test
  void whatLinuxOrIpxeWouldCutIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Kernel.of(KERNEL, "linux", List.of("a=" + "b".repeat(2046))));
    assertThrows(
        IllegalArgumentException.class, () -> Script.of(Echo.of("b".repeat(Syntax.MAX_LINE))));
    assertThrows(IllegalArgumentException.class, () -> new Sleep(Duration.ofMillis(1500)));
  }
}
