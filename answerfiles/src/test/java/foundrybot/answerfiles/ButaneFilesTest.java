// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.butane.LocalFiles;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Inputs of roles, nodes and profiles, in what a node is served. */
class ButaneFilesTest {
  private static final String ROLE =
      """
      variant: flatcar
      version: 1.1.0
      storage:
        files:
          - { path: /etc/motd, contents: { inline: role } }
          - { path: /etc/issue, contents: { local: files/issue } }
      systemd:
        units: [{ name: hello.service, enabled: true, contents: "[Service]\\nExecStart=/bin/true\\n" }]
      passwd:
        users: [{ name: ops, groups: [wheel] }]
      """;

  private static final String NODE =
      """
      variant: flatcar
      version: 1.0.0
      storage:
        files: [{ path: /etc/motd, mode: 0600, contents: { inline: node } }]
      """;

  private static final String YAML =
      Samples.HEAD
          + """
          roles: { web: { butane: butane/web.bu } }
          nodes:
            52:54:00:aa:00:01: { role: web, name: one, profile: flatcar, butane: butane/one.bu }
            52:54:00:aa:00:02: { role: web, name: two, profile: flatcar }
            52:54:00:aa:00:03: { role: web, name: three }
          """;

  private final Map<String, String> files =
      new HashMap<>(
          Map.of("butane/web.bu", ROLE, "butane/one.bu", NODE, "files/issue", "of the site\n"));

  private RackReading read(String yaml) {
    LocalFiles local =
        path ->
            Optional.ofNullable(files.get(path)).map(text -> text.getBytes(StandardCharsets.UTF_8));
    return RackFiles.read(yaml, "/etc/rack.yaml", Map.of(), _ -> Optional.empty(), local);
  }

  private RackFile rack(String yaml) {
    return switch (read(yaml)) {
      case RackReading.Valid(RackFile rack) -> rack;
      case RackReading.Invalid(List<Fault> faults) ->
          throw new AssertionError(RackFiles.report(faults));
    };
  }

  @Test
  void whichFilesTheRackFileTakesInIsKnownByTheirDigests() {
    assertEquals(
        List.of("butane/one.bu", "butane/web.bu", "files/issue"),
        List.copyOf(rack(YAML).takenIn().keySet()));
    String before = rack(YAML).takenIn().get("files/issue");
    files.put("files/issue", "of another site\n");
    assertNotEquals(before, rack(YAML).takenIn().get("files/issue"));
  }

  private String faults(String yaml) {
    return switch (read(yaml)) {
      case RackReading.Valid _ -> "";
      case RackReading.Invalid(List<Fault> faults) -> RackFiles.report(faults);
    };
  }

  private static JsonNode system(RackFile rack, String node) {
    Node found = rack.node(node).orElseThrow();
    String text = AnswerFiles.render(rack, found, InstallerRacks.run(), "system.ign").text();
    return DataText.json("system.ign", text);
  }

  private static JsonNode file(JsonNode root, String path) {
    for (JsonNode file : root.path("storage").path("files")) {
      if (file.path("path").asString().equals(path)) {
        return file;
      }
    }
    throw new AssertionError(path + " in " + root);
  }

  @Test
  void aNodeGetsWhatItsRoleSaysAndOverThatItsOwnBesideWhatTheApplianceNeeds() {
    RackFile rack = rack(YAML);
    JsonNode one = system(rack, "one");
    assertEquals("3.4.0", one.path("ignition").path("version").asString());
    assertEquals(
        "{\"path\":\"/etc/motd\",\"contents\":{\"source\":\"data:;base64,bm9kZQ==\"},\"mode\":384}",
        file(one, "/etc/motd").toString());
    assertEquals(
        "data:;base64,b2YgdGhlIHNpdGUK",
        file(one, "/etc/issue").path("contents").path("source").asString());
    assertEquals(
        "data:,one%0A", file(one, "/etc/hostname").path("contents").path("source").asString());
    JsonNode user = one.path("passwd").path("users").path(0);
    assertEquals("[\"sudo\",\"docker\",\"wheel\"]", user.path("groups").toString());
    assertEquals(1, user.path("sshAuthorizedKeys").size());
    List<String> units =
        one.path("systemd")
            .path("units")
            .valueStream()
            .map(it -> it.path("name").asString())
            .toList();
    assertEquals(List.of("foundrybot-first-boot.service", "hello.service"), units);
    JsonNode two = system(rack, "two");
    assertEquals(
        "data:;base64,cm9sZQ==", file(two, "/etc/motd").path("contents").path("source").asString());
    // Its installer knows nothing of Ignition.
    assertTrue(rack.node("three").orElseThrow().butane().isEmpty());
  }

