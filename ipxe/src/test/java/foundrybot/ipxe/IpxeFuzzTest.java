// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.ipxe.MiniIpxe.Call;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Any text as a value of a script: refused, or it reaches iPXE as exactly that. */
final class IpxeFuzzTest {
  private static final Map<String, String> VALUES =
      Map.of("serial", "-n ; || exit # && \" x {y}", "serial:uristring", "-n%20%3B|{\"}");
  private static final Call END = new Call("echo", List.of(), List.of("end"));

  /** Up to four commands with free text, between which no text can put a fifth. */
  @FuzzTest
  void script(FuzzedDataProvider data) {
    List<Command> commands = new ArrayList<>();
    List<Call> expected = new ArrayList<>();
    for (int i = data.consumeInt(1, 4); i > 0; i--) {
      int kind = data.consumeInt(0, 5);
      String text = data.consumeString(data.consumeInt(0, 60));
      try {
        add(kind, text, commands, expected);
      } catch (IllegalArgumentException e) {
        assertTrue(String.valueOf(e.getMessage()).matches("[ -~]{1,1000}"), e::toString);
      }
    }
    commands.add(Command.Echo.of("end"));
    expected.add(END);
    String script = new Script(commands).print();
    assertTrue(script.matches("[ -~\n]+"), script);
    assertEquals(expected, MiniIpxe.run(script, VALUES, call -> true), script);
  }

  private static void add(int kind, String text, List<Command> commands, List<Call> expected) {
    Supplier<List<String>> words = () -> Arrays.asList(text.split(" ", -1));
    switch (kind) {
      case 0 -> commands.add(new Command.Comment(text));
      case 1 -> {
        commands.add(Command.Echo.of(text));
        expected.add(
            new Call("echo", List.of(), text.isEmpty() ? List.of() : List.copyOf(words.get())));
      }
      case 2 -> {
        commands.add(Command.Set.of("v", Text.of(text)));
        List<String> operands = new ArrayList<>(List.of("v"));
        operands.addAll(words.get());
        expected.add(new Call("set", List.of(), operands));
      }
      case 3 -> {
        commands.add(new Command.Kernel(Text.of("http://h/k"), "linux", List.of(Text.of(text))));
        expected.add(new Call("kernel", List.of("--name", "linux"), List.of("http://h/k", text)));
      }
      case 4 -> {
        commands.add(new Command.Initrd(Text.of(text), "i"));
        expected.add(new Call("initrd", List.of("--name", "i"), List.of(text)));
      }
      default -> {
        Text before = Text.of(text).plus(new Setting("serial", Setting.Format.URISTRING));
        commands.add(new Command.Chain(before, true, false).tolerated());
        String value = VALUES.getOrDefault("serial:uristring", "");
        expected.add(new Call("chain", List.of("--autofree"), List.of(text + value)));
      }
    }
  }

  /** Anything can be shown to a person, in one line that does nothing else. */
  @FuzzTest
  void shown(byte[] bytes) {
    String anything = new String(bytes, StandardCharsets.UTF_8);
    Script script = Script.of(new Command.Echo(Text.displayed(anything)), Command.Echo.of("end"));
    List<Call> calls = MiniIpxe.run(script.print(), VALUES, call -> true);
    assertEquals(2, calls.size(), script.print());
    assertEquals(END, calls.getLast());
    assertEquals("echo", calls.getFirst().name());
    assertTrue(String.join(" ", calls.getFirst().operands()).length() <= Syntax.MAX_DISPLAYED);
  }

  /** Any bytes as a signed program: what they say of its age, or nothing. */
  @FuzzTest
  void signedProgram(byte[] bytes) {
    Sbat.read(bytes)
        .ifPresent(
            sbat ->
                sbat.generations()
                    .forEach(
                        (component, generation) ->
                            assertTrue(component.length() <= 64 && generation >= 0, component)));
  }
}
