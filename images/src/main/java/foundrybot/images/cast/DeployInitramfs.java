// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import foundrybot.images.BuildException;
import foundrybot.images.Progress;
import foundrybot.images.Tool;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The deploy environment: our scripts, Debian's busybox and partitioning tools with their
 * libraries, udev, and the drivers of the very kernel it runs under, all taken from the root file
 * system that it will write, so that both are always of one make.
 */
final class DeployInitramfs {
  /** Programs besides busybox; all Debian's own, for busybox's versions do less. */
  private static final List<String> PROGRAMS =
      List.of(
          "usr/bin/busybox",
          "usr/bin/curl",
          "usr/bin/kmod",
          "usr/bin/lsblk",
          "usr/bin/ssh-keygen",
          "usr/bin/udevadm",
          "usr/bin/zstd",
          "usr/lib/udev/ata_id",
          "usr/lib/udev/scsi_id",
          "usr/sbin/blkdiscard",
          "usr/sbin/blkid",
          "usr/sbin/e2fsck",
          "usr/sbin/mkfs.fat",
          "usr/sbin/resize2fs",
          "usr/sbin/sfdisk",
          "usr/sbin/sshd",
          "usr/sbin/tune2fs",
          "usr/sbin/wipefs");

  /**
   * What newer releases of sshd start, and what an engineer may have asked for by extra packages.
   */
  private static final List<String> PROGRAMS_IF_THERE =
      List.of(
          "usr/lib/openssh/sshd-auth",
          "usr/lib/openssh/sshd-session",
          "usr/sbin/dmidecode",
          "usr/sbin/ethtool",
          "usr/sbin/nvme",
          "usr/sbin/smartctl");

  /** No password leads anywhere: only who is at the console, or has a key, gets in. */
  private static final String USERS =
      """
      root:*:0:0:root:/root:/bin/sh
      sshd:*:100:65534::/run/sshd:/usr/sbin/nologin
      """;

  private static final String GROUPS =
      """
      root:*:0:
      nogroup:*:65534:
      """;

  private static final List<String> UDEV_RULES =
      List.of(
          "50-firmware.rules",
          "50-udev-default.rules",
          "60-block.rules",
          "60-persistent-storage.rules",
          "80-drivers.rules");

  private static final String HOME = "usr/lib/foundrybot/";
  private static final int FIRMWARE_NAMED_IN_NOTE = 5;

  private final FileTree tree;
  private final String kernelVersion;
  private final CpioArchive archive = new CpioArchive();
  private final List<String> notes = new ArrayList<>();

  DeployInitramfs(FileTree tree, String kernelVersion) {
    this.tree = tree;
    this.kernelVersion = kernelVersion;
  }

