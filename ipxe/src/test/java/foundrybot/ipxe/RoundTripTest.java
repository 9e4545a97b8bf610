// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.ipxe.MiniIpxe.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a constructor accepts reaches iPXE as exactly that; what would not, is refused. */
class RoundTripTest {

  private static final long SEED = 20190125;
  private static final int ROUNDS = 20_000;

  /** Pieces that mean something to iPXE, to Linux, or to somebody who joins strings. */
  private static final List<String> PIECES =
      List.of(
          "a",
          "b1",
          "linux",
          "=",
          "-",
          "--",
          "---",
          "--name",
          "-n",
          "\\",
          "\\\\",
          "#",
          "#x",
          "|",
          "||",
          "&",
          "&&",
          ";",
          "$",
          "{",
          "}",
          "${",
          "${x}",
          "$$",
          "\"",
          "\"\"",
          "'",
          "`",
          "%",
          "%20",
          " ",
          "  ",
          "\t",
          "\n",
          "\r",
          "\r\n",
          "\0",
          "\u001b",
          "\u007f",
          "\u00e4",
          "\u2028",
          ":",
          ":again",
          "!",
          "?",
          "/",
          "http://h/k",
          "\nexit",
          " && reboot",
          "boot");

  private static final List<Setting> SETTINGS =
      List.of(
          Setting.of("serial"),
          Setting.of("net0/mac"),
          new Setting("serial", Setting.Format.URISTRING),
          new Setting("net0/mac", Setting.Format.HEXHYP));

  /** The serial number is what a hostile mainboard would say. */
  private static final Map<String, String> VALUES =
      Map.of(
          "serial", "-n ; || exit # && \" x {y}",
          "serial:uristring", "-n%20%3B|{\"}",
          "net0/mac", "52:54:00:aa:00:01",
          "net0/mac:hexhyp", "52-54-00-aa-00-01");

  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void whatIsAcceptedArrivesAsItWasSaid() {
    int accepted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Command> commands = new ArrayList<>();
      List<Call> expected = new ArrayList<>();
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        Case one = oneCase();
        commands.addAll(one.made());
        expected.addAll(one.expected());
        accepted += one.made().size();
      }
      commands.add(Command.Echo.of("end"));
      expected.add(new Call("echo", List.of(), List.of("end")));
      String script = new Script(commands).print();
      assertEquals(expected, MiniIpxe.run(script, VALUES, call -> true), script);
    }
    assertTrue(accepted > ROUNDS / 2, "accepted " + accepted);
  }

  /** What came of making a command: one command, or none if it was refused. */
  private record Case(List<Command> made, List<Call> expected) {}

  private Case oneCase() {
    String characters = characters();
    Text text = tried(this::text);
    return switch (random.nextInt(6)) {
      case 0 -> made(() -> new Command.Comment(characters), List.of());
      case 1 -> made(() -> new Command.Echo(text), call("echo", List.of(), words(text)));
      case 2 ->
          made(() -> Command.Set.of("v", text), call("set", List.of(), prepend("v", words(text))));
      case 3 ->
          made(
              () -> new Command.Kernel(Text.of("http://h/k"), "linux", List.of(text)),
              call("kernel", List.of("--name", "linux"), List.of("http://h/k", resolved(text))));
      case 4 ->
          made(
              () -> new Command.Initrd(text, "i"),
              call("initrd", List.of("--name", "i"), List.of(resolved(text))));
      default ->
          made(
              () -> new Command.Chain(text, true, false).tolerated(),
              call("chain", List.of("--autofree"), List.of(resolved(text))));
    };
  }

  private static List<Call> call(String name, List<String> options, List<String> operands) {
    return List.of(new Call(name, options, operands));
  }

  private static List<String> prepend(String first, List<String> rest) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(rest);
    return all;
  }

  private static Case made(Supplier<Command> maker, List<Call> expected) {
    try {
      return new Case(List.of(maker.get()), expected);
    } catch (IllegalArgumentException refused) {
      return new Case(List.of(), List.of());
    }
  }

  private static Text tried(Supplier<Text> maker) {
    try {
      return maker.get();
    } catch (IllegalArgumentException refused) {
      return Text.of("plain");
    }
  }

  private String characters() {
    StringBuilder characters = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      characters.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return characters.toString();
  }

  private Text text() {
    Text text = Text.of(characters());
    if (random.nextInt(3) == 0) {
      text = text.plus(SETTINGS.get(random.nextInt(SETTINGS.size()))).plus(characters());
    }
    return text;
  }

  /** One argument as it must arrive: literal characters as they are, settings by their value. */
  private static String resolved(Text text) {
    StringBuilder resolved = new StringBuilder();
    for (Text.Part part : text.parts()) {
      resolved.append(
          switch (part) {
            case Text.Literal(String characters) -> characters;
            case Setting setting ->
                VALUES.getOrDefault(
                    setting.source().replaceAll("[${}]", ""), "no value for " + setting);
          });
    }
    return resolved.toString();
  }

  /** Words split by the spaces of literals only: a setting's spaces stay inside its word. */
  private static List<String> words(Text text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (Text.Part part : text.parts()) {
      if (part instanceof Text.Literal(String characters)) {
        String[] pieces = characters.split(" ", -1);
        word.append(pieces[0]);
        for (int i = 1; i < pieces.length; i++) {
          words.add(word.toString());
          word.setLength(0);
          word.append(pieces[i]);
        }
      } else {
        word.append(resolved(Text.of(part)));
      }
    }
    if (!text.parts().isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }
}
