// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.answerfiles.butane.ButaneInput;
import foundrybot.answerfiles.butane.ButaneReading;
import foundrybot.answerfiles.butane.Trouble;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Any text as a rack file, a firmware table, a list of machines. */
final class AnswerFilesFuzzTest {
  private static final String SOURCE = "rack.yaml";

  /** A rack without a fault can be installed: all its answer files can be written. */
  @FuzzTest
  void rackFile(byte[] bytes) {
    String yaml = new String(bytes, StandardCharsets.UTF_8);
    switch (RackFiles.read(yaml, SOURCE)) {
      case RackReading.Invalid(List<Fault> faults) -> check(yaml, faults);
      case RackReading.Valid(RackFile rack) -> rack.nodes().forEach(node -> render(rack, node));
    }
  }

  /** The part of a rack file in which most of the text stands, behind a head without faults. */
  @FuzzTest
  void nodes(byte[] bytes) {
    rackFile(
        (Samples.HEAD + "nodes:\n  " + new String(bytes, StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8));
  }

  private static void render(RackFile rack, Node node) {
    RunContext run = Samples.run();
    for (AnswerFile file : AnswerFiles.renderAll(rack, node, run)) {
      assertFalse(file.text().isEmpty());
    }
    for (String argument : Profiles.kernelArguments(rack, node, run)) {
      assertTrue(argument.matches("[!-~]+"), argument);
    }
  }

  /** A table is rows or faults. */
  @FuzzTest
  void firmwareTable(byte[] bytes) {
    String yaml = new String(bytes, StandardCharsets.UTF_8);
    switch (FirmwareFiles.read(yaml, SOURCE)) {
      case FirmwareReading.Invalid(List<Fault> faults) -> check(yaml, faults);
      case FirmwareReading.Valid(List<FirmwareRule> rules) -> {
        Set<String> names = new HashSet<>();
        rules.forEach(rule -> assertTrue(names.add(rule.name()), rule.name()));
      }
    }
  }

  /** A profile with one template is a profile or faults, whose places lie in its file. */
  @FuzzTest
  void profile(byte[] bytes) {
    String yaml = new String(bytes, StandardCharsets.UTF_8);
    Function<String, Optional<String>> texts =
        file -> Optional.of(file.equals(ProfileFiles.FILE) ? yaml : "# {{node}}\n");
    switch (ProfileFiles.read("mine", "profiles/mine", texts)) {
      case ProfileReading.Invalid(List<Fault> faults) -> check(yaml, faults);
      case ProfileReading.Valid(Profile profile) -> {
        assertFalse(profile.files().isEmpty());
        profile.files().keySet().forEach(file -> assertTrue(ProfileFiles.isFileName(file), file));
      }
    }
  }

  /** A file of secrets has all of them or is refused, and no message shows what stood there. */
  @FuzzTest
  void talosSecrets(byte[] bytes) {
    String yaml = new String(bytes, StandardCharsets.UTF_8);
    try {
      TalosSecrets secrets = TalosSecrets.read(yaml, "secrets.yaml");
      assertEquals(TalosSecrets.names(), secrets.values(true).keySet());
      assertTrue(secrets.values(true).values().stream().noneMatch(String::isEmpty));
    } catch (RenderException e) {
      assertTrue(String.valueOf(e.getMessage()).startsWith("secrets.yaml: "));
      assertTrue(String.valueOf(e.getMessage()).length() < 200);
    }
  }

  /** What is translated is a configuration that Ignition's reader here takes. */
  @FuzzTest
  void butane(byte[] bytes) {
    String yaml = new String(bytes, StandardCharsets.UTF_8);
    Faults faults = new Faults(SOURCE);
    switch (YamlText.compose(yaml, SOURCE, faults)
        .map(root -> ButaneInput.read(root, SOURCE, _ -> Optional.of(bytes)))
        .orElse(new ButaneReading.Invalid(List.of()))) {
      case ButaneReading.Valid(ButaneInput input) ->
          DataText.ignition("system.ign", input.config().toString());
      case ButaneReading.Invalid(List<Trouble> troubles) ->
          troubles.forEach(each -> assertTrue(each.line() >= 1 && each.column() >= 1));
    }
  }

  /** What is imported is a rack file whose only faults are the places to fill in. */
  @FuzzTest
  void list(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    switch (ListImport.toYaml(text, SOURCE)) {
      case ListReading.Invalid(List<Fault> faults) -> check(text, faults);
      case ListReading.Converted(String yaml) -> {
        List<String> faults = Samples.faults(yaml);
        assertEquals(2, faults.size(), () -> faults + "\n" + yaml);
        faults.forEach(fault -> assertTrue(fault.contains(ListImport.FILL_IN), fault));
      }
    }
  }

  /** Every fault is one line of bounded length that points into the text. */
  private static void check(String text, List<Fault> faults) {
    assertTrue(faults.size() <= Faults.MOST_SHOWN + 1);
    // YAML has more kinds of line break than most.
    long lines = text.chars().filter(c -> "\n\r\u0085\u2028\u2029".indexOf(c) >= 0).count() + 1;
    for (Fault fault : faults) {
      assertTrue(fault.line() >= 1 && fault.line() <= lines, fault::toString);
      assertTrue(fault.column() >= 1 && fault.column() <= text.length() + 1, fault::toString);
      assertTrue(fault.toString().length() <= 2000, () -> fault.toString().length() + " long");
      assertFalse(fault.toString().chars().anyMatch(Character::isISOControl), fault::toString);
    }
  }
}
