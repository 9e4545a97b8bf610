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
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.NodeList;

/**
 * What the scripts about disks and interfaces do, in a real shell with stand-ins for the programs
 * that would touch a machine.
 */
@Tag("slow")
class LayoutScriptsTest {
  @TempDir Path folder = Path.of("");

  private Ran run(String... command) throws IOException, InterruptedException {
    return Ran.in(folder, command);
  }

  private void fake(String name, String body) throws IOException {
    Path file = Files.createDirectories(folder.resolve("bin")).resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void noted(String... names) throws IOException {
    for (String name : names) {
      fake(name, "echo " + name + " \"$@\" >>" + folder + "/log");
    }
  }

  private List<String> log() throws IOException {
    return Files.readAllLines(folder.resolve("log"));
  }

  private static String file(String profile, String keys, String name) {
    RackFile rack =
        Samples.withNodes(
            "52:54:00:aa:00:01: { role: hub, profile: " + profile + ", " + keys + " }");
    return AnswerFiles.render(rack, rack.nodes().getFirst(), InstallerRacks.run(), name).text();
  }

  /** The file that it includes is read as the kickstart itself is. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layout: lvm | bios | reqpart --add-boot; part pv.1 --size=4096 --grow; volgroup vg0 pv.1;"
            + " logvol / --vgname=vg0 --name=root --fstype=xfs --size=2048 --grow",
        "layout: raid1 | bios | part biosboot --fstype=biosboot --size=1 --ondisk=vda; part"
            + " biosboot --fstype=biosboot --size=1 --ondisk=vdb; part raid.21 --size=1024"
            + " --ondisk=vda; part raid.22 --size=1024 --ondisk=vdb; raid /boot --device=boot"
            + " --level=RAID1 --fstype=xfs raid.21 raid.22; part raid.31 --size=4096 --grow"
            + " --ondisk=vda; part raid.32 --size=4096 --grow --ondisk=vdb; raid / --device=root"
            + " --level=RAID1 --fstype=xfs raid.31 raid.32",
        "'layout: { root: raid1, disks: [/dev/vdb, /dev/vda] }' | efi | part raid.11 --size=600"
            + " --ondisk=vdb; part raid.12 --size=600 --ondisk=vda; raid /boot/efi --device=efi"
            + " --level=RAID1 --fstype=efi raid.11 raid.12; part raid.21 --size=1024 --ondisk=vdb;"
            + " part raid.22 --size=1024 --ondisk=vda; raid /boot --device=boot --level=RAID1"
            + " --fstype=xfs raid.21 raid.22; part raid.31 --size=4096 --grow --ondisk=vdb; part"
            + " raid.32 --size=4096 --grow --ondisk=vda; raid / --device=root --level=RAID1"
            + " --fstype=xfs raid.31 raid.32",
      })
  void anacondaIsToldWhatTheDisksBecome(String keys, String firmware, String lines)
      throws Exception {
    Path dev = Files.createDirectories(folder.resolve("dev"));
    for (String name : List.of("vda", "vdb", "console")) {
      Files.writeString(dev.resolve(name), "");
    }
    if (firmware.equals("efi")) {
      Files.createDirectories(folder.resolve("firmware/efi"));
    }
    String script =
        Pattern.compile("(?ms)^%pre [^\n]*\n(.*?)^%end$")
            .matcher(file("rhel-9", keys, "ks.cfg"))
            .results()
            .findFirst()
            .orElseThrow()
            .group(1)
            .replace("/tmp/", folder + "/")
            .replace("/dev/", dev + "/")
            .replace("/sys/firmware", folder + "/firmware")
            .replace("[ ! -b ", "[ ! -e ");
    Files.writeString(folder.resolve("pre"), script);
    noted("curl");
    fake("lsblk", "printf '%s disk 0 0 9000000000\\n' " + dev + "/vda " + dev + "/vdb");
    Ran ran = run("sh", "pre");
    assertEquals(0, ran.status(), ran.out());
    String text = Files.readString(folder.resolve("foundrybot-disk.ks"));
    KickstartText.check("foundrybot-disk.ks", text);
    List<String> expected = List.of(lines.split("; "));
    List<String> read = text.lines().toList();
    assertEquals(expected, read.subList(read.size() - expected.size(), read.size()));
    assertTrue(
        !keys.contains("raid1") || read.getFirst().matches("ignoredisk .*=vd[ab],vd[ab]"), text);
  }

  /** YaST's memory and the new system are folders of the test's. */
  @ParameterizedTest
  @CsvSource({"true,true,installed", "true,false,failed", "false,true,none"})
  void yastReportsWhenTheBootLoaderIsOnTheDiskAndNotBefore(
      boolean bound, boolean loader, String told) throws Exception {
    String at = "/var/lib/YaST2/hooks/installation";
    String hooks = Files.createDirectories(folder.resolve("hooks")).toString();
    String target = Files.createDirectories(folder.resolve("mnt/boot/grub2")) + "/../..";
    NodeList sources =
        DataText.xml("a", file("opensuse-leap", "disk: /dev/vda", "autoinst.xml"))
            .getElementsByTagName("source");
    for (int n : List.of(2, 3)) {
      String script = sources.item(n).getTextContent().replace("/mnt", target).replace(at, hooks);
      Files.writeString(folder.resolve("script-" + n), script);
    }
    if (loader) {
      Files.writeString(folder.resolve("mnt/boot/grub2/grub.cfg"), "menuentry");
    }
    fake("mount", bound ? "cp -R \"$3/.\" \"$4/\"" : "exit 32");
    noted("useradd", "passwd");
    fake(
        "curl",
        "echo curl \"$@\" >>"
            + folder
            + "/log\nwhile [ $# -gt 1 ]; do [ \"$1\" != -o ] || echo 'echo late \"$2\" >>"
            + folder
            + "/log' >\"$2\"; shift; done");
    assertEquals(0, run("sh", "script-2").status());
    Path hook = Path.of(target + hooks, "after_bootloader_finish_00_foundrybot");
    assertEquals(bound, Files.exists(hook));
    assertEquals(0, run("sh", "script-3").status());
    assertEquals("late " + (bound ? "later" : "now"), log().getLast());
    if (bound) {
      assertEquals(loader ? 0 : 1, run("sh", hook.toString()).status());
      assertTrue(log().getLast().endsWith("/report/" + told), log()::toString);
      assertEquals(!loader, Files.exists(hook), "it leaves no token behind");
    }
  }

  /** The arrays, volume groups and pools of an earlier system must not come back in the new one. */
  @Test
  void debiansPartitionerFindsNothingOfAnEarlierSystemOnItsDisks() throws Exception {
    disk("vda", 4 << 21);
    partition("vda", "vda1", 200 << 10);
    disk("nvme0n1", 4 << 21);
    partition("nvme0n1", "nvme0n1p1", 34);
    assertEquals(new Ran(0, ""), early("layout: raid1"));
    assertEquals(
        List.of(
            "dd if=/dev/zero of=/dev/vda1 bs=1M count=136",
            "dd if=/dev/zero of=/dev/vda1 bs=1M count=5 seek=96",
            "dd if=/dev/zero of=/dev/vda bs=1M count=136",
            "dd if=/dev/zero of=/dev/vda bs=1M count=5 seek=4092",
            "dd if=/dev/zero of=/dev/nvme0n1p1 bs=1M count=136",
            "dd if=/dev/zero of=/dev/nvme0n1 bs=1M count=136",
            "dd if=/dev/zero of=/dev/nvme0n1 bs=1M count=5 seek=4092",
            "debconf-set partman-auto/disk /dev/vda /dev/nvme0n1",
            "debconf-set grub-installer/bootdev /dev/vda /dev/nvme0n1",
            "debconf-set partman-auto-raid/recipe 1 2 0 ext4 / /dev/vda2#/dev/nvme0n1p2 ."),
        told());
  }

  @Test
  void debiansPartitionerTouchesNoOtherDiskAndTakesANameThatNoneOfThemHas() throws Exception {
    disk("vda", 4 << 21);
    disk("cciss!c0d0", 4 << 21);
    Files.createDirectories(folder.resolve("dev/cciss"));
    Files.writeString(folder.resolve("dev/cciss/c0d0"), "");
    fake("vgs", "[ \"$1\" != vg2 ]");
    assertEquals(new Ran(0, ""), early("layout: lvm, disk: /dev/cciss/c0d0"));
    assertEquals(
        List.of(
            "dd if=/dev/zero of=/dev/cciss/c0d0 bs=1M count=136",
            "dd if=/dev/zero of=/dev/cciss/c0d0 bs=1M count=5 seek=4092",
            "debconf-set partman-auto/disk /dev/cciss/c0d0",
            "debconf-set grub-installer/bootdev /dev/cciss/c0d0",
            "modprobe md-mod",
            "mdadm --assemble --scan --run --config=/tmp/mdadm.conf",
            "modprobe dm-mod",
            "debconf-set partman-auto-lvm/new_vg_name vg2"),
        told());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layout: raid1 | foundrybot no two disks: /dev/vda /dev/nvme0n1",
        "disk: /dev/vdb | foundrybot no disk: /dev/vdb",
        "layout: encrypted | foundrybot no TPM 2.0",
      })
  void debiansInstallerStopsBeforeItWritesWhatCannotBe(String keys, String why) throws Exception {
    disk("vda", 4 << 21);
    assertEquals(new Ran(1, ""), early(keys));
    assertEquals(List.of("logger -t " + why), told());
  }

