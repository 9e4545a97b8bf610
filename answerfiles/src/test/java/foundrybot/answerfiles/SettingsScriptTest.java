// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the script that all installers with a shell run makes of a folder, by a real shell; systemd
 * and OpenRC are stand-ins that note what they are asked.
 */
@Tag("slow")
class SettingsScriptTest {
  private static final String ASKED =
      """
      sysctls: { net.ipv4.ip_forward: 1, kernel.core_pattern: "|/bin/cat '%p' $(x)" }
      labels: { example.org/pool: gpu, tier: "" }
      services: { enable: [haproxy, fstrim.timer], disable: [cups, gone] }
      files:
        /etc/motd: { content: "it's $(touch pwned) `touch pwned` \\\\ %s\\n\\t-\\u00e4\\n\\n", mode: "640" }
        /etc/x/y/empty: { content: "" }
        /usr/local/bin/run: { content: "#!/bin/sh\\n", mode: 0755 }
      """;

  @TempDir Path folder = Path.of("");

  private Path root() {
    return folder.resolve("root");
  }

  private void fake(String name, String body) throws IOException {
    Path file = Files.createDirectories(folder.resolve("bin")).resolve(name);
    Files.writeString(file, "#!/bin/sh\necho " + name + " \"$@\" >>log\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void fakeSystemd() throws IOException {
    fake(
        "systemctl",
        "case \"$*\" in *is-enabled*gone*) exit 1 ;; *is-enabled*) echo enabled ;; esac");
  }

  private void write(String keys) throws IOException {
    RackFile rack =
        Samples.rack(
            Samples.HEAD + "nodes:\n  52:54:00:aa:00:01:\n    role: hub\n" + keys.indent(4));
    String script =
        String.valueOf(HostValues.map(rack.nodes().getFirst()).get("settingsScript")) + "\n";
    ShellText.check("settings", script);
    Files.writeString(folder.resolve("settings"), script);
    Files.createDirectories(root());
  }

  /** Without what the machine that runs the test has of these. */
  private Ran run(String... more) throws IOException, InterruptedException {
    Files.deleteIfExists(folder.resolve("log"));
    String[] command = new String[3 + more.length];
    command[0] = "sh";
    command[1] = "settings";
    command[2] = root().toString();
    System.arraycopy(more, 0, command, 3, more.length);
    return Ran.in(folder, command);
  }

  private List<String> log() throws IOException {
    return Files.readAllLines(folder.resolve("log"));
  }

  private void check(String path, String rights, String text) throws IOException {
    Path file = root().resolve(path);
    assertEquals(text, Files.readString(file), path);
    assertEquals(rights, PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), path);
  }

  @Test
  void filesHaveExactlyTheirTextAndRightsHoweverOftenItIsRun() throws Exception {
    write(ASKED);
    fakeSystemd();
    assertEquals(new Ran(0, ""), Ran.in(folder, "sh", "-n", "settings"));
    for (int time = 1; time <= 2; time++) {
      assertEquals(new Ran(0, ""), run());
      check("etc/motd", "rw-r-----", "it's $(touch pwned) `touch pwned` \\ %s\n\t-\u00e4\n\n");
      check("etc/x/y/empty", "rw-r--r--", "");
      check("usr/local/bin/run", "rwxr-xr-x", "#!/bin/sh\n");
      check(
          "etc/sysctl.d/90-foundrybot.conf",
          "rw-r--r--",
          "net.ipv4.ip_forward = 1\nkernel.core_pattern = |/bin/cat '%p' $(x)\n");
      check("etc/foundrybot/labels", "rw-r--r--", "example.org/pool=gpu\ntier=\n");
      String root = "--root=" + root();
      assertEquals(
          List.of(
              "systemctl " + root + " is-enabled cups.service",
              "systemctl " + root + " disable cups.service",
              "systemctl " + root + " is-enabled gone.service",
              "systemctl " + root + " enable haproxy.service",
              "systemctl " + root + " enable fstrim.timer"),
          log());
    }
    assertFalse(Files.exists(folder.resolve("pwned")));
    try (var files = Files.walk(root())) {
      assertEquals(List.of(), files.filter(file -> file.toString().endsWith("-new")).toList());
    }
  }

  @Test
  void aLinkIsReplacedAndNotFollowedAndAFolderIsLeftAsItIs() throws Exception {
    write("files: { /etc/motd: { content: mine } }");
    Path other = Files.writeString(folder.resolve("other"), "theirs");
    Files.createDirectories(root().resolve("etc"));
    Files.createSymbolicLink(root().resolve("etc/motd"), other);
    assertEquals(new Ran(0, ""), run());
    assertEquals("theirs", Files.readString(other));
    assertFalse(Files.isSymbolicLink(root().resolve("etc/motd")));
    check("etc/motd", "rw-r--r--", "mine");

    Files.delete(root().resolve("etc/motd"));
    Files.createDirectory(root().resolve("etc/motd"));
    Ran ran = run();
    assertEquals(1, ran.status());
    assertEquals("settings: /etc/motd: a folder (expected: a file, or nothing)\n", ran.out());
  }

