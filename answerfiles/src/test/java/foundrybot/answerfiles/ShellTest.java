// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What real programs make of what was rendered. */
@Tag("slow")
class ShellTest {
  private static final long SEED = 0x5eed;
  private static final String ALPHABET = "ab '\"`$()\\;|&<>*?[]{}#!~\n\t=-%/\u00e4";

  @TempDir Path folder = Path.of("");

  private Ran run(String... command) throws IOException, InterruptedException {
    return Ran.in(folder, command);
  }

  @Test
  void everyValueIsOneWordOfTheShellWhateverItHolds() throws Exception {
    Random random = new Random(SEED);
    List<String> values = new ArrayList<>();
    values.addAll(
        List.of("", "'", "''", "\\", "$(touch pwned)", "`touch pwned`", "a\nb", "-n", "%s"));
    for (int i = 0; i < 300; i++) {
      StringBuilder value = new StringBuilder();
      for (int length = random.nextInt(20); length > 0; length--) {
        value.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      values.add(value.toString());
    }
    StringBuilder script = new StringBuilder("#!/bin/sh\n");
    StringBuilder expected = new StringBuilder();
    for (String value : values) {
      script.append("printf '<%s>\\n' ").append(Escapers.shell(value)).append('\n');
      expected.append('<').append(value).append(">\n");
    }
    script.append("exit 0\n");
    ShellText.check("values", script.toString());
    Files.writeString(folder.resolve("values.sh"), script);
    assertEquals(new Ran(0, expected.toString()), run("sh", "values.sh"));
    assertFalse(Files.exists(folder.resolve("pwned")));
  }

  /** The disk is a file with the keys that open it, and the TPM one that is there. */
  @ParameterizedTest
  @CsvSource({
    "once,0,the-tpms",
    "twice,0,the-tpms",
    "no-tpm,1,once",
    "another,1,other",
    "forgetful,1,once the-tpms"
  })
  void theTpmHasTheKeyBeforeThePassphraseIsTakenAway(String what, int status, String left)
      throws Exception {
    Files.writeString(folder.resolve("slots"), what.equals("another") ? "other\n" : "once\n");
    if (!what.equals("no-tpm")) {
      Files.writeString(folder.resolve("tpmrm0"), "");
    }
    fake("lsblk", "printf '%s\\n' '/dev/vda ' '/dev/vda2 ext4' '/dev/vda3 crypto_LUKS'");
    fake(
        "cryptsetup",
        "key=; case $1 in isLuks) ;; *) key=$(cat) ;; esac\n"
            + "case \"$*\" in\n"
            + "'isLuks --type luks2 /dev/vda3') ;;\n"
            + "'open --test-passphrase --key-file - /dev/vda3') grep -qxF \"$key\" slots ;;\n"
            + "'luksRemoveKey --batch-mode --key-file - /dev/vda3')"
            + " grep -vxF \"$key\" slots >left; mv left slots ;;\n"
            + "*) exit 9 ;; esac");
    fake(
        "clevis",
        "case \"$*\" in\n"
            + "'luks list -d /dev/vda3') [ ! -e bound ] || echo \"1: tpm2 '{}'\" ;;\n"
            + "'luks bind -f -y -k - -d /dev/vda3 tpm2 {}') [ \"$(cat)\" = once ] || exit 1;"
            + " echo the-tpms >>slots; touch bound ;;\n"
            + "'luks pass -d /dev/vda3 -s 1') echo "
            + (what.equals("forgetful") ? "nothing" : "the-tpms")
            + " ;;\n"
            + "*) exit 9 ;; esac");
    Node node = Samples.withNodes("52:54:00:aa:00:01: hub").nodes().getFirst();
    String script = String.valueOf(DiskValues.map(node).get("tpmBindScript"));
    Files.writeString(
        folder.resolve("bind"), script.replace("/dev/tpmrm0", folder + "/tpmrm0") + "\n");
    Ran ran = run("sh", "-c", "printf once | sh bind");
    if (what.equals("twice")) {
      ran = run("sh", "-c", "printf once | sh bind");
    }
    assertEquals(status, ran.status(), ran.out());
    assertEquals(left, String.join(" ", Files.readAllLines(folder.resolve("slots"))), ran.out());
  }

  private static List<String> sections(String kickstart, String names) {
    return Pattern.compile("(?ms)^%(" + names + ")( [^\n]*)?\n(.*?)^%end$")
        .matcher(kickstart)
        .results()
        .map(found -> found.group(3))
        .toList();
  }

  /** With nobody to report to; the sections that need an ESXi around them are compiled only. */
  @ParameterizedTest
  @CsvSource({
    "auto,--firstdisk=local",
    "/dev/disks/naa.5000c500a1b2c3d4,--disk=naa.5000c500a1b2c3d4"
  })
  void theSectionsForEsxiArePythonAndTheFirstOneNamesTheDisk(String disk, String option)
      throws Exception {
    RackFile rack = InstallerProfilesTest.rack("esxi-8", "worker", "disk: " + disk);
    String text =
        AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run())
            .text()
            .replace("http://10.77.0.1:8080/", "http://127.0.0.1:1/");
    List<String> sections = List.of(text.split("(?m)^%(pre|post|firstboot) .*\n"));
    assertEquals(4, sections.size());
    for (String section : sections.subList(1, 4)) {
      Files.writeString(folder.resolve("section.py"), section);
      assertEquals(new Ran(0, ""), run("python3", "-m", "py_compile", "section.py"), section);
    }
    Files.writeString(folder.resolve("pre.py"), sections.get(1).replace("/tmp/", folder + "/"));
    Ran ran = run("python3", "pre.py");
    assertEquals(0, ran.status(), ran.out());
    assertTrue(ran.out().contains("the report installer-started was lost"), ran.out());
    String included = Files.readString(folder.resolve("foundrybot.cfg"));
    assertTrue(
        included.matches("install " + option + " --overwritevmfs\nrootpw aB3-[0-9a-f]{32}-x\n"),
        included);
  }