  private void disk(String name, int sectors) throws IOException {
    Path sys = Files.createDirectories(folder.resolve("sys").resolve(name));
    Files.writeString(sys.resolve("size"), sectors + "\n");
    if (name.indexOf('!') < 0) {
      Files.createDirectories(folder.resolve("dev"));
      Files.writeString(folder.resolve("dev").resolve(name), "");
    }
  }

  private void partition(String disk, String name, int sectors) throws IOException {
    disk(name, sectors);
    Path below = Files.createDirectories(folder.resolve("sys").resolve(disk).resolve(name));
    Files.writeString(below.resolve("partition"), "1\n");
  }

  /** Runs what Debian's installer runs before it partitions; each disk that is there is a file. */
  private Ran early(String keys) throws Exception {
    noted("wget", "logger", "debconf-set", "dd", "modprobe");
    fake("mdadm", "[ $1 = --examine ] || echo mdadm \"$@\" >>" + folder + "/log");
    fake("list-devices", "printf '%s\\n' " + folder + "/dev/vda " + folder + "/dev/nvme0n1");
    Files.createDirectories(folder.resolve("tmp"));
    String begin = "d-i partman/early_command string ";
    String command =
        file("debian-12", keys, "preseed.cfg")
            .replace("\\\n", " ")
            .lines()
            .filter(line -> line.startsWith(begin))
            .findFirst()
            .orElseThrow()
            .substring(begin.length());
    Files.writeString(
        folder.resolve("early"),
        command
            .replace("/dev/", folder + "/dev/")
            .replace("=/tmp/", "=" + folder + "/tmp/")
            .replace(">/tmp/", ">" + folder + "/tmp/")
            .replace("/sys/class/block", folder + "/sys")
            .replace("/sys/firmware", folder + "/firmware")
            .replace("[ ! -b ", "[ ! -e "));
    return run("sh", "early");
  }

