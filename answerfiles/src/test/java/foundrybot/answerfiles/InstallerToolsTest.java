// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What programs that nobody here wrote say of what systems without an answered installer get. */
@Tag("slow")
class InstallerToolsTest {
  @TempDir Path folder = Path.of("");

  private Ran run(String... command) throws IOException, InterruptedException {
    return Ran.in(folder, command);
  }

  /** By versions that Debian's ignition knows: it reads no later specification than 3.3. */
  @ParameterizedTest
  @CsvSource({"fedora-coreos,fcos,1.4.0", "flatcar,flatcar,1.0.0"})
  void ignitionTakesWhatButanesKeysBecome(String profile, String variant, String version)
      throws Exception {
    Ran.needs("ignition-validate", "ignition");
    String input =
        """
        variant: %s
        version: %s
        storage:
          disks: [{ device: /dev/sdb, wipe_table: true, partitions: [{ number: 1, label: var, size_mib: 0 }] }]
          filesystems: [{ device: /dev/disk/by-partlabel/var, path: /var/data, format: ext4, with_mount_unit: true }]
          directories: [{ path: /srv/x, mode: 0750, user: { name: core } }]
          files:
            - { path: /etc/motd, mode: 0644, contents: { inline: hello } }
            - path: /opt/tool
              contents: { source: "https://example.com/x", verification: { hash: sha256-%s } }
          links: [{ path: /etc/issue.d/x, target: ../motd }]
        systemd:
          units:
            - { name: hello.service, enabled: true, contents: "[Service]\\nExecStart=/bin/true\\n\\n[Install]\\nWantedBy=multi-user.target\\n" }
            - { name: sshd.service, dropins: [{ name: x.conf, contents: "[Service]\\nNice=1\\n" }] }
        passwd:
          users: [{ name: core, ssh_authorized_keys: ["%s"], groups: [wheel] }]
          groups: [{ name: ours, gid: 3000 }]
        """
            .formatted(variant, version, "ab".repeat(32), Samples.KEY);
    String yaml =
        Samples.HEAD
            + "nodes: { 52:54:00:aa:00:01: { role: hub, profile: %s, butane: x.bu } }\n"
                .formatted(profile);
    if (!(RackFiles.read(
            yaml,
            "rack.yaml",
            Map.of(),
            _ -> Optional.empty(),
            _ -> Optional.of(input.getBytes(StandardCharsets.UTF_8)))
        instanceof RackReading.Valid(RackFile rack))) {
      throw new AssertionError(yaml);
    }
    AnswerFile file =
        AnswerFiles.render(rack, rack.nodes().getFirst(), InstallerRacks.run(), "system.ign");
    assertTrue(file.text().contains("var-data.mount"), file.text());
    Files.writeString(folder.resolve("config"), file.text());
    assertEquals(new Ran(0, ""), run("ignition-validate", "config"), file.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"fedora-coreos", "flatcar"})
  void theInstallationTakesTheFirstFixedDiskAndReportsWhenItIsWritten(String profile)
      throws Exception {
    Path script = script(profile, InstallerRacks.plain(profile));
    fake(
        "lsblk",
        "printf '%s\\n' '/dev/zram0 disk 0 0 8000000000000' '/dev/sr0 rom 0 1 900000000000' "
            + "'/dev/sda disk 0 1 64000000000' '/dev/sdb disk 1 0 64000000000' "
            + "'/dev/sdc disk 0 0 4000000000' '/dev/nvme0n1 disk 0 0 960000000000' "
            + "'/dev/sdd disk 0 0 960000000000'");
    assertEquals(new Ran(0, ""), run("sh", script.toString()));
    List<String> log = Files.readAllLines(folder.resolve("log"));
    String written = log.stream().filter(InstallerToolsTest::writes).findFirst().orElse("");
    assertTrue(written.contains("/dev/nvme0n1"), log::toString);
    assertTrue(written.contains("system.ign"), log::toString);
    assertEquals(
        List.of("report/installer-started", "report/image-written", "report/installed"),
        log.stream().filter(line -> line.contains("/report/")).map(this::event).toList());
    assertEquals("systemctl --no-block reboot", log.getLast());
  }

  private static boolean writes(String line) {
    return line.startsWith("coreos-installer ") || line.startsWith("flatcar-install ");
  }

