// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormTest {
  private static Script start(String title, String folder, List<String> arguments) {
    URI kernel = URI.create("http://10.77.0.1/" + folder + "/linux");
    URI initrd = URI.create("http://10.77.0.1/" + folder + "/initrd");
    return Scripts.start(
        new Scripts.Payload(title, kernel, List.of(initrd), arguments), Scripts.Patience.usual());
  }

  @Test
  void aFormThatIsFilledInIsTheScriptOfThoseValues() {
    Form form =
        Form.of(
            start("mark-t", "mark-f", List.of("mark-a")), List.of("mark-t", "mark-f", "mark-a"));
    for (String name : List.of("w1", "a-much-longer-name", "x")) {
      assertArrayEquals(
          start(name, "node/" + name, List.of("a=1", "b=" + name)).bytes(),
          form.fill(List.of(name, "node/" + name, "a=1 b=" + name)));
    }
  }

  @Test
  void aScriptWithoutMarksIsItself() {
    Script script = Scripts.localDisk(Platform.Firmware.BIOS);
    assertEquals(
        script.print(),
        new String(Form.of(script, List.of("mark")).fill(List.of("x")), StandardCharsets.US_ASCII));
  }

  @Test
  void whatWouldBeginALineOfItsOwnIsRefused() {
    Form form = Form.of(Script.of(Command.Echo.of("mark")), List.of("mark"));
    for (String value : List.of("a\nshell", "a\rb", "\u0000", "é", "\u007f")) {
      assertThrows(IllegalArgumentException.class, () -> form.fill(List.of(value)), value);
    }
  }
}
