// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
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
          form.fill(values(name, "node/" + name, "a=1 b=" + name)));
    }
  }

  @Test
  void aScriptWithoutMarksIsItself() {
    Script script = Scripts.localDisk(Platform.Firmware.BIOS);
    assertEquals(
        script.print(),
        new String(Form.of(script, List.of("mark")).fill(values("x")), StandardCharsets.US_ASCII));
  }

  @Test
  void aValueMayBePutTogetherOfTextsWithOneBetweenThem() {
    Form form = Form.of(Script.of(Command.Echo.of("[mark]")), List.of("mark"));
    Form.Value between = Form.Value.of("--");
    for (String joined : List.of("a", "a--b", "a----b", "--b", "a--", "--")) {
      List<Form.Value> texts = values(joined.split("--", -1));
      assertEquals(
          Script.of(Command.Echo.of("[" + joined + "]")).print(),
          new String(form.fill(List.of(between.between(texts))), StandardCharsets.US_ASCII));
    }
  }

  @Test
  void whatWouldBeginALineOfItsOwnIsRefused() {
    for (String text : List.of("a\nshell", "a\rb", "\u0000", "é", "\u20ac", "\u007f")) {
      assertThrows(IllegalArgumentException.class, () -> Form.Value.of(text), text);
    }
  }

  private static List<Form.Value> values(String... texts) {
    return Stream.of(texts).map(Form.Value::of).toList();
  }
}
