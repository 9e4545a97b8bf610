// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Programs that nobody here wrote read every file of every built-in profile: for each role, for all
 * that its layouts and networks can be, for a node with everything, and for one whose values mean
 * something to every reader. One process of each program reads all that is for it.
 */
@Tag("slow")
class OutsideValidatorsTest {
  /** Where {@code bin/check} unpacks it: installed, it would take the machine over at its start. */
  private static final Path CLOUD_INIT = Path.of("../target/cloud-init").toAbsolutePath();

  /** Where {@code bin/check} unpacks it: a program for Node.js. */
  private static final Path TAPLO = Path.of("../target/taplo").toAbsolutePath();

  private static final String HOSTILE =
      "it's \"a\" $(b) `c` ${d} ''${e} \\ \\n %end %s <f> &amp; ]]> --> # : - \u00e4\u4e2d"
          + "\ud83d\ude00";

  @TempDir Path folder = Path.of("");

  private Ran run(String... command) throws IOException, InterruptedException {
    return Ran.in(folder, command);
  }

  private Ran run(List<String> command, List<String> files)
      throws IOException, InterruptedException {
    return run(Stream.concat(command.stream(), files.stream()).toArray(String[]::new));
  }

  /** One node whose account, file and sysctl hold what every format has to escape. */
  private static RackFile hostile(String profile) {
    String path = profile.equals("talos") ? "/var/x/a.conf" : "/etc/x/a.conf";
    boolean files = InstallerRacks.carries(profile, "files");
    return Samples.rack(
        Samples.HEAD.replace('"' + Samples.KEY + '"', Escapers.yaml(Samples.KEY + HOSTILE))
            + Samples.TALOS
            + "nodes:\n  52:54:00:aa:00:01: { role: hub, profile: "
            + profile
            + (files
                ? ", files: { "
                    + path
                    + ": { content: "
                    + Escapers.yaml(HOSTILE + "\n\t\n" + HOSTILE)
                    + " } }"
                : "")
            + " }\n");
  }

  /** Each role once, and each layout and network once, whichever are more. */
  private static List<RackFile> racks(String profile) {
    List<RackFile> racks =
        new ArrayList<>(
            List.of(
                InstallerRacks.plain(profile),
                InstallerRacks.full(profile),
                InstallerRacks.encrypted(profile),
                hostile(profile)));
    if (InstallerRacks.carries(profile, "labels")) {
      racks.add(InstallerRacks.asking(profile));
    }
    List<String> roles = List.copyOf(Role.builtIn().keySet());
    List<String> abilities = InstallerRacks.abilities(profile);
    for (int n = 0; n < Math.max(roles.size(), abilities.size()); n++) {
      racks.add(
          Samples.withNodes(
              "52:54:00:aa:00:01: { role: "
                  + roles.get(n % roles.size())
                  + ", kernel-arguments: [quiet], profile: "
                  + profile
                  + ", "
                  + abilities.get(n % abilities.size())
                  + " }"));
    }
    return racks;
  }

  private static final class Once {
    static final Map<String, List<AnswerFile>> FILES =
        BuiltInProfiles.names().stream()
            .collect(Collectors.toMap(Function.identity(), OutsideValidatorsTest::rendered));
  }

  private static List<AnswerFile> files(String profile) {
    return Objects.requireNonNull(Once.FILES.get(profile));
  }

  /** All files of the profile, each text once. */
  private static List<AnswerFile> rendered(String profile) {
    Map<String, AnswerFile> files = new LinkedHashMap<>();
    for (RackFile rack : racks(profile)) {
      for (Node node : rack.nodes()) {
        for (AnswerFile file : AnswerFiles.renderAll(rack, node, InstallerRacks.run(rack))) {
          files.putIfAbsent(file.name() + file.text(), file);
        }
      }
    }
    return List.copyOf(files.values());
  }

  private static List<AnswerFile> files(String profile, String name) {
    return files(profile).stream().filter(file -> file.name().equals(name)).toList();
  }

