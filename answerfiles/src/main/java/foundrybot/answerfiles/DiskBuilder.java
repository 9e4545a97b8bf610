// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node's disks, from its own keys or those of its role, held against what its profile can. */
final class DiskBuilder {
  private final Faults faults;
  private final Map<String, Branch> roles;
  private final Map<String, Profile> profiles;

  /** Those of roles, whose own faults are told once and not for each node. */
  private final Map<String, DiskPlan> ofRoles = new HashMap<>();

  DiskBuilder(Faults faults, Map<String, Branch> roles, Map<String, Profile> profiles) {
    this.faults = faults;
    this.roles = roles;
    this.profiles = profiles;
  }

  /**
   * A node's own layout stands in place of its role's as a whole.
   *
   * @param path of the node in the file
   * @param keyAt where the node is, for faults that its role alone does not have
   */
  DiskPlan build(Branch node, String path, Position keyAt, Optional<String> role, Profile profile) {
    Optional<Branch> own = node.branch("layout");
    Optional<Branch> inherited =
        role.map(roles::get).flatMap(branch -> branch.branch("layout")).filter(_ -> own.isEmpty());
    DiskPlan plan =
        own.map(branch -> plan(branch, path + ".layout"))
            .or(() -> inherited.map(branch -> ofRole(role.orElseThrow(), branch)))
            .orElse(DiskPlan.USUAL);
    checkDisk(node, path, plan);
    Position at = own.map(branch -> branch.at("root")).orElse(keyAt);
    String disk = node.text("disk").orElse(Node.AUTO);
    checkProfile(plan, disk, at, path, profile);
    return plan;
  }

  private DiskPlan ofRole(String role, Branch branch) {
    return ofRoles.computeIfAbsent(role, name -> plan(branch, "roles." + name + ".layout"));
  }

  private DiskPlan plan(Branch branch, String path) {
    String word = branch.text("root").orElse("single");
    if (branch.has("disks") && !word.equals("raid1")) {
      String expected =
          "root: raid1 beside it; other layouts have one, which the node's disk names";
      faults.add(branch.at("disks"), path + ".disks", word, expected);
    }
    List<Leaf> claimed = new ArrayList<>();
    branch.leaves("disks").forEach(leaf -> claim(claimed, leaf, path + ".disks"));
    branch.leaves("data").forEach(leaf -> claim(claimed, leaf, path + ".data"));
    return new DiskPlan(
        layout(word, branch), branch.texts("data").stream().map(DataDisk::of).toList());
  }

  private static DiskLayout layout(String word, Branch branch) {
    return switch (word) {
      case "raid1" -> new DiskLayout.Raid1(branch.texts("disks"));
      case "lvm" -> new DiskLayout.Lvm();
      case "encrypted" -> new DiskLayout.Encrypted();
      case "zfs" -> new DiskLayout.Zfs();
      default -> new DiskLayout.Single();
    };
  }

  private void claim(List<Leaf> claimed, Leaf leaf, String path) {
    for (Leaf other : claimed) {
      if (other.text().equals(leaf.text())) {
        String place = "line " + other.at().line() + " column " + other.at().column();
        String expected = "each disk and each rule once; " + place + " has it already";
        faults.add(leaf.at(), path, leaf.text(), expected);
        return;
      }
    }
    claimed.add(leaf);
  }

  /** The disk of the system is wiped by the installer, and by nobody after it. */
  private void checkDisk(Branch node, String path, DiskPlan plan) {
    Optional<Leaf> disk = node.leaf("disk").filter(leaf -> !leaf.text().equals(Node.AUTO));
    if (disk.isEmpty()) {
      return;
    }
    if (plan.layout() instanceof DiskLayout.Raid1) {
      String expected = "no disk beside raid1, whose two disks layout.disks names";
      faults.add(disk.get().at(), path + ".disk", disk.get().text(), expected);
    } else if (plan.data().contains(new DataDisk.Device(disk.get().text()))) {
      String expected = "a disk that layout.data does not wipe";
      faults.add(disk.get().at(), path + ".disk", disk.get().text(), expected);
    }
  }

  private void checkProfile(DiskPlan plan, String disk, Position at, String path, Profile profile) {
    String layout = path + ".layout";
    String word = plan.layout().word();
    if (profile.layouts().contains(word + DiskPlan.NAMED)) {
      checkNames(plan.layout(), disk, at, path, profile);
    } else {
      checkAbility(word, at, layout, profile);
    }
    if (!plan.data().isEmpty()) {
      checkAbility(DiskPlan.DATA, at, layout, profile);
    }
  }

  /** An installer that takes all disks which a rule finds is told names, those of the kernel. */
  private void checkNames(
      DiskLayout layout, String disk, Position at, String path, Profile profile) {
    boolean raid = layout instanceof DiskLayout.Raid1;
    List<String> names = raid ? layout.devices() : List.of(disk);
    if (!names.isEmpty() && names.stream().allMatch(name -> name.matches("/dev/[^/]+"))) {
      return;
    }
    String value = names.isEmpty() ? "none" : String.join(", ", names);
    String expected =
        (raid ? "two disks by the kernel's names, as in [/dev/sda, /dev/sdb]" : "a disk by the")
            + (raid ? "" : " kernel's name, such as /dev/sda, beside " + layout.word())
            + ", since the installer of profile "
            + profile.name()
            + " takes all disks that it finds by a rule";
    faults.add(at, path + (raid ? ".layout.disks" : ".disk"), value, expected);
  }

  private static boolean can(Profile profile, String word) {
    return profile.layouts().contains(word) || profile.layouts().contains(word + DiskPlan.NAMED);
  }

  private void checkAbility(String word, Position at, String path, Profile profile) {
    if (profile.layouts().contains(word)) {
      return;
    }
    List<String> able =
        profiles.values().stream().filter(other -> can(other, word)).map(Profile::name).toList();
    String others =
        able.isEmpty()
            ? "no profile here can do " + word
            : "for " + word + ": " + String.join(", ", able);
    String expected =
        "what profile "
            + profile.name()
            + " can do ("
            + String.join(", ", profile.layouts())
            + "); "
            + others;
    faults.add(at, path, word, expected);
  }
}
