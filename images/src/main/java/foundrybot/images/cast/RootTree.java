// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import foundrybot.images.BuildException;
import foundrybot.images.Progress;
import foundrybot.images.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The root file system as a folder: mmdebstrap from signed package sources, then everything taken
 * out that belongs to one machine (keys, ids, logs) and our own few files put in.
 */
final class RootTree {
  /** What every node has; the first line makes it start, the rest makes it of use. */
  private static final List<String> BASE_PACKAGES =
      List.of(
          "systemd-sysv",
          "udev",
          "dbus",
          "libpam-systemd",
          "kmod",
          "initramfs-tools",
          "zstd",
          "busybox-static",
          "grub-pc-bin",
          "grub-efi-amd64-bin",
          "grub2-common",
          "efibootmgr",
          "e2fsprogs",
          "dosfstools",
          "fdisk",
          "parted",
          "openssh-server",
          "wireguard-tools",
          "nftables",
          "openssl",
          "sudo",
          "curl",
          "ca-certificates",
          "systemd-timesyncd",
          "systemd-resolved",
          "iproute2",
          "iputils-ping",
          "netbase",
          "procps",
          "less",
          "tzdata");

  /** apt settings of this machine that a build must share: how to reach and judge its sources. */
  private static final List<String> SHARED_APT_SETTINGS =
      List.of("Acquire::http::", "Acquire::https::", "Acquire::Check-", "Acquire::Retries");

  private static final Duration LIMIT = Duration.ofMinutes(60);

  private RootTree() {}

