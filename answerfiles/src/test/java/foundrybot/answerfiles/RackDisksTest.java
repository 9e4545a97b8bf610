// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RackDisksTest {
  private static DiskPlan plan(String keys) {
    return Samples.withNodes("52:54:00:aa:00:01: { role: storage, " + keys + " }")
        .nodes()
        .getFirst()
        .disks();
  }

  @Test
  void whoSaysNothingHasOneDiskAndNoOtherIsTouched() {
    assertEquals(DiskPlan.USUAL, plan("name: s"));
    assertEquals(DiskPlan.USUAL, plan("layout: single"));
  }

  @Test
  void aLayoutIsANameOrAMapping() {
    assertEquals(new DiskLayout.Raid1(List.of()), plan("layout: raid1").layout());
    assertEquals(new DiskLayout.Lvm(), plan("layout: { root: lvm }").layout());
    assertEquals(
        new DiskPlan(
            new DiskLayout.Raid1(List.of("/dev/sda", "/dev/sdb")),
            List.of(
                new DataDisk.Device("/dev/disk/by-id/nvme-x"),
                new DataDisk.LargerThan(1_500_000_000_000L),
                new DataDisk.SmallerThan(512L << 30),
                new DataDisk.Others())),
        plan(
            "layout: { root: raid1, disks: [/dev/sda, /dev/sdb], data: [/dev/disk/by-id/nvme-x,"
                + " larger than 1.5 TB, smaller than 512GiB, others] }"));
  }

  @Test
  void aNodesOwnLayoutStandsInPlaceOfItsRoles() {
    RackFile rack =
        Samples.rack(
            Samples.HEAD
                + """
                roles: { storage: { layout: { root: lvm, data: [others] } } }
                nodes:
                  52:54:00:aa:00:01: storage
                  52:54:00:aa:00:02: { role: storage, layout: raid1 }
                """);
    assertEquals(
        new DiskPlan(new DiskLayout.Lvm(), List.of(new DataDisk.Others())),
        rack.nodes().getFirst().disks());
    assertEquals(
        new DiskPlan(new DiskLayout.Raid1(List.of()), List.of()), rack.nodes().getLast().disks());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layout: raid2 | 6:47: nodes.52:54:00:aa:00:01.layout.root: raid2 | did you mean raid1?",
        "layout: { rot: lvm } | layout.rot: unknown key | did you mean root?",
        "layout: { disks: [/dev/sda, /dev/sdb] } | layout.disks: single | root: raid1 beside it",
        "layout: { root: raid1, disks: [/dev/sda] } | layout.disks: 1 items | 2..2 of",
        "layout: { root: raid1, disks: [auto, /dev/sda] } | layout.disks[0]: auto | a device such",
        "layout: { root: raid1, disks: [/dev/a, /dev/a] } | layout.disks: /dev/a | line 6 column"
            + " 70",
        "layout: { root: raid1, disks: [/dev/a, /dev/b], data: [/dev/b] } | data: /dev/b | each"
            + " disk",
        "layout: { data: [others, others] } | layout.data: others | each disk and each rule once",
        "layout: { data: [bigger than 1 TB] } | bigger than 1 TB | larger than SIZE",
        "layout: { data: [/dev/../sda] } | /dev/../sda | a device",
        "disk: /dev/sda1 | .disk: /dev/sda1 | no partition of one",
        "disk: /dev/nvme0n1p2 | .disk: /dev/nvme0n1p2 | no partition of one",
        "disk: /dev/disk/by-id/wwn-0x5-part1 | .disk: /dev/disk/by-id | no partition of one",
        "disk: /dev/disk/by-uuid/1234-ABCD | .disk: /dev/disk/by-uuid | no partition of one",
        "layout: { data: [/dev/vdb3] } | data[0]: /dev/vdb3 | no partition of one",
        "layout: { root: raid1, disks: [/dev/sda, /dev/sdb2] } | disks[1]: /dev/sdb2 | no"
            + " partition",
        "layout: { data: [/dev/sda] }, disk: /dev/sda | .disk: /dev/sda | that layout.data does"
            + " not",
        "layout: raid1, disk: /dev/sda | .disk: /dev/sda | whose two disks layout.disks names",
        "'layout: encrypted, profile: opensuse-leap' | 6:47: nodes.52:54:00:aa:00:01.layout:"
            + " encrypted | for encrypted: debian-12, debian-13, fedora, fedora-coreos, nixos,",
        "layout: zfs | 6:47: nodes.52:54:00:aa:00:01.layout: zfs | for zfs: nixos, proxmox-ve,"
            + " ubuntu-24-04",
        "'layout: raid1, profile: debian-12-cast' | raid1 | for raid1: alpine, debian-12,"
            + " debian-13, fedora,",
        "'layout: raid1, profile: proxmox-ve' | layout.disks: none | two disks by the kernel",
        "'layout: { root: raid1, disks: [/dev/sda, /dev/disk/by-id/b] }, profile: proxmox-ve' |"
            + " /dev/sda, /dev/disk/by-id/b | takes all disks that it finds",
        "'layout: zfs, profile: proxmox-ve' | .disk: auto | such as /dev/sda, beside zfs",
        "'layout: zfs, disk: /dev/disk/by-id/a, profile: proxmox-ve' | .disk: /dev/disk/by-id/a |"
            + " such as /dev/sda, beside zfs",
        "'layout: lvm, profile: flatcar' | layout: lvm | can do (single, data); for lvm: alpine",
        "'layout: { data: [others] }, profile: debian-12-cast' | data | can do (single); for data",
      })
  void whatCannotBeDoneIsRefusedBeforeAMachineIsTouched(String keys, String value, String cure) {
    List<String> faults =
        Samples.faults(
            Samples.HEAD + "nodes:\n  52:54:00:aa:00:01: { role: storage, " + keys + " }\n");
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains(value), faults::toString);
    assertTrue(faults.getFirst().contains(cure), faults::toString);
  }

  @Test
  void aFaultOfARoleIsToldOnceAndWhatAProfileCannotForEachNode() {
    String nodes =
        """
        nodes:
          52:54:00:aa:00:01: storage
          52:54:00:aa:00:02: { role: storage, profile: debian-12-cast }
        """;
    assertEquals(
        1,
        Samples.faults(
                Samples.HEAD
                    + "roles: { storage: { layout: { data: [others, others] } } }\n"
                    + nodes)
            .stream()
            .filter(fault -> fault.contains("each rule once"))
            .count());
    List<String> faults =
        Samples.faults(Samples.HEAD + "roles: { storage: { layout: lvm } }\n" + nodes);
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().startsWith("rack.yaml:8:3: nodes.52:54:00:aa:00:02.layout: lvm"));
  }

  /** Of each file that a layout changes, only what is not in the file without it. */
  @Test
  void whatEachLayoutChangesForEachInstallerIsAsAgreed() {
    List<String> layouts =
        List.of(
            "layout: raid1",
            "layout: { root: raid1, disks: [/dev/disk/by-id/a, /dev/nvme0n1] }",
            "layout: lvm",
            "layout: encrypted, disk: /dev/vda",
            "layout: zfs, disk: /dev/vda",
            "layout: { data: [/dev/disk/by-id/b, larger than 1 TB, others] }");
    List<String> ofNames =
        List.of(
            "layout: { root: raid1, disks: [/dev/sda, /dev/nvme0n1] }",
            "layout: zfs, disk: /dev/vda",
            "layout: { data: [others] }");
    StringBuilder text = new StringBuilder();
    for (String profile :
        List.of(
            "debian-12",
            "ubuntu-24-04",
            "rhel-9",
            "fedora-coreos",
            "flatcar",
            "opensuse-leap",
            "opensuse-leap-16",
            "alpine",
            "nixos",
            "proxmox-ve")) {
      Set<String> usual = new LinkedHashSet<>(lines(profile, "layout: single"));
      for (String layout : profile.equals("proxmox-ve") ? ofNames : layouts) {
        Profile known = requireNonNull(Profile.builtIn().get(profile));
        if (known.layouts().stream()
            .map(word -> word.replace(DiskPlan.NAMED, ""))
            .noneMatch(word -> !word.equals("single") && layout.contains(word))) {
          continue;
        }
        text.append("== ").append(profile).append(", ").append(layout).append('\n');
        lines(profile, layout).stream()
            .filter(line -> !usual.contains(line))
            .forEach(line -> text.append(line).append('\n'));
      }
    }
    Golden.check("layouts.txt", text.toString());
  }

  private static Node node(String profile, String keys) {
    return Samples.withNodes(
            "52:54:00:aa:00:01: { role: hub, profile: " + profile + ", " + keys + " }")
        .nodes()
        .getFirst();
  }

  private static List<String> lines(String profile, String keys) {
    Node node = node(profile, keys);
    RackFile rack = Samples.withNodes("52:54:00:aa:00:01: hub");
    List<String> lines = new ArrayList<>();
    Map<String, Object> values = DiskValues.map(node);
    String script = Escapers.shell(String.valueOf(values.get("dataDisksScript")));
    String bind = Escapers.shell(String.valueOf(values.get("tpmBindScript")));
    String mirror = Escapers.shell(String.valueOf(values.get("bootMirrorScript")));
    String inJson = Escapers.json(mirror);
    for (AnswerFile file : AnswerFiles.renderAll(rack, node, Samples.run())) {
      lines.addAll(
          file.text()
              .replace(script, "SCRIPT")
              .replace(bind, "BIND")
              .replace(Escapers.xml(mirror), "MIRROR")
              .replace(inJson.substring(1, inJson.length() - 1), "MIRROR")
              .lines()
              .toList());
    }
    return lines;
  }

  @Test
  void theMirrorHasWhatInstallersAddForALayout() {
    assertTrue(
        Profiles.packagesOfAllRoles("debian-12")
            .containsAll(List.of("mdadm", "lvm2", "clevis-initramfs")));
    assertFalse(
        Profiles.packages(Samples.withNodes("52:54:00:aa:00:01: hub"), node("debian-12", "name: h"))
            .contains("mdadm"));
    assertTrue(mirrored("raid1").contains("mdadm"));
    assertFalse(mirrored("raid1").contains("lvm2"));
    assertTrue(mirrored("encrypted").containsAll(List.of("clevis-tpm2", "lvm2", "sudo")));
  }

  private static List<String> mirrored(String layout) {
    RackFile rack = Samples.withNodes("52:54:00:aa:00:01: { role: hub, layout: " + layout + " }");
    return Profiles.mirrored(rack, rack.nodes().getFirst());
  }
}