  private String event(String line) {
    return line.substring(line.indexOf("report/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fedora-coreos", "flatcar"})
  void withoutADiskNothingIsWrittenAndTheApplianceIsTold(String profile) throws Exception {
    fake("lsblk", "echo '/dev/sr0 rom 0 1 900000000000'");
    Ran ran = run("sh", script(profile, InstallerRacks.plain(profile)).toString());
    assertEquals(1, ran.status());
    assertTrue(ran.out().contains("no disk that can be written"), ran.out());
    List<String> log = Files.readAllLines(folder.resolve("log"));
    assertTrue(log.getLast().endsWith("report/failed"), log::toString);
    assertTrue(log.stream().noneMatch(InstallerToolsTest::writes), log::toString);
  }

  @Test
  void tarUnpacksTheOverlayOfAlpine() throws Exception {
    RackFile rack = InstallerRacks.everyRole("alpine");
    for (Node node : rack.nodes()) {
      AnswerFile file = AnswerFiles.render(rack, node, InstallerRacks.run());
      assertTrue(file.packed());
      Files.write(folder.resolve("a.apkovl.tar.gz"), file.bytes());
      assertArrayEquals(file.bytes(), file.bytes(), "the same bytes each time");
      assertEquals(new Ran(0, ""), run("tar", "-xzf", "a.apkovl.tar.gz"));
    }
    String list = run("tar", "--utc", "-tvzf", "a.apkovl.tar.gz").out();
    assertTrue(list.contains("-rwxr-xr-x root/root"), list);
    assertTrue(list.contains("1970-01-01 00:00 etc/local.d/foundrybot.start\n"), list);
    assertTrue(list.contains("etc/runlevels/default/local -> /etc/init.d/local\n"), list);
    assertEquals("monitor-1\n", Files.readString(folder.resolve("etc/hostname")));
    assertEquals(new Ran(0, ""), run("sh", "-n", "etc/local.d/foundrybot.start"));
  }

  @Test
  void alpineIsPutToTheFirstFixedDiskWithWhatWasWrittenBefore() throws Exception {
    for (String program :
        List.of(
            "apk",
            "curl",
            "adduser",
            "chown",
            "rc-update",
            "lbu",
            "setup-timezone",
            "sync",
            "reboot")) {
      fake(program, "echo " + program + " \"$@\" >>log");
    }
    fake("setup-disk", "echo \"$ERASE_DISKS $KERNELOPTS\" setup-disk \"$@\" >>log");
    fake("id", "exit 1");
    Path root = Files.createDirectories(folder.resolve("root"));
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/shadow"), "root::1::::::\nops:!:1::::::\nbin:!:1::::::\n");
    block("loop0", "0", "0", "99999999", false);
    block("sda", "1", "0", "99999999", true);
    block("sdb", "0", "0", "1000", true);
    block("vdb", "0", "0", "99999999", true);
    Path nic = Files.createDirectories(folder.resolve("sys/class/net/eth1"));
    Files.writeString(nic.resolve("address"), "52:54:00:aa:00:01\n");
    RackFile rack = InstallerRacks.plain("alpine");
    AnswerFile script =
        AnswerFiles.render(rack, rack.nodes().getFirst(), InstallerRacks.run(), "install.sh");
    for (int time = 1; time <= 2; time++) {
      assertEquals(
          new Ran(0, ""),
          run("sh", write(script), root.toString(), folder.resolve("sys").toString()));
    }
    assertEquals(
        "root:*:1::::::\nops:*:1::::::\nbin:!:1::::::\n",
        Files.readString(root.resolve("etc/shadow")));
    assertTrue(
        Files.readString(root.resolve("etc/network/interfaces"))
            .endsWith("iface eth1 inet dhcp\n"));
    assertEquals(
        new Ran(0, ""),
        run("sh", "-n", root.resolve("etc/init.d/foundrybot-first-boot").toString()));
    List<String> log = Files.readAllLines(folder.resolve("log"));
    assertTrue(log.contains("apk add --quiet nftables"), log::toString);
    assertTrue(
        log.contains(
            "/dev/vdb console=tty0 console=ttyS0,115200n8 setup-disk -m sys -s 0 /dev/vdb"),
        log::toString);
    assertTrue(log.get(log.size() - 2).endsWith("/report/installed"), log::toString);
    assertEquals("reboot", log.getLast().strip());
  }

  private void block(String name, String removable, String ro, String size, boolean device)
      throws IOException {
    Path block = Files.createDirectories(folder.resolve("sys/block").resolve(name));
    Files.writeString(block.resolve("removable"), removable + "\n");
    Files.writeString(block.resolve("ro"), ro + "\n");
    Files.writeString(block.resolve("size"), size + "\n");
    if (device) {
      Files.createDirectories(block.resolve("device"));
    }
  }

  private String write(AnswerFile file) throws IOException {
    return Files.writeString(folder.resolve("file"), file.text()).toString();
  }

  @Test
  void theFirstBootOfProxmoxMakesTheAccountAndStartsTheReport() throws Exception {
    RackFile rack = InstallerRacks.full("proxmox-ve");
    AnswerFile file =
        AnswerFiles.render(
            rack, rack.nodes().getFirst(), InstallerRacks.run(rack), "first-boot.sh");
    for (String program :
        List.of("apt-get", "useradd", "chown", "systemctl", "update-grub", "sync")) {
      fake(program, "echo " + program + " \"$@\" >>log\n[ \"$1 $6\" != 'install nftables' ]");
    }
    fake("id", "exit 1");
    fake("getent", "echo \"$2:x:1000:1000::/home/$2:/bin/bash\"");
    for (int time = 1; time <= 2; time++) {
      Ran ran = run("sh", write(file), folder.resolve("system").toString());
      // A package that cannot be had is named, and is no reason to stop.
      assertEquals(new Ran(0, "first-boot.sh: not installed: nftables\n"), ran);
    }
    Path system = folder.resolve("system");
    assertEquals(
        Samples.KEY + "\n", Files.readString(system.resolve("home/ops/.ssh/authorized_keys")));
    assertTrue(Files.readString(system.resolve("etc/foundrybot/run.conf")).startsWith("URL='"));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(system.resolve("etc/foundrybot/run.conf"))));
    assertEquals(
        "server ntp.alpha.rack iburst\nserver 10.77.0.3 iburst\n",
        Files.readString(system.resolve("etc/chrony/sources.d/foundrybot.sources")));
    assertTrue(
        Files.readString(system.resolve("etc/default/grub.d/foundrybot.cfg"))
            .contains("mitigations=off quiet\""));
    String log = Files.readString(folder.resolve("log"));
    assertTrue(log.contains("systemctl start --no-block foundrybot-first-boot.service\n"), log);
    assertTrue(log.contains("systemctl enable foundrybot-mesh.timer\n"), log);
  }

  @Test
  void theNodesOwnKernelArgumentsReachTheInstalledSystem() throws Exception {
    RackFile rack =
        Samples.withNodes(
            "52:54:00:aa:00:01: { role: hub, profile: fedora-coreos, disk: /dev/null,"
                + " kernel-arguments: [quiet, x=a] }");
    fake("lsblk", ":");
    assertEquals(new Ran(0, ""), run("sh", script("fedora-coreos", rack).toString()));
    String log = Files.readString(folder.resolve("log"));
    assertTrue(log.contains("--append-karg quiet --append-karg x=a /dev/null\n"), log);
  }

  /** With the kernel's arguments in a file, and a wget that refuses what came too early. */
  @ParameterizedTest
  @CsvSource({
    "console=tty0,http://10.77.0.1:8080/node/0123456789abcdef0123456789abcdef",
    "talos.platform=metal"
        + " talos.config=http://10.77.0.9/node/ff/machine.yaml,http://10.77.0.9/node/ff"
  })
  void thePodOfTalosReportsByTheTokenThatIsInForceUntilItIsHeard(String arguments, String url)
      throws Exception {
    RackFile rack = InstallerRacks.full("talos");
    AnswerFile file =
        AnswerFiles.render(rack, rack.nodes().getFirst(), InstallerRacks.run(rack), "machine.yaml");
    String script = TalosTest.report(file.text()).replace("/proc/cmdline", folder + "/cmdline");
    Files.writeString(folder.resolve("cmdline"), arguments + "\n");
    Files.writeString(folder.resolve("script"), script);
    fake("sleep", "echo sleep >>log");
    fake(
        "wget",
        "for last; do :; done; echo \"$last\" >>log\n"
            + "[ \"${last##*/}$(grep -c enroll log)\" != enroll1 ] || "
            + "{ echo 'wget: server returned error: HTTP/1.1 409 x' >&2; exit 1; }");
    assertEquals(new Ran(0, ""), run("sh", "-euc", script));
    List<String> steps = List.of("/report/installed", "/report/first-boot", "/enroll");
    List<String> expected = new ArrayList<>(steps.stream().map(url::concat).toList());
    expected.add("sleep");
    expected.addAll(steps.stream().map(url::concat).toList());
    assertEquals(expected, Files.readAllLines(folder.resolve("log")));
    fake("wget", "echo 'wget: server returned error: HTTP/1.1 410 Gone' >&2; exit 1");
    assertEquals(new Ran(0, ""), run("sh", "-euc", script), "a token that is over ends it");
  }

  /** Its script, and in its way programs that only note what they were asked. */
  private Path script(String profile, RackFile rack) throws IOException {
    for (String program :
        List.of("curl", "coreos-installer", "flatcar-install", "systemctl", "sync")) {
      fake(program, "echo " + program + " \"$@\" >>log");
    }
    String text =
        AnswerFiles.render(rack, rack.nodes().getFirst(), InstallerRacks.run(rack), "install.sh")
            .text();
    Path script = folder.resolve(profile + ".sh");
    Files.writeString(script, text);
    return script;
  }

  private void fake(String name, String body) throws IOException {
    Path file = Files.createDirectories(folder.resolve("bin")).resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