  /** Their names in the folder. */
  private List<String> written(List<String> texts) throws IOException {
    List<String> names = new ArrayList<>();
    for (String text : texts) {
      String name = "f" + names.size();
      Files.writeString(folder.resolve(name), text);
      names.add(name);
    }
    return names;
  }

  private List<String> writtenFiles(List<AnswerFile> files) throws IOException {
    assertTrue(files.size() > 3, "these are " + files.size());
    return written(files.stream().map(AnswerFile::text).toList());
  }

  @Test
  void everyScriptInEveryFileIsShell() throws Exception {
    Set<String> scripts = new LinkedHashSet<>();
    for (String profile : BuiltInProfiles.names()) {
      List<String> own = files(profile).stream().flatMap(it -> scripts(it).stream()).toList();
      assertEquals(profile.equals("esxi-8"), own.isEmpty(), profile);
      scripts.addAll(own);
    }
    assertTrue(scripts.size() > 100, "only " + scripts.size());
    String each = "for f do sh -n \"$f\" || { echo \"in $f\"; bad=1; }; done; exit ${bad:-0}";
    List<String> names = written(List.copyOf(scripts));
    assertEquals(new Ran(0, ""), run(List.of("sh", "-c", each, "sh"), names));
    Files.writeString(folder.resolve("wrong"), "if true; then echo 'x\nfi\n");
    assertEquals(1, run("sh", "-c", each, "sh", "wrong").status(), "it refuses what is wrong");
  }

  /** The file itself, what it says is a script, and what its reader runs. */
  private static List<String> scripts(AnswerFile file) {
    List<String> scripts = new ArrayList<>();
    if (file.contentType().startsWith("text/x-shellscript")) {
      scripts.add(file.text());
    }
    Strings.of(file).stream().filter(text -> text.startsWith("#!/bin/sh\n")).forEach(scripts::add);
    switch (file.name()) {
      case "preseed.cfg" -> scripts.addAll(commands(file.text()));
      case "ks.cfg" -> scripts.addAll(sections(file.text()));
      case "autoinst.xml" -> scripts.addAll(sources(file));
      case "user-data" -> scripts.addAll(lists(file));
      case "machine.yaml" -> scripts.add(TalosTest.report(file.text()));
      default -> {}
    }
    return scripts;
  }

  private static List<String> commands(String preseed) {
    List<String> commands =
        preseed
            .replace("\\\n", "")
            .lines()
            .filter(line -> line.matches("d-i \\S+/(early|late)_command string .*"))
            .map(line -> line.replaceFirst("d-i \\S+ string ", "") + "\n")
            .toList();
    assertEquals(3, commands.size());
    return commands;
  }

  private static List<String> sections(String kickstart) {
    return Pattern.compile("(?ms)^%(pre|pre-install|post|onerror)( [^\n]*)?\n(.*?)^%end$")
        .matcher(kickstart)
        .results()
        .map(found -> found.group(3))
        .toList();
  }

  private static List<String> sources(AnswerFile file) {
    NodeList sources = DataText.xml(file.name(), file.text()).getElementsByTagName("source");
    List<String> scripts = new ArrayList<>();
    for (int n = 0; n < sources.getLength(); n++) {
      scripts.add(sources.item(n).getTextContent());
    }
    assertEquals(4, scripts.size());
    return scripts;
  }

  private static List<String> lists(AnswerFile file) {
    JsonNode answers = yaml(file.text()).path("autoinstall");
    List<String> commands = new ArrayList<>();
    for (String key : List.of("early-commands", "late-commands", "error-commands")) {
      answers.path(key).forEach(command -> commands.add(command.asString() + "\n"));
    }
    return commands;
  }

  private static JsonNode yaml(String text) {
    Object root = new Load(LoadSettings.builder().build()).loadFromString(text);
    return JsonMapper.shared().valueToTree(root);
  }