  /**
   * Writes the compressed initramfs.
   *
   * @param rootBytes size of the unpacked root image, which the disk must hold
   * @param work an empty folder for the driver index
   * @return what a person should know
   */
  List<String> build(Path file, long rootBytes, Path work, Progress progress) {
    skeleton();
    scripts(rootBytes);
    PROGRAMS.forEach(this::program);
    PROGRAMS_IF_THERE.stream()
        .filter(path -> tree.find(path).filter(Files::isRegularFile).isPresent())
        .forEach(this::program);
    archive.symlink("usr/sbin/modprobe", "../bin/kmod");
    archive.symlink("usr/bin/sh", "busybox");
    archive.symlink("usr/lib/systemd/systemd-udevd", "../../bin/udevadm");
    for (String rule : UDEV_RULES) {
      tree.find("usr/lib/udev/rules.d/" + rule)
          .ifPresent(f -> archive.file("usr/lib/udev/rules.d/" + rule, 0644, FileTree.bytes(f)));
    }
    modules(work, progress);
    Path plain = work.resolve("deploy.cpio");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(plain))) {
      archive.writeTo(out);
    } catch (IOException e) {
      throw new BuildException(plain + ": cannot be written (" + e.getMessage() + ")", e);
    }
    Tool.named("zstd", "zstd")
        .run("-q", "-f", "-T1", "-12", plain.toString(), "-o", file.toString());
    return List.copyOf(notes);
  }

  private void skeleton() {
    for (String folder :
        List.of("dev", "etc", "mnt", "proc", "root", "run", "sys", "tmp", "usr/lib64")) {
      archive.directory(folder);
    }
    for (String merged : List.of("bin", "sbin", "lib", "lib64")) {
      archive.symlink(merged, "usr/" + merged);
    }
    // Before devtmpfs is there, init speaks to this.
    archive.characterDevice("dev/console", 0600, 5, 1);
  }

  private void scripts(long rootBytes) {
    archive.file("init", 0755, CastResource.bytes("deploy/init"));
    CastResource.deployParts().forEach((name, data) -> archive.file(HOME + name, 0755, data));
    plain(HOME + "root-bytes", rootBytes + "\n");
    plain("etc/passwd", USERS);
    plain("etc/group", GROUPS);
  }

  private void plain(String path, String content) {
    archive.file(path, 0644, content.getBytes(StandardCharsets.US_ASCII));
  }

  private void program(String path) {
    byte[] data = tree.read(path);
    archive.file(path, 0755, data);
    libraries(path, data);
  }

  private void libraries(String user, byte[] data) {
    if (!ElfNeeds.isElf64(data)) {
      return;
    }
    ElfNeeds needs = ElfNeeds.read(data);
    needs.interpreter().ifPresent(loader -> library(merged(loader)));
    for (String name : needs.libraries()) {
      library(locate(user, name, needs.searchPath()));
    }
  }

  private void library(String path) {
    if (!archive.contains(path)) {
      byte[] data = tree.read(path);
      archive.file(path, 0755, data);
      libraries(path, data);
    }
  }

  private String locate(String user, String name, List<String> searchPath) {
    List<String> folders = new ArrayList<>();
    searchPath.forEach(folder -> folders.add(merged(folder)));
    tree.names("usr/lib").stream()
        .filter(n -> n.endsWith("-linux-gnu"))
        .forEach(n -> folders.add("usr/lib/" + n));
    folders.add("usr/lib");
    folders.add("usr/lib64");
    for (String folder : folders) {
      Optional<Path> found = tree.find(folder + "/" + name);
      if (found.isPresent() && Files.isRegularFile(found.get())) {
        return folder + "/" + name;
      }
    }
    throw new BuildException(
        "root file system: library " + name + " of /" + user + " not found in " + folders);
  }

  /** {@code /lib64/x} is {@code usr/lib64/x} since Debian 12. */
  private static String merged(String absolute) {
    String inside = absolute.replaceFirst("^/+", "");
    return inside.startsWith("lib") ? "usr/" + inside : inside;
  }

  private void modules(Path work, Progress progress) {
    String from = "usr/lib/modules/" + kernelVersion + "/";
    KernelModules modules =
        new KernelModules(text(from + "modules.dep"), text(from + "modules.softdep"));
    Set<String> wanted = modules.wanted();
    Path index = work.resolve("drivers/lib/modules/" + kernelVersion);
    Set<String> missing = new TreeSet<>();
    long done = 0;
    for (String path : wanted) {
      byte[] data = tree.read(from + path);
      archive.file(from + path, 0644, data);
      copy(index.resolve(path), data);
      KernelModules.firmwareOf(data).forEach(name -> firmware(name, missing));
      progress.advance(++done, wanted.size());
    }
    for (String name : List.of("modules.builtin", "modules.builtin.modinfo", "modules.order")) {
      tree.find(from + name).ifPresent(f -> copy(index.resolve(name), FileTree.bytes(f)));
    }
    Tool.named("depmod", "kmod").run("-b", work.resolve("drivers").toString(), kernelVersion);
    for (String name : new FileTree(index).names("")) {
      if (name.startsWith("modules.") && Files.isRegularFile(index.resolve(name))) {
        archive.file(from + name, 0644, FileTree.bytes(index.resolve(name)));
      }
    }
    if (!missing.isEmpty()) {
      notes.add(
          missing.size()
              + " firmware files that drivers of the deploy environment may ask for are in no"
              + " package of the image ("
              + String.join(", ", missing.stream().limit(FIRMWARE_NAMED_IN_NOTE).toList())
              + (missing.size() > FIRMWARE_NAMED_IN_NOTE ? ", ..." : "")
              + "): a network card or controller that cannot work without its file needs that"
              + " package among the extra packages, from a source with non-free-firmware");
    }
  }

  private void firmware(String name, Set<String> missing) {
    String path = "usr/lib/firmware/" + name;
    for (String suffix : List.of("", ".xz", ".zst")) {
      Optional<Path> file = tree.find(path + suffix);
      if (file.isPresent() && Files.isRegularFile(file.get())) {
        archive.file(path + suffix, 0644, FileTree.bytes(file.get()));
        return;
      }
    }
    missing.add(name);
  }

  private String text(String inside) {
    return new String(tree.read(inside), StandardCharsets.UTF_8);
  }

  private static void copy(Path to, byte[] data) {
    try {
      Path parent = to.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.write(to, data);
    } catch (IOException e) {
      throw new BuildException(to + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }
}