  @Test
  void aUnitThatIsNotThereAndAnOwnerThatIsNotThereStopTheInstallation() throws Exception {
    write("services: { enable: [haproxy] }");
    fake("systemctl", "exit 1");
    Ran unit = run();
    assertEquals(1, unit.status());
    assertEquals(
        "settings: haproxy.service: cannot be enabled (expected: a unit of a package or of"
            + " files)\n",
        unit.out());

    write("files: { /etc/x: { content: a, owner: nobody-has-this } }");
    Ran owner = run();
    assertEquals(1, owner.status());
    assertTrue(
        owner
            .out()
            .endsWith(
                "settings: /etc/x: owner nobody-has-this:nobody-has-this (expected: an account and"
                    + " a group that this system has by now)\n"),
        owner::out);
    assertFalse(Files.exists(root().resolve("etc/x")));
    assertFalse(Files.exists(root().resolve("etc/x.foundrybot-new")));
  }

  @Test
  void aSystemThatRunsIsTouchedAtOnce() throws Exception {
    write("sysctls: { vm.swappiness: 10 }\nservices: { enable: [a], disable: [b] }");
    fakeSystemd();
    fake("sysctl", "exit 1");
    Ran ran = run("live");
    assertEquals(0, ran.status(), ran.out());
    assertTrue(ran.out().contains("not all of it can be set before the next start"), ran.out());
    String root = "--root=" + root();
    assertEquals(
        List.of(
            "sysctl -q -p " + root().resolve("etc/sysctl.d/90-foundrybot.conf"),
            "systemctl daemon-reload",
            "systemctl " + root + " is-enabled b.service",
            "systemctl " + root + " disable b.service",
            "systemctl stop b.service",
            "systemctl " + root + " enable a.service",
            "systemctl start --no-block a.service"),
        log());
  }

  /** Only a shell and what the script needs, as this machine may have systemd. */
  @Test
  void openRcIsToldByItsOwnNamesAndAlpineWhatGoesAlong() throws Exception {
    write(
        "services: { enable: [haproxy], disable: [cups] }\n"
            + "files: { /etc/a: { content: a }, /opt/b: { content: b } }");
    fake("rc-update", "case $1 in del) exit 1 ;; esac");
    fake("lbu", "");
    for (String program : List.of("mkdir", "rm", "mv", "chmod")) {
      fake(program, "exec /bin/" + program + " \"$@\"");
    }
    Ran ran =
        Ran.in(
            folder,
            "/bin/sh",
            "-c",
            "PATH=" + folder + "/bin; export PATH; exec /bin/sh settings " + root());
    assertEquals(0, ran.status(), ran.out());
    assertEquals(
        List.of("lbu include /opt/b", "rc-update del cups", "rc-update add haproxy default"),
        log().stream().filter(line -> line.matches("(lbu|rc-update) .*")).toList());
  }

  @Test
  void theLastStepOfDebianRunsItInTheNewSystemAndLeavesNothing() throws Exception {
    for (String profile : List.of("debian-12", "ubuntu-24-04", "rhel-9")) {
      Path target = Files.createDirectories(folder.resolve(profile + "/etc"));
      String ids =
          Files.getAttribute(target, "unix:uid") + ":" + Files.getAttribute(target, "unix:gid");
      Files.writeString(target.resolve("passwd"), "ops:x:" + ids + "::/home/ops:/bin/sh\n");
      RackFile rack =
          Samples.rack(
              Samples.HEAD
                  + "nodes: { 52:54:00:aa:00:01: { role: hub, profile: "
                  + profile
                  + ", labels: { a: b } } }\n");
      Files.writeString(
          folder.resolve("late.sh"),
          AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run(), "late.sh").text());
      String root = folder.resolve(profile).toString();
      // In place of the new system's own root: the same script with the folder as its argument.
      fake(
          "chroot",
          "case \"$*\" in *' sh /etc/foundrybot/settings') sh \"$1/etc/foundrybot/settings\" \"$1\""
              + " ;; esac");
      fakeSystemd();
      fake("wget", "");
      fake("curl", "");
      Ran ran = Ran.in(folder, "sh", "late.sh", root);
      assertEquals(new Ran(0, ""), ran, profile);
      assertEquals("a=b\n", Files.readString(target.resolve("foundrybot/labels")), profile);
      assertFalse(Files.exists(target.resolve("foundrybot/settings")), profile);
    }
  }
}