  @Test
  void debconfTakesEveryPreseed() throws Exception {
    Ran.needs("debconf-set-selections", "debconf");
    List<AnswerFile> files = new ArrayList<>(files("debian-12", "preseed.cfg"));
    files.addAll(files("debian-13", "preseed.cfg"));
    List<String> check = List.of("debconf-set-selections", "--checkonly");
    assertEquals(new Ran(0, ""), run(check, writtenFiles(files)));
    Files.writeString(folder.resolve("wrong"), "d-i a/b strin x\n");
    assertTrue(!run(check, List.of("wrong")).out().isEmpty(), "it says what is wrong");
  }

  @Test
  void xmllintTakesEveryAutoYastProfile() throws Exception {
    Ran.needs("xmllint", "libxml2-utils");
    List<String> names = writtenFiles(files("opensuse-leap", "autoinst.xml"));
    assertEquals(new Ran(0, ""), run(List.of("xmllint", "--noout", "--nonet"), names));
  }

  @Test
  void ignitionTakesEveryConfiguration() throws Exception {
    Ran.needs("ignition-validate", "ignition");
    List<AnswerFile> files =
        Stream.of("fedora-coreos", "flatcar")
            .flatMap(profile -> files(profile).stream())
            .filter(file -> file.name().endsWith(".ign"))
            .toList();
    String each =
        "for f do ignition-validate \"$f\" || { echo \"in $f\"; bad=1; }; done; exit ${bad:-0}";
    List<String> names = writtenFiles(files);
    assertEquals(new Ran(0, ""), run(List.of("sh", "-c", each, "sh"), names));
    String wrong = files.getFirst().text().replace("\"mode\": 493", "\"mode\": \"0755\"");
    Files.writeString(folder.resolve("wrong"), wrong);
    assertTrue(run("ignition-validate", "wrong").status() != 0, "it refuses what is wrong");
  }

  @Test
  void nixReadsEveryConfigurationAndInItWhatWasMeant() throws Exception {
    Ran.needs("nix-instantiate", "nix-bin");
    List<String> names = writtenFiles(files("nixos", "configuration.nix"));
    Ran parsed = run(List.of("nix-instantiate", "--parse"), names);
    assertEquals(0, parsed.status(), parsed.out());
    RackFile rack = hostile("nixos");
    Node node = rack.nodes().getFirst();
    Files.writeString(
        folder.resolve("hostile.nix"),
        AnswerFiles.render(rack, node, InstallerRacks.run(), "configuration.nix").text());
    String packages = "[ \"" + String.join("\" \"", Profiles.packages(rack, node)) + "\" ]";
    Files.writeString(
        folder.resolve("value.nix"),
        "let c = import ./hostile.nix { config = {}; lib = { mkForce = x: x; }; pkgs ="
            + " builtins.listToAttrs (map (n: { name = n; value = n; }) "
            + packages
            + "); }; in { inherit (c.environment) etc systemPackages; inherit (c) users; }\n");
    Ran value =
        run(
            "env",
            "NIX_STORE_DIR=" + folder,
            "NIX_STATE_DIR=" + folder,
            "HOME=" + folder,
            "nix-instantiate",
            "--eval",
            "--strict",
            "--json",
            "value.nix");
    // Before it Nix may warn of things about the machine.
    JsonNode read = DataText.json("nix", value.out().strip().lines().reduce("", (_, line) -> line));
    assertEquals(
        HOSTILE + "\n\t\n" + HOSTILE,
        read.path("etc").path("x/a.conf").path("text").asString(),
        value.out());
    JsonNode keys = read.path("users").path("users").path("ops").path("openssh");
    assertEquals(
        Samples.KEY + HOSTILE, keys.path("authorizedKeys").path("keys").path(0).asString());
    assertTrue(read.path("systemPackages").toString().contains("\"nftables\""), read::toString);
  }