  @Test
  void whatIsServedInMemoryIsNotTouched() {
    RackFile rack = rack(YAML);
    Node one = rack.node("one").orElseThrow();
    String live = AnswerFiles.render(rack, one, InstallerRacks.run(), "live.ign").text();
    assertTrue(!live.contains("/etc/motd"), live);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "butane/one.bu|butane/gone.bu|/etc/rack.yaml:7:72: nodes.52:54:00:aa:00:01.butane:"
            + " butane/gone.bu (e",
        "butane/one.bu|../one.bu|nodes.52:54:00:aa:00:01.butane: ../one.bu (expected: a file in the"
            + " rack",
        "butane/one.bu|/etc/passwd|nodes.52:54:00:aa:00:01.butane: /etc/passwd (expected: a file in"
            + " the",
        "name: three|name: three, butane: butane/one.bu|none with profile debian-12; these take it:"
            + " fedora-coreos, flatcar",
        "name: two, profile: flatcar|name: two, profile: fedora-coreos|roles.web.butane:"
            + " /etc/butane/web.bu: variant flatcar (expected: variant fcos,",
      })
  void aNameThatLeadsNowhereIsAFaultOfTheRackFile(String from, String to, String said) {
    String yaml = YAML.replace(from, to);
    assertTrue(!yaml.equals(YAML), from);
    assertTrue(faults(yaml).contains(said), () -> faults(yaml));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "units:|unitz:|/etc/butane/web.bu:8:3: systemd.unitz: unknown key (expected: one of units)",
        "storage:|storage: {{|/etc/butane/web.bu:",
        "files/issue|files/none|/etc/butane/web.bu:6:",
      })
  void aFaultInAnInputIsNamedWithItsOwnFile(String from, String to, String said) {
    files.put("butane/web.bu", ROLE.replace(from, to));
    assertTrue(faults(YAML).startsWith(said), () -> faults(YAML));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/hostname", "/etc/foundrybot/x"})
  void whatTheApplianceGivesIsNotSaidAgain(String path) {
    files.put("butane/one.bu", NODE.replace("/etc/motd", path));
    RackFile rack = rack(YAML);
    RenderException e = assertThrows(RenderException.class, () -> system(rack, "one"));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("/etc/butane/one.bu:4: path " + path),
        e::getMessage);
    List<Fault> faults = Rehearsal.faults(rack, _ -> InstallerRacks.run(), (_, _) -> {});
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(
        faults.getFirst().toString().startsWith("/etc/butane/one.bu:4:1: node one: path " + path),
        faults::toString);
  }

  private static final String IN_PLACE =
      Samples.HEAD
          + """
          roles:
            web:
              butane:
                variant: flatcar
                version: 1.1.0
                storage:
                  files: [{ path: /etc/motd, contents: { inline: role } }]
                systemd:
                  units:
                    - name: hello.service
                      enabled: true
                      contents: |
                        [Service]
                        ExecStart=/bin/echo "it's: $HOME #1"
            proxy: { from: web }
          nodes:
            52:54:00:aa:00:01:
              role: web
              name: one
              profile: flatcar
              butane:
                variant: flatcar
                version: 1.0.0
                storage: { files: [{ path: /etc/motd, contents: { local: files/issue } }] }
            52:54:00:aa:00:02: { role: proxy, name: two, profile: flatcar }
            52:54:00:aa:00:03: { role: web, name: three }
          """;

  @Test
  void whatStandsInTheRackFileItselfIsTakenAsAFileIs() {
    RackFile rack = rack(IN_PLACE);
    assertEquals(
        "data:;base64,b2YgdGhlIHNpdGUK",
        file(system(rack, "one"), "/etc/motd").path("contents").path("source").asString());
    assertEquals(List.of("files/issue"), List.copyOf(rack.takenIn().keySet()));
    JsonNode two = system(rack, "two");
    assertEquals(
        "data:;base64,cm9sZQ==", file(two, "/etc/motd").path("contents").path("source").asString());
    assertEquals(
        "[Service]\nExecStart=/bin/echo \"it's: $HOME #1\"\n",
        two.path("systemd").path("units").path(1).path("contents").asString());
    assertTrue(rack.node("three").orElseThrow().butane().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "units:|unitz:|/etc/rack.yaml:13:9: roles.web.butane.systemd.unitz: unknown key (expected",
        "version: 1.0.0|version: 9.0.0|/etc/rack.yaml:26:7: nodes.52:54:00:aa:00:01.butane.version:"
            + " variant flatcar, version 9.0.0",
        "name: two, profile: flatcar|name: two, profile: fedora-coreos|/etc/rack.yaml:8:7:"
            + " roles.proxy.butane: /etc/rack.yaml: variant flatcar (expected: variant fcos,",
        "name: three|name: three, butane: { variant: fcos }|nodes.52:54:00:aa:00:03.butane: a"
            + " mapping (expected: none with profile debian-12",
        "name: three|name: three, butane: [a]|nodes.52:54:00:aa:00:03.butane: a list (expected: a"
            + " file in the rack file's folder or below, such as butane/worker.bu; or a mapping",
        "local: files/issue|local: ../x|/etc/rack.yaml:28:64:"
            + " nodes.52:54:00:aa:00:01.butane.storage.files[0].contents.local: ../x",
      })
  void aFaultOfWhatStandsInPlaceIsNamedWithItsPlace(String from, String to, String said) {
    String yaml = IN_PLACE.replace(from, to);
    assertTrue(!yaml.equals(IN_PLACE), from);
    List<String> lines = faults(yaml).lines().toList();
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.getFirst().contains(said), lines::toString);
  }

  @Test
  void aProfileOfTheUsersHasAnInputOfItsOwn() {
    Map<String, String> texts = new HashMap<>();
    for (String file : List.of("profile.yaml", "live.ign.mustache", "install.sh.mustache")) {
      texts.put(file, BuiltInProfiles.text("flatcar", file).orElseThrow());
    }
    texts.put(
        "system.ign.mustache",
        BuiltInProfiles.text("flatcar", "system.ign.mustache").orElseThrow());
    texts.merge("profile.yaml", "butane: base.bu\n", (yaml, line) -> yaml + line);
    texts.put("base.bu", NODE.replace("inline: node", "local: motd"));
    texts.put("motd", "profile");
    ProfileReading reading =
        ProfileFiles.read("mine", "profiles/mine", name -> Optional.ofNullable(texts.get(name)));
    if (!(reading instanceof ProfileReading.Valid(Profile mine))) {
      throw new AssertionError(reading.toString());
    }
    String yaml = Samples.HEAD + "nodes: { 52:54:00:aa:00:01: { role: hub, profile: mine } }\n";
    if (!(RackFiles.read(yaml, "rack.yaml", Map.of("mine", mine))
        instanceof RackReading.Valid(RackFile rack))) {
      throw new AssertionError(yaml);
    }
    assertEquals(
        "data:;base64,cHJvZmlsZQ==",
        file(system(rack, "hub-1"), "/etc/motd").path("contents").path("source").asString());
    texts.put("base.bu", NODE.replace("flatcar", "fcos").replace("1.0.0", "1.4.0"));
    assertTrue(
        ProfileFiles.read("mine", "profiles/mine", name -> Optional.ofNullable(texts.get(name)))
                instanceof ProfileReading.Invalid(List<Fault> faults)
            && faults.toString().contains("a file of this profile with butane: fcos"));
  }
}