  /** With lsblk and curl that are stand-ins, and files of the test's in place of devices. */
  @ParameterizedTest
  @CsvSource({"auto,1,vdb", "auto,9999999999999,''", "/dev/vdc,1,vdc"})
  void theInstallerIsGivenTheFirstDiskThatCanBeWrittenOrTheOneOfTheRackFile(
      String disk, String size, String chosen) throws Exception {
    RackFile rack = InstallerProfilesTest.rack("rhel-9", "worker", "disk: " + disk);
    String text = AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run()).text();
    Path dev = Files.createDirectories(folder.resolve("dev"));
    for (String device : List.of("zram0", "sda", "sr0", "vda", "vdb", "vdc", "console")) {
      Files.writeString(dev.resolve(device), "");
    }
    String script =
        sections(text, "pre")
            .getFirst()
            .replace("/tmp/", folder + "/")
            .replace("/dev/", dev + "/")
            .replace("[ ! -b ", "[ ! -e ")
            .replace("8589934592", size);
    Files.writeString(folder.resolve("pre"), script);
    fake("curl", "echo curl \"$@\" >>log; exit 7");
    fake(
        "lsblk",
        "d="
            + dev
            + "; printf '%s\n' \"$d/zram0 disk 0 0 9000000000\" \"$d/sda disk 0 1 9000000000\""
            + " \"$d/sr0 rom 0 1 9000000000\" \"$d/vda disk 1 0 9000000000\""
            + " \"$d/vdb disk 0 0 9000000000\" \"$d/vdc disk 0 0 9000000000\"");
    Ran ran = run("sh", "pre");
    assertEquals(chosen.isEmpty() ? 1 : 0, ran.status(), ran.out());
    assertTrue(Files.readString(folder.resolve("log")).endsWith("/report/installer-started\n"));
    if (!chosen.isEmpty()) {
      assertEquals(
          "ignoredisk --only-use="
              + chosen
              + "\nclearpart --all --initlabel --disklabel=gpt --drives="
              + chosen
              + "\nreqpart --add-boot\npart / --fstype=xfs --size=4096 --grow\n",
          Files.readString(folder.resolve("foundrybot-disk.ks")));
    }
  }

  @Test
  void anInstallerThatFailsTellsItsLogWithoutTheToken() throws Exception {
    RackFile rack = InstallerProfilesTest.rack("rhel-9", "worker", "");
    String text = AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run()).text();
    String token = "0123456789abcdef".repeat(2);
    Files.writeString(
        folder.resolve("anaconda.log"), "first\n".repeat(9) + "no disk /node/" + token + "/x\n");
    Files.writeString(
        folder.resolve("onerror"),
        sections(text, "onerror")
            .getFirst()
            .replace("/tmp/", folder + "/")
            .replace("/dev/console", folder + "/console"));
    fake("curl", "cat >said; echo \"$@\" >log");
    assertEquals(new Ran(0, ""), run("sh", "onerror"));
    String said = Files.readString(folder.resolve("said"));
    assertEquals("first\n".repeat(3) + "no disk /node/TOKEN/x\n", said);
    assertTrue(Files.readString(folder.resolve("log")).endsWith("/report/failed\n"));
  }

  @ParameterizedTest
  @CsvSource({"debian-12,wget,chroot", "rhel-9,curl,systemctl"})
  void theLateScriptWritesExactlyWhatItWasGiven(String profile, String client, String outside)
      throws Exception {
    Path late = folder.resolve("late.sh");
    RackFile rack =
        Samples.rack(
            Samples.HEAD.replace("me@desk", "it's $(touch pwned) `touch pwned` \\\\ me")
                + "site: { ntp: [10.77.0.3] }\n"
                + "nodes:\n  52:54:00:aa:00:01: { role: hub, address: 10.77.0.9, profile: "
                + profile
                + " }\n");
    Node node = rack.nodes().getFirst();
    Files.writeString(late, AnswerFiles.render(rack, node, Samples.run(), "late.sh").text());
    assertEquals(new Ran(0, ""), run("sh", "-n", "late.sh"));
    fake(outside, "echo " + outside + " \"$@\" >>log");
    fake(client, "echo " + client + " \"$@\" >>log");
    Path etc = Files.createDirectories(folder.resolve("target/etc"));
    String ids = Files.getAttribute(etc, "unix:uid") + ":" + Files.getAttribute(etc, "unix:gid");
    Files.writeString(
        etc.resolve("passwd"), "root:x:0:0::/root:/bin/sh\nops:x:" + ids + "::/home/ops:/bin/sh\n");
    for (int time = 1; time <= 2; time++) {
      assertEquals(new Ran(0, ""), run("sh", "late.sh", folder.resolve("target").toString()));
    }
    assertFalse(Files.exists(folder.resolve("pwned")));
    check("etc/foundrybot/run.conf", "rw-------", RUN_CONF);
    check("etc/foundrybot/node.conf", "rw-r--r--", "NODE='hub-1'\nROLE='hub'\nCLUSTER='alpha'\n");
    check("home/ops/.ssh/authorized_keys", "rw-------", rack.admin().sshKeys().getFirst() + "\n");
    check("etc/sudoers.d/90-foundrybot-admin", "r--r-----", "ops ALL=(ALL:ALL) NOPASSWD: ALL\n");
    check("usr/local/lib/foundrybot/first-boot", "rwxr-xr-x", Samples.FIRST_BOOT);
    check("etc/systemd/system/foundrybot-first-boot.service", "rw-r--r--", Samples.UNIT);
    if (profile.equals("debian-12")) {
      check("etc/systemd/timesyncd.conf.d/foundrybot.conf", "rw-r--r--", "[Time]\nNTP=10.77.0.3\n");
      check(
          "etc/resolv.conf",
          "rw-r--r--",
          "search alpha.rack\nnameserver 10.77.0.1\nnameserver 10.77.0.2\n");
    }
    List<String> log = Files.readAllLines(folder.resolve("log"));
    assertTrue(log.getLast().endsWith("/0123456789abcdef0123456789abcdef/report/installed"));
    assertTrue(
        log.stream().anyMatch(line -> line.endsWith("enable foundrybot-first-boot.service")));
    if (profile.equals("rhel-9")) {
      String target = folder.resolve("target").toString();
      assertEquals(new Ran(0, ""), run("sh", "late.sh", target, "later"));
      List<String> after = Files.readAllLines(folder.resolve("log"));
      assertTrue(
          after.subList(log.size(), after.size()).stream().noneMatch(it -> it.contains("/report/")),
          "somebody else reports");
    }
  }

  private static final String RUN_CONF =
      """
      URL='http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef'
      NODE='hub-1'
      FQDN='hub-1.alpha.rack'
      MAC='52:54:00:aa:00:01'
      ROLE='hub'
      CLUSTER='alpha'
      """;

  private void check(String path, String rights, String text) throws IOException {
    Path file = folder.resolve("target").resolve(path);
    assertEquals(text, Files.readString(file, StandardCharsets.UTF_8), path);
    assertEquals(rights, PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), path);
  }

  private void fake(String name, String body) throws IOException {
    Path file = Files.createDirectories(folder.resolve("bin")).resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void deployConfIsTheSameForTheShell() throws Exception {
    RackFile rack =
        Samples.withNodes(
            "52:54:00:aa:00:01: { role: hub, profile: debian-12-cast, kernel-arguments: [a, b] }");
    String text = AnswerFiles.render(rack, rack.nodes().getFirst(), Samples.run()).text();
    Files.writeString(folder.resolve("deploy.conf"), text);
    assertEquals(
        new Ran(0, "hub-1|a b|" + Samples.KEY + "\n"),
        run(
            "sh",
            "-euc",
            ". ./deploy.conf; echo \"$NODE|$KERNEL_ARGS|$(echo $SSH_KEYS_B64 | base64 -d)\""));
  }

  @Test
  void controlCharactersReachNoAnswerFile() {
    for (char c = 0; c < ' '; c++) {
      String value = "a" + c + "b";
      assertThrows(RenderException.class, () -> Escapers.preseed(value));
      if (c != '\n' && c != '\t') {
        assertThrows(RenderException.class, () -> Escapers.shell(value));
      }
    }
  }
}
