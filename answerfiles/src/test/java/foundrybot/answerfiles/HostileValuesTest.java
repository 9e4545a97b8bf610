// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Whatever a user writes into a rack file or a profile is in an answer file as it was written, or
 * refused with a reason: drawn values of all that means something to some reader.
 */
class HostileValuesTest {
  private static final long SEED = 0x5eed;
  private static final int DRAWS = 10;

  private static final List<String> PIECES =
      List.of(
          "a",
          "b c",
          " ",
          "  ",
          "'",
          "\"",
          "''",
          "'\\''",
          "\\",
          "\\n",
          "\\'",
          "$x",
          "${x}",
          "$(x)",
          "`x`",
          "''${",
          "%include x",
          "%end",
          "%s",
          "<x>",
          "</x>",
          "&",
          "&amp;",
          "]]>",
          "-->",
          "#",
          " #",
          ": ",
          "- ",
          "? ",
          "{{node}}",
          "{{{x}}}",
          "{ ",
          "[",
          "*",
          "!",
          "|",
          ">",
          "END",
          "=",
          ";",
          "@",
          "\u00e4",
          "\u4e2d",
          "\ud83d\ude00",
          "0x1",
          "yes",
          "null",
          "~");

  /** What stands in text of several lines alone, and what stands nowhere. */
  private static final List<String> LINES = List.of("\n", "\n\n", "\t", "\n%end\n", "\nEND\n");

  private static final List<String> NOWHERE = List.of("\r", "\u0000", "\u001b[2J", "\u2028");

  /** All at once; every format can hold it. */
  private static final String WORST =
      "it's \"a\" $(b) `c` ${d} ''${e} \\ \\n %end %s <f> &amp; ]]> --> # : {{node}} \u00e4\u4e2d"
          + "\ud83d\ude00";

  private static String drawn(Random random, boolean lines) {
    StringBuilder text = new StringBuilder();
    for (int n = 1 + random.nextInt(6); n > 0; n--) {
      List<String> from = lines && random.nextInt(3) == 0 ? LINES : PIECES;
      text.append(from.get(random.nextInt(from.size())));
    }
    if (random.nextInt(20) == 0) {
      text.append(NOWHERE.get(random.nextInt(NOWHERE.size())));
    }
    return text.toString();
  }

  private static List<String> values(boolean lines) {
    Random random = new Random(SEED);
    List<String> values = new ArrayList<>();
    values.add(lines ? WORST + "\n\t" + WORST + " \n" : WORST);
    for (int n = 0; n < DRAWS; n++) {
      values.add(drawn(random, lines));
    }
    values.add("'\"\\$".repeat(lines ? 300 : 30));
    return values;
  }

  private static List<String> profiles() {
    return BuiltInProfiles.names();
  }

  private static String rack(String key, String profile, String keys) {
    return Samples.HEAD.replace('"' + Samples.KEY + '"', Escapers.yaml(key))
        + Samples.TALOS
        + "nodes:\n  52:54:00:aa:00:01: { role: hub, name: n, profile: "
        + profile
        + ", "
        + keys
        + " }\n";
  }