  /** What Python makes of each file is what the reader here made of it. */
  @Test
  void pythonReadsInEveryDocumentWhatIsReadHere() throws Exception {
    Ran.needs("python3", "python3");
    boolean withYaml = Files.exists(CLOUD_INIT.resolve("done"));
    assertTrue(withYaml || !"true".equals(System.getenv("CI")), "cloud-init: bin/check unpacks it");
    StringBuilder manifest = new StringBuilder();
    Map<String, JsonNode> expected = new LinkedHashMap<>();
    int number = 0;
    for (String profile : BuiltInProfiles.names()) {
      for (AnswerFile file : files(profile)) {
        String name = "d" + number++;
        String kind = kind(file);
        if (kind.isEmpty() || (kind.equals("yaml") && !withYaml)) {
          continue;
        }
        manifest.append(kind).append(' ').append(name).append('\n');
        Files.writeString(folder.resolve(name), kind.equals("words") ? head(file) : text(file));
        switch (kind) {
          case "toml" -> expected.put(name, DataText.toml(name, file.text()));
          case "json" -> expected.put(name, DataText.json(name, file.text()));
          case "yaml" -> expected.put(name, yaml(text(file)));
          default -> {}
        }
      }
    }
    Files.writeString(folder.resolve("manifest"), manifest);
    Files.writeString(folder.resolve("read.py"), READ);
    Ran ran = run("env", "PYTHONPATH=" + PYTHON_YAML, "/usr/bin/python3", "read.py");
    assertEquals(0, ran.status(), ran.out());
    JsonNode read = DataText.json("python", ran.out());
    assertTrue(expected.size() > (withYaml ? 90 : 30), "only " + expected.size());
    expected.forEach(
        (name, value) -> assertEquals(value.toString(), read.path(name).toString(), name));
  }

  @Test
  void taploTakesEveryTomlAndReadsInItWhatIsReadHere() throws Exception {
    if (!Files.exists(TAPLO.resolve("done"))) {
      assertFalse("true".equals(System.getenv("CI")), "taplo: bin/check unpacks it");
      throw new TestAbortedException("taplo is not there; bin/check unpacks it");
    }
    List<String> names = new ArrayList<>();
    for (String profile : BuiltInProfiles.names()) {
      for (AnswerFile file : files(profile)) {
        if (file.contentType().startsWith("application/toml")) {
          names.add("f" + names.size() + ".toml");
          Files.writeString(folder.resolve(names.getLast()), file.text());
        }
      }
    }
    assertTrue(names.size() > 3, "these are " + names.size());
    Ran taken = run(taplo("lint", "--no-schema"), names);
    assertEquals(0, taken.status(), taken.out());
    // It leaves out what is not called *.toml, and says no more of that than this.
    assertTrue(taken.out().contains("total=" + names.size() + " excluded=0"), taken.out());

    for (String wrong : List.of("[a]\nb = \n", "[a]\nb = 1\n[a]\n", "a = \"\\x\"\n")) {
      Files.writeString(folder.resolve("wrong.toml"), wrong);
      Ran refused = run(taplo("lint", "--no-schema"), List.of("wrong.toml"));
      assertTrue(refused.status() != 0, wrong + refused.out());
    }

    RackFile rack = hostile("proxmox-ve");
    String text =
        AnswerFiles.render(rack, rack.nodes().getFirst(), InstallerRacks.run(), "answer.toml")
            .text();
    Files.writeString(folder.resolve("hostile.toml"), text);
    Ran read = run(taplo("get", "--output-format", "json", "--file-path"), List.of("hostile.toml"));
    assertEquals(0, read.status(), read.out());
    assertEquals(DataText.toml("here", text), DataText.json("taplo", read.out()));
  }

  /** Without a schema from the network, and without a configuration of the user's. */
  private List<String> taplo(String... words) {
    List<String> command =
        List.of(
            "env",
            "-i",
            "PATH=/usr/local/bin:/usr/bin:/bin",
            "HOME=" + folder,
            "RUST_LOG=info",
            "node",
            TAPLO.resolve("package/dist/cli.js").toString());
    return Stream.concat(command.stream(), Stream.of(words)).toList();
  }

  private static final Path PYTHON_YAML = CLOUD_INIT.resolve("usr/lib/python3/dist-packages");

