// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileFilesTest {
  private static final String YAML =
      """
      system: Some OS
      version: "1"
      kernel: vmlinuz
      initrd: [initrd, second]
      arguments:
        - "url={{nodeUrl}}/answers"
        - "{{#hasAddress}}ip={{address}}{{/hasAddress}}"
      files:
        answers: { format: yaml, template: answers.mustache }
      callbacks: [installed]
      values: { greeting: "a: [b" }
      """;

  private static final String TEMPLATE =
      """
      name: {{node}}
      hello: {{greeting}}
      done: {{#shell}}curl {{nodeUrl}}/report/installed{{/shell}}
      """;

  private static ProfileReading read(String yaml, String template) {
    Map<String, String> texts = new HashMap<>();
    texts.put("profile.yaml", yaml);
    texts.put("answers.mustache", template);
    return ProfileFiles.read("mine", "profiles/mine", name -> Optional.ofNullable(texts.get(name)));
  }

  private static Profile profile(String yaml, String template) {
    return switch (read(yaml, template)) {
      case ProfileReading.Valid valid -> valid.profile();
      case ProfileReading.Invalid invalid ->
          throw new AssertionError(RackFiles.report(invalid.faults()));
    };
  }

  private static List<String> faults(String yaml, String template) {
    return switch (read(yaml, template)) {
      case ProfileReading.Valid _ -> List.of();
      case ProfileReading.Invalid invalid ->
          invalid.faults().stream().map(Fault::toString).toList();
    };
  }

  private static RackFile rack(Profile profile, String nodes) {
    String yaml = Samples.HEAD + "profile: mine\nnodes:\n" + nodes.indent(2);
    return switch (RackFiles.read(yaml, "rack.yaml", Map.of("mine", profile))) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid ->
          throw new AssertionError(RackFiles.report(invalid.faults()));
    };
  }

  @Test
  void aFolderOfTheUsersIsAProfile() {
    Profile profile = profile(YAML, TEMPLATE);
    RackFile rack = rack(profile, "52:54:00:aa:00:01: { role: hub, address: 10.77.0.9 }");
    Node node = rack.nodes().getFirst();
    assertEquals(
        """
        name: "hub-1"
        hello: "a: [b"
        done: "curl 'http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef'/report/installed"
        """,
        AnswerFiles.render(rack, node, Samples.run(), "answers").text());
    assertEquals(
        List.of(
            "url=http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef/answers",
            "ip=10.77.0.9"),
        Profiles.kernelArguments(rack, node, Samples.run()).subList(0, 2));
    assertEquals("mine", profile.artifacts());
    assertEquals(List.of("initrd", "second"), profile.initrds());
  }

  @Test
  void anArgumentThatComesToNothingIsLeftOut() {
    RackFile rack = rack(profile(YAML, TEMPLATE), "52:54:00:aa:00:01: hub");
    assertTrue(
        Profiles.kernelArguments(rack, rack.nodes().getFirst(), Samples.run())
            .get(1)
            .startsWith("BOOTIF="));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kernel: vmlinuz|kernel: ../vmlinuz|profile.yaml:3:9: kernel: ../vmlinuz",
        "callbacks: [installed]|callbacks: [instaled]|did you mean installed?",
        "callbacks: [installed]|fetches-by-https: [answers]|a file of this profile, behind"
            + " {{secure",
        "callbacks: [installed]|fetches-by-https: [gone]|fetches-by-https: gone (expected: a file"
            + " of",
        "format: yaml|butane: fcos, format: yaml|files.answers.butane: yaml (expected: format: ig",
        "callbacks: [installed]|callbacks: [installed, partitioned]|report/partitioned in a temp",
        "answers.mustache|gone.mustache|files.answers.template: gone.mustache",
        "answers.mustache|../../etc/passwd|files.answers.template: ../../etc/passwd",
        "answers.mustache|debian-12/gone.mustache|a file of a built-in profile: ",
        "format: yaml|format: yml|did you mean yaml?",
        "answers: {|enroll: {|none of enroll, report",
        "version: \"1\"|vesion: \"1\"|did you mean version?",
        "greeting:|node:|no common name has",
        "url={{nodeUrl}}/answers|url={{nodeUrl}} answers|without blanks outside",
        "url={{nodeUrl}}/answers|url={{{nodeUrl}}}/answers|profile.yaml:6:1: {{{ (expected:"
            + " {{name}}, ",
        "url={{nodeUrl}}/answers|url={{}}/answers|profile.yaml:6:1: {{}} (expected: {{name}}, ",
      })
  void aFaultInTheProfileIsNamedWithItsPlace(String from, String to, String said) {
    String yaml = YAML.replace(from, to);
    assertTrue(!yaml.equals(YAML), from);
    String all = String.join("\n", faults(yaml, TEMPLATE));
    assertTrue(all.contains(said), all);
    assertTrue(all.contains("profiles/mine/"), all);
  }

  @Test
  void allFaultsOfAFolderAreFoundAtOnce() {
    String yaml = YAML.replace("kernel: vmlinuz", "kernel: /x").replace("way", "wey");
    List<String> faults = faults(yaml.replace("[initrd", "[/initrd"), "x\n{{#open}}\n");
    assertEquals(3, faults.size(), faults::toString);
    assertTrue(
        faults.getLast().startsWith("profiles/mine/answers.mustache:2:1: "), faults::toString);
  }

  @Test
  void aLineBreakCannotEnterAKernelArgument() {
    String yaml =
        YAML.replace("\"url={{nodeUrl}}/answers\"", "\"url={{greeting}}\"")
            .replace("\"a: [b\"", "init=/bin/sh x");
    RackFile rack = rack(profile(yaml, TEMPLATE), "52:54:00:aa:00:01: hub");
    List<Fault> faults = rehearsed(rack);
    assertEquals(1, faults.size(), faults::toString);
    String fault = faults.getFirst().toString();
    assertTrue(fault.startsWith("profiles/mine/profile.yaml:"), fault);
    assertTrue(fault.contains("node hub-1: init=/bin/sh x (expected: printable ASCII"), fault);
    String broken = YAML.replace("- \"url={{nodeUrl}}/answers\"", "- \"a\\nb\"");
    assertTrue(faults(broken, TEMPLATE).toString().contains("no line break"));
  }

  private static List<Fault> rehearsed(RackFile rack) {
    return Rehearsal.faults(rack, _ -> Samples.run(), (_, _) -> {});
  }

  @Test
  void aRehearsalNamesFileLineNameAndNode() {
    String template = TEMPLATE + "{{#hasAddress}}\ngw: {{gatway}}\n{{/hasAddress}}\n";
    RackFile rack =
        rack(
            profile(YAML, template),
            """
            52:54:00:aa:00:01: hub
            52:54:00:aa:00:02: { role: worker, name: w1, address: 10.77.0.9 }
            52:54:00:aa:00:03: { role: worker, name: w2, address: 10.77.0.10 }
            """);
    assertEquals(
        List.of(
            "profiles/mine/answers.mustache:5:1: node w1 and 1 more: gatway: no value for this name"
                + " (expected: a name of docs/answer-files.md; did you mean gateway?)"),
        rehearsed(rack).stream().map(Fault::toString).toList());
  }

  @Test
  void aRehearsalFindsWhatTheFormatDoesNotBear() {
    RackFile rack = rack(profile(YAML, TEMPLATE + "name: twice\n"), "52:54:00:aa:00:01: hub\n");
    String fault = rehearsed(rack).getFirst().toString();
    assertTrue(
        fault.startsWith("profiles/mine/answers.mustache:1:1: node hub-1: answers: "), fault);
  }

  @Test
  void aBuiltInProfileCanBeReplacedByName() {
    Map<String, String> texts = new HashMap<>();
    texts.put(
        "profile.yaml",
        BuiltInProfiles.text("debian-12", "profile.yaml")
            .orElseThrow()
            .replace("template: late.sh.mustache", "template: debian-12/late.sh.mustache"));
    texts.put(
        "preseed.cfg.mustache",
        "# {{node}}\nd-i a/b string x /report/installer-started" + " /report/partitioning\n");
    ProfileReading reading =
        ProfileFiles.read("debian-12", "here", name -> Optional.ofNullable(texts.get(name)));
    if (!(reading instanceof ProfileReading.Valid(Profile own))) {
      throw new AssertionError(reading.toString());
    }
    String yaml = Samples.HEAD + "nodes: { 52:54:00:aa:00:01: hub }\n";
    RackReading read = RackFiles.read(yaml, "rack.yaml", Map.of("debian-12", own));
    if (!(read instanceof RackReading.Valid(RackFile rack))) {
      throw new AssertionError(read.toString());
    }
    List<AnswerFile> files = AnswerFiles.renderAll(rack, rack.nodes().getFirst(), Samples.run());
    assertTrue(files.getFirst().text().startsWith("# hub-1\n"));
    assertTrue(files.getLast().text().startsWith("#!/bin/sh\n"));
  }

  @Test
  void everyBuiltInProfileIsReadAndItsFilesCanBeWritten() {
    List<String> nodes = new ArrayList<>();
    int n = 0;
    for (String profile : BuiltInProfiles.names()) {
      for (String role : Role.builtIn().keySet()) {
        nodes.add("52:54:00:aa:00:%02x: { role: %s, profile: %s }".formatted(++n, role, profile));
        nodes.add(
            "52:54:00:aa:00:%02x: { role: %s, profile: %s, address: 10.77.0.%d, disk: /dev/vda }"
                .formatted(++n, role, profile, n + 1));
      }
    }
    RackFile rack = Samples.withNodes(String.join("\n", nodes));
    assertEquals(List.of(), rehearsed(rack));
  }

  @Test
  void theFilesOfUbuntuAreAsAgreed() {
    RackFile rack =
        Samples.withNodes(
            "52:54:00:aa:00:01: { role: hub, profile: ubuntu-22-04 }\n"
                + "52:54:00:aa:00:02: { role: worker, name: w, profile: ubuntu-24-04,"
                + " address: 10.77.0.12, disk: /dev/vda, kernel-arguments: [quiet] }");
    for (Node node : rack.nodes()) {
      String arguments =
          String.join("\n", Profiles.kernelArguments(rack, node, Samples.run())) + "\n";
      Golden.check("ubuntu-" + node.name() + ".arguments", arguments);
      for (AnswerFile file : AnswerFiles.renderAll(rack, node, Samples.run())) {
        Golden.check("ubuntu-" + node.name() + "." + file.name(), file.text());
      }
    }
  }

  /** Its row in the table of layouts and networks. */
  private static String abilities(String profile) {
    Profile known = requireNonNull(Profile.builtIn().get(profile));
    Stream<String> disks =
        Stream.concat(DiskLayout.WORDS.stream(), Stream.of(DiskPlan.DATA))
            .map(
                word ->
                    known.layouts().contains(word)
                        ? "yes"
                        : known.layouts().contains(word + DiskPlan.NAMED) ? "named" : "no");
    boolean ipv4 = known.networks().contains(NetLink.IPV4_LEASES);
    Stream<String> links =
        NetLink.Kind.WORDS.stream()
            .map(
                word ->
                    !known.networks().contains(word)
                        ? "no"
                        : ipv4 && word.equals("card") ? "IPv4 leases" : "yes");
    return "| `"
        + profile
        + "` | "
        + Stream.concat(disks, links).collect(Collectors.joining(" | "))
        + " |";
  }

  @Test
  void thePageListsEveryKeyAndEveryName() throws Exception {
    String page = Files.readString(Path.of("../docs/answer-files.md"));
    ProfileFiles.keys()
        .forEach(
            (name, key) -> {
              String fallback = key.required() ? "required" : key.fallback();
              String row = "| `" + name + "` | " + fallback + " | " + key.meaning() + " |";
              assertTrue(page.contains(row), row);
            });
    for (String name : AnswerValues.NAMES) {
      assertTrue(page.contains("`" + name + "`"), name);
    }
    String formats =
        page.substring(page.indexOf("| format |"), page.indexOf("Four sections put one value"));
    for (TextFormat format : TextFormat.ofFiles()) {
      assertTrue(formats.contains("`" + format.word() + "`"), format.word());
    }
    for (String profile : BuiltInProfiles.names()) {
      assertTrue(page.contains("| `" + profile + "` |"), profile);
      assertTrue(page.contains(abilities(profile)), abilities(profile));
    }
    RackFile rack = Samples.withNodes("52:54:00:aa:00:01: { role: hub, profile: debian-12-cast }");
    AnswerValues values = new AnswerValues(rack, rack.nodes().getFirst(), Samples.run());
    for (String name : values.map().keySet()) {
      assertTrue(AnswerValues.NAMES.contains(name), name);
    }
  }
}