  /**
   * Builds the folder.
   *
   * @param epoch seconds; no file in the tree is younger
   */
  static FileTree build(
      ImageRequest request, AptSources sources, Path folder, long epoch, Progress progress) {
    List<String> packages = new ArrayList<>(BASE_PACKAGES);
    packages.add(request.kernelPackage());
    packages.addAll(request.extraPackages());
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "--verbose",
            "--mode=root",
            "--format=directory",
            "--variant=minbase",
            "--aptopt=Apt::Install-Recommends \"false\"",
            "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/doc/*",
            "--dpkgopt=path-include=/usr/share/doc/*/copyright",
            "--dpkgopt=path-exclude=/usr/share/locale/*",
            // Before the kernel's own hook runs: an initramfs for any machine, not for this one.
            "--essential-hook=mkdir -p \"$1/etc/initramfs-tools/conf.d\" && printf"
                + " 'MODULES=most\\nCOMPRESS=zstd\\nRESUME=none\\n'"
                + " > \"$1/etc/initramfs-tools/conf.d/foundrybot\"",
            "--include=" + String.join(",", packages)));
    sharedAptSettings().forEach(setting -> arguments.add("--aptopt=" + setting));
    arguments.add(request.suite());
    arguments.add(folder.toString());
    arguments.addAll(sources.lines());
    new Bootstrap(progress).run(arguments, epoch);
    FileTree tree = new FileTree(folder);
    neutralize(tree);
    furnish(tree, sources);
    clampTimes(folder, epoch);
    return tree;
  }

  private static List<String> sharedAptSettings() {
    byte[] dump = Tool.named("apt-config", "apt").output("dump", "--no-empty");
    return new String(dump, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> SHARED_APT_SETTINGS.stream().anyMatch(line::startsWith))
        .toList();
  }

  /** mmdebstrap's own lines: errors become the message, packages become progress. */
  private static final class Bootstrap {
    private final Progress progress;
    private final List<String> errors = new ArrayList<>();
    private int configured;

    Bootstrap(Progress progress) {
      this.progress = progress;
    }

    void run(List<String> arguments, long epoch) {
      try {
        Tool.named("mmdebstrap", "mmdebstrap")
            .with("SOURCE_DATE_EPOCH", String.valueOf(epoch))
            .within(LIMIT)
            .run(this::line, arguments);
      } catch (BuildException e) {
        synchronized (errors) {
          throw new BuildException(
              "root file system: not built; what could not be had: "
                  + (errors.isEmpty() ? "(see the cause)" : String.join("; ", errors))
                  + "\n"
                  + e.getMessage(),
              e);
        }
      }
    }

    private void line(String line) {
      if (line.startsWith("E: ") || line.startsWith("Err:")) {
        synchronized (errors) {
          errors.add(line);
        }
      } else if (line.startsWith("W: ")) {
        progress.warn(line.substring(3));
      } else if (line.startsWith("Setting up ")) {
        progress.advance(++configured, 0);
      }
    }
  }

  /** Two machines must not share these, and two builds must not differ in them. */
  private static void neutralize(FileTree tree) {
    tree.prune("etc/ssh", "ssh_host_.*");
    tree.prune("var/lib/dbus", "machine-id");
    tree.prune("var/lib/systemd", "random-seed|credential.secret");
    tree.prune("var/log", "(?!wtmp|btmp|lastlog|faillog|journal|private).*");
    tree.prune("var/cache/apt", "(?!archives).*");
    tree.prune("var/cache/apt/archives", ".*\\.deb|lock");
    tree.prune("var/lib/apt/lists", "(?!partial|auxfiles).*");
    tree.prune("var/cache/debconf", ".*-old");
    tree.prune("var/cache/ldconfig", "aux-cache");
    tree.prune("var/lib/dpkg", ".*-old|lock.*");
    tree.prune("etc", "(passwd|shadow|group|gshadow|subuid|subgid)-");
    tree.prune("etc/apt/apt.conf.d", "99mmdebstrap");
    tree.prune("etc/apt/sources.list.d", ".*");
    tree.prune("tmp", ".*");
    tree.prune("run", ".*");
    tree.write("etc/machine-id", "r--r--r--", "");
    tree.write("etc/hostname", "rw-r--r--", "localhost\n");
    for (String log : List.of("wtmp", "btmp", "lastlog", "faillog")) {
      tree.prune("var/log", log);
    }
    tree.write("var/log/wtmp", "rw-rw-r--", "");
    tree.write("var/log/btmp", "rw-rw----", "");
    tree.write("var/log/lastlog", "rw-rw-r--", "");
  }

  private static void furnish(FileTree tree, AptSources sources) {
    tree.write(
        "etc/apt/sources.list", "rw-r--r--", String.join("\n", sources.linesForImage()) + "\n");
    tree.write("etc/default/locale", "rw-r--r--", "LANG=C.UTF-8\n");
    tree.write(
        "etc/ssh/sshd_config.d/10-foundrybot.conf",
        "rw-r--r--",
        """
        # Keys only: nobody on this machine has a password.
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        """);
    tree.link("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
    String units = "/lib/systemd/system/";
    enable(tree, "multi-user.target.wants/systemd-networkd.service", units);
    enable(tree, "sockets.target.wants/systemd-networkd.socket", units);
    enable(tree, "network-online.target.wants/systemd-networkd-wait-online.service", units);
    tree.link(
        "etc/systemd/system/dbus-org.freedesktop.network1.service",
        units + "systemd-networkd.service");
    tree.write(FirstBoot.SCRIPT_PATH.substring(1), "rwxr-xr-x", FirstBoot.script());
    tree.write(FirstBoot.UNIT_PATH.substring(1), "rw-r--r--", FirstBoot.unit());
    enable(tree, "multi-user.target.wants/" + FirstBoot.UNIT_NAME, "/etc/systemd/system/");
    tree.write(MeshClient.SCRIPT_PATH.substring(1), "rwxr-xr-x", MeshClient.script());
    tree.write(MeshClient.SERVICE_PATH.substring(1), "rw-r--r--", MeshClient.service());
    tree.write(MeshClient.TIMER_PATH.substring(1), "rw-r--r--", MeshClient.timer());
    enable(tree, "timers.target.wants/" + MeshClient.TIMER_NAME, "/etc/systemd/system/");
  }

  private static void enable(FileTree tree, String wants, String units) {
    tree.link("etc/systemd/system/" + wants, units + wants.substring(wants.indexOf('/') + 1));
  }

  private static void clampTimes(Path folder, long epoch) {
    Tool.named("find", "findutils")
        .run(
            folder.toString(),
            "-xdev",
            "-newermt",
            "@" + epoch,
            "-exec",
            "touch",
            "--no-dereference",
            "--date=@" + epoch,
            "{}",
            "+");
  }

  /** {@code name version} of every installed package, sorted, one a line. */
  static String packageList(FileTree tree) {
    TreeSet<String> packages = new TreeSet<>();
    String name = "";
    String version = "";
    String status = new String(tree.read("var/lib/dpkg/status"), StandardCharsets.UTF_8);
    for (String line : (status + "\n\n").lines().toList()) {
      if (line.startsWith("Package: ")) {
        name = line.substring("Package: ".length());
      } else if (line.startsWith("Version: ")) {
        version = line.substring("Version: ".length());
      } else if (line.isEmpty() && !name.isEmpty()) {
        packages.add(name + " " + version);
        name = "";
        version = "";
      }
    }
    if (!name.isEmpty()) {
      packages.add(name + " " + version);
    }
    return String.join("\n", packages) + "\n";
  }

  /** The one kernel of the tree. */
  static String kernelVersion(FileTree tree) {
    List<String> versions = tree.names("usr/lib/modules");
    if (versions.size() != 1) {
      throw new BuildException(
          "root file system: kernels " + versions + " (expected: one; name one kernel package)");
    }
    return versions.getFirst();
  }
}