  /** What the stand-ins were told, but for the report that is the first. */
  private List<String> told() throws IOException {
    List<String> lines = log();
    assertTrue(lines.getFirst().endsWith("/report/partitioning"), lines::toString);
    return lines.stream().skip(1).map(line -> line.replace(folder.toString(), "")).toList();
  }

  /** One disk that lsblk knows is no mirror. */
  @ParameterizedTest
  @CsvSource({"fedora-coreos", "nixos"})
  void aMirrorOfOneDiskIsRefusedBeforeAnythingIsWritten(String profile) throws Exception {
    noted("curl", "coreos-installer", "wipefs", "sfdisk", "mdadm", "systemctl");
    fake("lsblk", "echo '/dev/null disk 0 0 64000000000'");
    Files.writeString(folder.resolve("install.sh"), file(profile, "layout: raid1", "install.sh"));
    Ran ran = run("sh", "install.sh", folder.resolve("mnt").toString());
    assertEquals(1, ran.status(), ran.out());
    assertTrue(ran.out().contains("no two disks: '/dev/null' and ''"), ran.out());
    assertTrue(log().getLast().endsWith("/report/failed"), log()::toString);
    assertEquals(2, log().size(), log()::toString);
  }

  /** Devices that every machine has stand for disks: nothing here opens them. */
  @Test
  void coreosGetsTheDisksThatWereFoundAndDataDisksAreToldThoseOfTheSystem() throws Exception {
    noted("wipefs", "mdadm", "systemctl", "sync");
    fake("lsblk", "printf '%s disk 0 0 64000000000\\n' /dev/null /dev/zero");
    fake(
        "curl",
        "case \"$*\" in *system.ign) while [ \"$1\" != -o ]; do shift; done; cp "
            + folder
            + "/system.ign \"$2\" ;; esac");
    fake("coreos-installer", "cp \"$4\" " + folder + "/given; echo coreos-installer \"$@\" >>log");
    String keys = "layout: { root: raid1, data: [others] }";
    Files.writeString(folder.resolve("system.ign"), file("fedora-coreos", keys, "system.ign"));
    String script = file("fedora-coreos", keys, "install.sh");
    Files.writeString(folder.resolve("install.sh"), script);
    Ran ran = run("sh", "install.sh");
    // The disks are none, which the script about data disks says first.
    assertEquals(1, ran.status(), ran.out());
    assertTrue(ran.out().contains("data-disks: system:/dev/null: there is no such disk"));
    String given = Files.readString(folder.resolve("given"));
    assertTrue(given.contains("\"device\": \"/dev/null\""), given);
    assertTrue(given.contains("\"device\": \"/dev/zero\""), given);
    assertFalse(given.contains("/dev/disk/first"), given);
    assertEquals("wipefs --all --quiet /dev/null", log().getFirst());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layout: lvm | pvcreate -ff -y /dev/null3; vgcreate vg0 /dev/null3; lvcreate -y -n root -l"
            + " 100%FREE vg0; mkfs.ext4 -F -L nixos /dev/vg0/root | device = \"/dev/null\";",
        "layout: zfs | zfs create -o mountpoint=legacy rpool/root |"
            + " boot.zfs.devNodes = \"/dev/disk/by-partuuid\"",
        "layout: raid1 | mdadm --create /dev/md/root --run --level=1 --raid-devices=2"
            + " --homehost=any /dev/null3 /dev/zero3; mkfs.ext4 -F -L nixos /dev/md/root |"
            + " mirroredBoots = [ { devices = [ \"/dev/null\" ]; path = \"/boot\"; efiSysMountPoint"
            + " = \"/boot\"; } { devices = [ \"/dev/zero\" ]; path = \"/boot-2\"; efiSysMountPoint"
            + " = \"/boot-2\"; } ];",
      })
  void nixosIsPutToTheDisksThatItsConfigurationNames(String keys, String steps, String boot)
      throws Exception {
    noted(
        "curl",
        "wipefs",
        "sfdisk",
        "mdadm",
        "systemctl",
        "udevadm",
        "mkfs.vfat",
        "mkfs.ext4",
        "mount",
        "pvcreate",
        "vgcreate",
        "lvcreate",
        "zpool",
        "zfs",
        "nixos-install",
        "sync");
    fake("lsblk", "printf '%s disk 0 0 64000000000\\n' /dev/null /dev/zero");
    fake("nixos-generate-config", "mkdir -p \"$2/etc/nixos\"");
    Path target = folder.resolve("mnt");
    String script = file("nixos", keys, "install.sh").replace("/sys/firmware", folder + "/none");
    Files.writeString(folder.resolve("install.sh"), script);
    Ran ran = run("sh", "install.sh", target.toString());
    assertEquals(new Ran(0, ""), ran);
    assertTrue(log().containsAll(List.of(steps.split("; "))), log()::toString);
    String nix = Files.readString(target.resolve("etc/nixos/boot.nix"));
    assertTrue(nix.contains(boot), nix);
    NixText.check("boot.nix", nix);
    assertTrue(log().get(log().size() - 2).endsWith("/report/installed"), log()::toString);
  }

  /** It is the TPM that lets the installation in, and the passphrase must open nothing then. */
  @ParameterizedTest
  @CsvSource({"true,2,0", "true,0,1", "false,2,1"})
  void nixosIsWrittenToADiskThatTheTpmHasOpened(boolean tpm, int left, int status)
      throws Exception {
    noted(
        "curl",
        "wipefs",
        "sfdisk",
        "systemctl",
        "udevadm",
        "mkfs.vfat",
        "mkfs.ext4",
        "mount",
        "systemd-cryptenroll",
        "systemd-cryptsetup",
        "nixos-install",
        "sync");
    fake("lsblk", "echo '/dev/null disk 0 0 64000000000'");
    fake("nixos-generate-config", "mkdir -p \"$2/etc/nixos\"");
    fake(
        "cryptsetup",
        "echo cryptsetup \"$1\" >>log; case $* in *--test-passphrase*) exit " + left + " ;; esac");
    if (tpm) {
      Files.writeString(folder.resolve("tpmrm0"), "");
    }
    String script =
        file("nixos", "layout: encrypted", "install.sh")
            .replace("/dev/tpmrm0", folder + "/tpmrm0")
            .replace("/run/foundrybot", folder + "/foundrybot")
            .replace("/sys/firmware", folder + "/none");
    Files.writeString(folder.resolve("install.sh"), script);
    Path target = folder.resolve("mnt");
    Ran ran = run("sh", "install.sh", target.toString());
    assertEquals(status, ran.status(), ran.out());
    List<String> steps =
        log().stream()
            .filter(line -> line.matches("(cryptsetup|systemd-crypt|mkfs.ext4).*"))
            .toList();
    if (status == 0) {
      assertEquals(
          List.of(
              "cryptsetup luksFormat",
              "systemd-cryptenroll --unlock-key-file="
                  + folder
                  + "/foundrybot-passphrase --tpm2-device=auto --tpm2-pcrs= /dev/null3",
              "systemd-cryptsetup attach root /dev/null3 - tpm2-device=auto,headless=true",
              "systemd-cryptenroll --wipe-slot=password /dev/null3",
              "cryptsetup open",
              "mkfs.ext4 -F -L nixos /dev/mapper/root"),
          steps);
      String nix = Files.readString(target.resolve("etc/nixos/boot.nix"));
      assertTrue(nix.contains("crypttabExtraOpts = [ \"tpm2-device=auto\" ]"), nix);
      assertFalse(Files.exists(folder.resolve("foundrybot-passphrase")));
    } else {
      assertTrue(steps.stream().noneMatch(step -> step.startsWith("mkfs.ext4")), steps::toString);
      assertEquals(tpm, log().contains("wipefs -a /dev/null"), log()::toString);
    }
  }

  private void mirror() throws IOException {
    fake("findmnt", "case $* in *efi) echo /dev/vda2 ;; *) echo /dev/md0 ;; esac");
    fake(
        "lsblk",
        "case $* in\n"
            + "*/dev/md0) printf '%s\\n' '/dev/md0 raid1' '/dev/vdb3 part' '/dev/vdb disk'"
            + " '/dev/vda3 part' '/dev/vda disk' ;;\n"
            + "*) d=$(echo \"$*\" | sed 's/.* //'); printf '%s\\n' \"$d \""
            + " \"${d}1 21686148-6449-6e6f-744e-656564454649\""
            + " \"${d}2 c12a7328-f81f-11d2-ba4b-00a0c93ec93b\" ;;\n"
            + "esac");
    Node node = Samples.withNodes("52:54:00:aa:00:01: hub").nodes().getFirst();
    String script = String.valueOf(DiskValues.map(node).get("bootMirrorScript"));
    Files.writeString(folder.resolve("mirror"), script + "\n");
  }

  @Test
  void underBiosEachDiskOfAMirrorGetsTheBootLoader() throws Exception {
    mirror();
    noted("grub2-install");
    Ran ran = run("sh", "mirror", "install", folder.toString());
    assertEquals(0, ran.status(), ran.out());
    assertEquals(
        List.of(
            "grub2-install --target=i386-pc /dev/vda", "grub2-install --target=i386-pc /dev/vdb"),
        log());
  }

  /** The mounted partition is a folder of the test's, since a copy into it must be seen. */
  @Test
  void underUefiTheOtherDiskGetsACopyAtEachStart() throws Exception {
    mirror();
    noted("systemctl", "rmdir", "umount");
    fake("mount", "echo \"$4\" >at; echo mount \"$3\" >>log");
    Files.createDirectories(folder.resolve("sys/firmware/efi"));
    Path vendor = Files.createDirectories(folder.resolve("boot/efi/EFI/opensuse"));
    Files.writeString(vendor.resolve("shim.efi"), "shim");
    Files.writeString(vendor.resolve("grub.efi"), "grub");
    assertEquals(new Ran(0, ""), run("sh", "mirror", "install", folder.toString()));
    assertEquals(List.of("systemctl enable foundrybot-boot-mirror.service"), log());
    Path stays = folder.resolve("usr/local/lib/foundrybot/boot-mirror");
    assertEquals(
        Files.readString(folder.resolve("mirror")), Files.readString(stays), "the same script");
    for (int time = 1; time <= 2; time++) {
      assertEquals(
          new Ran(0, "boot-mirror: /dev/vdb2: a copy of /dev/vda2\n"),
          run("env", "TMPDIR=" + folder, "sh", stays.toString(), "copy", folder.toString()));
      Path copy = Path.of(Files.readString(folder.resolve("at")).strip());
      assertEquals("grub", Files.readString(copy.resolve("EFI/opensuse/grub.efi")));
      assertEquals("grub", Files.readString(copy.resolve("EFI/BOOT/grub.efi")));
      assertEquals("shim", Files.readString(copy.resolve("EFI/BOOT/BOOTX64.EFI")));
    }
    assertTrue(log().contains("mount /dev/vdb2") && !log().contains("mount /dev/vda2"));
  }

  @Test
  void anInstallationThatIsNotOnTwoDisksIsNoMirror() throws Exception {
    mirror();
    fake("lsblk", "printf '%s\\n' '/dev/md0 raid1' '/dev/vda3 part' '/dev/vda disk'");
    assertEquals(
        new Ran(1, "boot-mirror: /dev/md0 lies on: /dev/vda (expected: two disks)\n"),
        run("sh", "mirror", "install", folder.toString()));
  }

  @ParameterizedTest
  @CsvSource({"IFUPDOWN2", "IFUPDOWN_NG"})
  void interfacesAreCalledAsTheMachineCallsThem(IfupdownScript.Dialect dialect) throws Exception {
    RackFile rack =
        Samples.withNodes("52:54:00:aa:00:01: { role: hub, " + InstallerRacks.NETWORK + " }");
    NetworkPlan plan = NetworkPlan.of(rack, rack.nodes().getFirst(), Samples.run());
    Files.writeString(folder.resolve("script"), IfupdownScript.of(plan, dialect));
    card("lo", "00:00:00:00:00:00", false);
    // A bridge has the MAC of the card in it, and comes before.
    card("br9", "52:54:00:aa:00:01", false);
    card("eno1", "52:54:00:aa:00:01", true);
    card("eno2", "52:54:00:bb:00:01", true);
    Ran missing = run("sh", "script", folder + "/sys");
    assertEquals(1, missing.status());
    assertEquals("interfaces: no network card 52:54:00:bb:00:02\n", missing.out());
    card("eno3", "52:54:00:bb:00:02", true);
    Ran ran = run("sh", "script", folder + "/sys");
    assertEquals(0, ran.status(), ran.out());
    assertTrue(ran.out().startsWith("auto lo\niface lo inet loopback\n"), ran.out());
    assertTrue(
        ran.out()
            .contains(
                """

                auto bond0
                iface bond0 inet static
                \tbond-slaves eno1 eno2
                \tbond-mode 802.3ad
                \tbond-miimon 100
                \thwaddress 52:54:00:aa:00:01
                \tmtu 9000
                \taddress 10.77.0.12/24
                \tgateway 10.77.0.254
                \tup ip route replace 10.90.0.0/16 via 10.77.0.253 dev bond0
                iface bond0 inet6 static
                \taddress fd77::12/64
                \tgateway fd77::1
                """),
        ran.out());
    assertTrue(ran.out().contains("auto eno3\niface eno3 inet dhcp\n"), ran.out());
    assertTrue(ran.out().contains("\tup ip addr replace 10.93.0.6/24 dev br0\n"), ran.out());
    assertEquals(
        dialect == IfupdownScript.Dialect.IFUPDOWN2,
        ran.out().contains("\tvlan-raw-device eno3\n\tvlan-id 30\n"),
        ran.out());
  }

  @Test
  void proxmoxHasTheInterfacesOfTheRackFileBeforeItReports() throws Exception {
    noted("apt-get", "chown", "systemctl", "sync", "ifreload");
    fake("id", "exit 0");
    fake("getent", "echo \"$2:x:1000:1000::/home/$2:/bin/bash\"");
    card("eno1", "52:54:00:aa:00:01", true);
    card("eno2", "52:54:00:bb:00:01", true);
    card("eno3", "52:54:00:bb:00:02", true);
    Path etc = Files.createDirectories(folder.resolve("system/etc"));
    Files.createDirectories(etc.resolve("network"));
    Files.writeString(
        etc.resolve("hosts"), "127.0.0.1 localhost\n10.77.0.150 hub-1.alpha.rack hub-1\n");
    String script =
        file("proxmox-ve", InstallerRacks.NETWORK, "first-boot.sh")
            .replace("sys=${1:-/sys}", "sys=" + folder + "/sys");
    Files.writeString(folder.resolve("first-boot"), script);
    assertEquals(new Ran(0, ""), run("sh", "first-boot", folder + "/system"));
    String interfaces = Files.readString(etc.resolve("network/interfaces"));
    assertTrue(interfaces.contains("\tbond-slaves eno1 eno2\n"), interfaces);
    assertEquals(
        "127.0.0.1 localhost\n10.77.0.12 hub-1.alpha.rack hub-1\n",
        Files.readString(etc.resolve("hosts")));
    List<String> log = log();
    assertTrue(
        log.indexOf("ifreload -a") >= 0
            && log.indexOf("ifreload -a")
                < log.indexOf("systemctl start --no-block foundrybot-first-boot.service"),
        log::toString);
  }

  private void card(String name, String mac, boolean device) throws IOException {
    Path card = Files.createDirectories(folder.resolve("sys/class/net").resolve(name));
    Files.writeString(card.resolve("address"), mac + "\n");
    if (device) {
      Files.createDirectories(card.resolve("device"));
    }
  }
}