  /** All texts of all files; empty if the value was refused, with a reason that can be read. */
  private static Optional<List<String>> texts(String yaml) {
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Invalid(List<Fault> faults) -> {
        clean(faults);
        yield Optional.empty();
      }
      case RackReading.Valid(RackFile rack) -> texts(rack);
    };
  }

  /** What the rack file has taken no file may break at; but each has a length at most. */
  private static Optional<List<String>> texts(RackFile rack) {
    List<Fault> faults = Rehearsal.faults(rack, _ -> InstallerRacks.run(), (_, _) -> {});
    clean(faults);
    faults.forEach(fault -> assertTrue(fault.expected().startsWith("at most "), fault::toString));
    return faults.isEmpty()
        ? Optional.of(
            AnswerFiles.renderAll(rack, rack.nodes().getFirst(), InstallerRacks.run()).stream()
                .flatMap(file -> Strings.of(file).stream())
                .toList())
        : Optional.empty();
  }

  private static void clean(List<Fault> faults) {
    for (Fault fault : faults) {
      String text = fault.toString();
      assertTrue(text.contains("(expected: "), text);
      assertTrue(text.length() < 2000 && !Values.hasControl(text), text);
    }
  }

  private static void found(List<String> texts, String value, String where) {
    boolean found =
        texts.stream().anyMatch(text -> text.equals(value) || text.lines().anyMatch(value::equals));
    assertTrue(found, () -> where + ": <" + value + "> in none of " + texts.size() + " texts");
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void theCommentOfAKeyIsWhatWasWritten(String profile) {
    if (profile.equals("talos")) {
      return;
    }
    int taken = 0;
    for (String value : values(false)) {
      String key = Samples.KEY + value;
      Optional<List<String>> texts = texts(rack(key, profile, "disk: auto"));
      texts.ifPresent(all -> found(all, key, profile));
      taken += texts.isPresent() ? 1 : 0;
    }
    assertTrue(taken > DRAWS / 2, "only " + taken + " were not refused");
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void theTextOfAFileIsWhatWasWritten(String profile) {
    if (!InstallerRacks.carries(profile, "files")) {
      return;
    }
    String path = profile.equals("talos") ? "/var/x/a.conf" : "/etc/x/a.conf";
    int taken = 0;
    for (String value : values(true)) {
      String keys = "files: { " + path + ": { content: " + Escapers.yaml(value) + " } }";
      Optional<List<String>> texts = texts(rack(Samples.KEY, profile, keys));
      texts.ifPresent(
          all -> assertTrue(all.contains(value), () -> profile + ": <" + value + "> is not there"));
      taken += texts.isPresent() ? 1 : 0;
    }
    assertTrue(taken > DRAWS / 2, "only " + taken + " were not refused");
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void theValueOfASysctlIsWhatWasWritten(String profile) {
    if (!InstallerRacks.carries(profile, "sysctls")) {
      return;
    }
    int taken = 0;
    List<String> values = new ArrayList<>(values(false));
    values.add("it's \"a\" $(b) `c` ${d} \\n %s <f> &amp; # = ;");
    for (String value : values) {
      String keys = "sysctls: { kernel.domainname: " + Escapers.yaml(value) + " }";
      Optional<List<String>> texts = texts(rack(Samples.KEY, profile, keys));
      boolean inOwnWords = profile.equals("talos") || profile.equals("nixos");
      String line = inOwnWords ? value : "kernel.domainname = " + value;
      texts.ifPresent(all -> found(all, line, profile));
      taken += texts.isPresent() ? 1 : 0;
    }
    assertTrue(taken > 0, "all were refused");
  }

  /** Where only a few characters have a place: what else there is is refused. */
  @ParameterizedTest
  @MethodSource("profiles")
  void whatIsNoTextIsRefusedOrHarmless(String profile) {
    Map<String, Function<String, String>> fields =
        Map.of(
            "argument", value -> "kernel-arguments: [" + value + "]",
            "package", value -> "packages: [" + value + "]",
            "path", value -> "files: { " + value + ": { content: x } }",
            "owner", value -> "files: { /etc/x: { content: x, owner: " + value + " } }",
            "unit", value -> "services: { enable: [" + value + "] }",
            "label", value -> "labels: { a: " + value + " }",
            "disk", value -> "disk: " + value,
            "data disk", value -> "layout: { data: [" + value + "] }",
            "interface", value -> "network: { " + value + ": { card: 52:54:00:bb:00:02 } }",
            "butane", value -> "butane: " + value);
    fields.forEach(
        (field, keys) -> {
          for (String value : values(true)) {
            String yaml = rack(Samples.KEY, profile, keys.apply(Escapers.yaml(value)));
            texts(yaml)
                .ifPresent(
                    _ ->
                        assertTrue(
                            value.matches("[A-Za-z0-9 =@+:./_~,%-]*"),
                            () -> profile + ": " + field + ": <" + value + "> was taken"));
          }
        });
  }

  /** A value of a profile of the user's, in each format, read by a parser of that format. */
  @Test
  void aValueOfAProfileEntersEachFormatWholeOrNotAtAll() {
    record Case(TextFormat format, String template, Function<String, Object> read) {}
    List<Case> cases =
        List.of(
            new Case(TextFormat.YAML, "a: {{v}}\n", text -> Set.copyOf(yaml(text).values())),
            new Case(TextFormat.YAML, "{{v}}: b\n", text -> yaml(text).keySet()),
            new Case(TextFormat.JSON, "{ \"a\": {{v}} }", text -> json(text)),
            new Case(TextFormat.TOML, "a = {{v}}\n", text -> toml(text)),
            new Case(
                TextFormat.XML, "<a>{{v}}</a>\n", text -> DataText.xml("x", text).getTextContent()),
            new Case(TextFormat.SHELL, "echo {{v}}\n", text -> Strings.words(text).get(1)),
            new Case(TextFormat.KICKSTART, "url {{v}}\n", text -> Strings.words(text).get(1)),
            new Case(TextFormat.CONF, "A={{v}}\n", text -> text.substring(3, text.length() - 2)),
            new Case(
                TextFormat.PRESEED,
                "d-i a/b string {{v}}\n",
                text -> text.substring(15, text.length() - 1)),
            new Case(TextFormat.TEXT, "{{v}}\n", text -> text.substring(0, text.length() - 1)));
    for (Case each : cases) {
      TemplateText template = TemplateText.of("t", 1, each.template(), each.format());
      int taken = 0;
      List<String> values = new ArrayList<>(values(true));
      values.addAll(values(false));
      values.addAll(List.of("plain", "with blanks ", " x"));
      for (String value : values) {
        String text;
        try {
          text = template.render(Map.of("v", value));
          each.format().check("t", text);
        } catch (RenderException e) {
          assertFalse(Values.hasControl(String.valueOf(e.getMessage())), e.getMessage());
          continue;
        }
        Object read = each.read().apply(text);
        assertEquals(read instanceof Set ? Set.of(value) : value, read, each.template());
        taken++;
      }
      assertTrue(taken >= 3, each + " took " + taken);
    }
  }

  private static Map<?, ?> yaml(String text) {
    return new Load(LoadSettings.builder().build()).loadFromString(text) instanceof Map<?, ?> map
        ? map
        : Map.of();
  }

  private static String json(String text) {
    return DataText.json("j", text).path("a").asString();
  }

  private static String toml(String text) {
    return DataText.toml("t", text).path("a").asString();
  }
}