  /** Lone halves of characters cannot be written, so they end it. */
  private static final String READ =
      """
      import json, shlex, sys, tomllib
      out = {}
      for line in open("manifest"):
          kind, path = line.split()
          text = open(path, encoding="utf-8").read()
          if kind == "toml":
              out[path] = tomllib.loads(text)
          elif kind == "json":
              out[path] = json.loads(text)
          elif kind == "yaml":
              import yaml
              out[path] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
          elif kind == "words":
              for each in text.splitlines():
                  shlex.split(each, comments=True)
          elif kind == "python":
              compile(text, path, "exec")
      sys.stdout.buffer.write(json.dumps(out, ensure_ascii=False).encode("utf-8"))
      """;

  private static String kind(AnswerFile file) {
    return switch (file.name()) {
      case "answer.toml" -> "toml";
      case "live.ign", "system.ign", "profile.json" -> "json";
      case "user-data", "meta-data", "network-config", "machine.yaml", "alpine.apkovl.tar.gz" ->
          "yaml";
      case "ks.cfg" -> file.text().contains("vmaccepteula") ? "python" : "words";
      default -> "";
    };
  }

  /** With Talos' octal numbers as texts, since every reader of YAML knows others. */
  private static String text(AnswerFile file) {
    return file.text().contains("vmaccepteula")
        ? Pattern.compile("(?ms)\\A.*?^%pre [^\n]*\n|^%(post|firstboot) [^\n]*\n")
            .matcher(file.text())
            .replaceAll("")
        : file.text().replaceAll("permissions: (0o[0-7]+)", "permissions: '$1'");
  }

  /** A kickstart's commands, whose words pykickstart tells apart by shlex. */
  private static String head(AnswerFile file) {
    return Pattern.compile("(?ms)^%[a-z-]+.*?^%end$").matcher(file.text()).replaceAll("");
  }

  @Test
  void cloudInitTakesWhatUbuntusInstallerHandsToItAndWhatTheInstallerItselfIsGiven()
      throws Exception {
    if (!Files.exists(CLOUD_INIT.resolve("done"))) {
      assertFalse("true".equals(System.getenv("CI")), "cloud-init: bin/check unpacks it");
      throw new TestAbortedException("cloud-init is not there; bin/check unpacks it");
    }
    Set<String> texts = new LinkedHashSet<>();
    for (String profile : List.of("ubuntu-22-04", "ubuntu-24-04")) {
      for (AnswerFile file : files(profile, "user-data")) {
        JsonNode own = yaml(file.text()).path("autoinstall").path("user-data");
        texts.add("#cloud-config\n" + own);
        texts.add(file.text());
      }
      files(profile, "vendor-data").forEach(file -> texts.add(file.text()));
    }
    List<String> names = written(List.copyOf(texts));
    Files.writeString(folder.resolve("wrong"), "#cloud-config\nhostname: [w1]\n");
    Files.writeString(folder.resolve("schema.py"), SCHEMA);
    List<String> python =
        List.of(
            "env",
            "-i",
            "PATH=/usr/bin:/bin",
            "HOME=" + folder,
            "PYTHONPATH=" + PYTHON_YAML,
            "PYTHONDONTWRITEBYTECODE=1",
            "/usr/bin/python3",
            "schema.py");
    Ran ran = run(python, names);
    assertEquals(0, ran.status(), ran.out());
    // Nothing stands before it: what is deprecated would.
    assertTrue(ran.out().startsWith("valid: " + names.size() + "\n"), ran.out());
    assertTrue(ran.out().endsWith("wrong was refused\n"), ran.out());
  }

  private static final String SCHEMA =
      """
      import sys
      from cloudinit.config import schema
      known = schema.get_schema()
      for path in sys.argv[1:]:
          try:
              schema.validate_cloudconfig_file(path, known)
          except schema.SchemaValidationError as wrong:
              sys.exit(path + ": " + str(wrong))
      print("valid:", len(sys.argv) - 1)
      sys.stdout.flush()
      try:
          schema.validate_cloudconfig_file("wrong", known)
      except schema.SchemaValidationError:
          print("wrong was refused")
      """;
}
