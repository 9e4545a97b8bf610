// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.Progress;
import foundrybot.images.mirror.MirrorReport.Missing;
import foundrybot.images.mirror.MirrorRequest.Suite;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Fills a small Debian mirror through the machine's own apt and signs it with a key of its own, and
 * lays out the installer's kernel and initrd so that installer and installed system verify that
 * key.
 */
public final class MirrorBuilder {
  /** What the installer's hooks add to debootstrap's base by name. */
  private static final List<String> INSTALLER_WANTS =
      List.of(
          "usr-is-merged",
          "init",
          "initramfs-tools",
          "busybox",
          "console-setup",
          "keyboard-configuration",
          "kbd",
          "locales",
          "tasksel",
          "laptop-detect",
          "eject",
          "installation-report",
          "os-prober",
          "popularity-contest",
          "dosfstools",
          "e2fsprogs",
          "pciutils",
          "usbutils",
          "acpid",
          "debian-archive-keyring",
          "gpgv",
          "libpam-systemd",
          "dbus",
          "systemd-timesyncd",
          "linux-base",
          "ifupdown",
          "isc-dhcp-client",
          "sudo",
          // Debian 13's base-installer packs the initramfs with it.
          "zstd",
          // What hw-detect adds in a virtual machine.
          "qemu-guest-agent");

  /** What a node needs to report back and join: reached over SSH, then over WireGuard. */
  private static final List<String> NODE_WANTS =
      List.of(
          "openssh-server",
          "wireguard-tools",
          "python3-minimal",
          "ca-certificates",
          "curl",
          "iproute2",
          "nftables");

  /** grub-pc and grub-efi-amd64 exclude each other, so apt is asked once for each. */
  private static final List<List<String>> BOOT_LOADERS =
      List.of(
          List.of("grub-pc"),
          List.of("grub-efi-amd64", "grub-efi-amd64-signed", "shim-signed", "efibootmgr"));

  private final Clock clock;
  private final SecureRandom random;

  public MirrorBuilder(Clock clock, SecureRandom random) {
    this.clock = clock;
    this.random = random;
  }

  /** Builds, or brings up to date what is there; only a failure of apt or disk is an exception. */
  public MirrorReport build(MirrorRequest request, Progress progress) {
    MirrorKey key = MirrorKey.in(request.folder().resolve("key"), clock.instant(), random);
    AptRoot apt = open(request, request.suite());
    apt.update(progress);
    List<Stanza> available = apt.available();
    List<Missing> missing = new ArrayList<>();
    List<Stanza> debs = chooseDebs(request, apt, ordinaryByName(available), missing);
    Map<PackageId, Path> debFiles = apt.fetch(debs, "deb", progress);
    for (Stanza deb : debs) {
      if (!debFiles.containsKey(deb.id())) {
        missing.add(new Missing(deb.get("Package"), deb.get("Version"), apt.failure(deb.id())));
      }
    }
    List<Missing> essential = new ArrayList<>(missing);
    missing.forEach(gap -> progress.warn(gap.toString()));

    boolean borrowed = request.installerSuite() != request.suite();
    AptRoot installerApt = borrowed ? open(request, request.installerSuite()) : apt;
    if (borrowed) {
      installerApt.update(progress);
    }
    List<Stanza> installerAvailable = borrowed ? installerApt.available() : available;
    InstallerImage image =
        InstallerImage.obtain(
            request.installerSuite(),
            installerApt,
            installerAvailable,
            request.folder().resolve("installer-" + request.installerSuite().codename()),
            progress);
    InstallerComponents components =
        InstallerComponents.gather(
            image,
            installerAvailable.stream().filter(Stanza::isUdeb).toList(),
            installerApt,
            request.synthesiseMissing()
                ? List.of(
                    new UdebMaker(
                        installerApt,
                        ordinaryByName(installerAvailable),
                        request.folder().resolve("made-up")))
                : List.of(),
            progress);
    missing.addAll(components.missing());
    essential.addAll(components.missingEssential());
    return publish(request, key, debs, debFiles, image, components, missing, essential, progress);
  }

  private MirrorReport publish(
      MirrorRequest request,
      MirrorKey key,
      List<Stanza> debs,
      Map<PackageId, Path> debFiles,
      InstallerImage image,
      InstallerComponents components,
      List<Missing> missing,
      List<Missing> essential,
      Progress progress) {
    progress.step("write and sign the indices");
    MirrorTree tree = new MirrorTree(request.folder().resolve("debian"));
    List<Stanza> present = debs.stream().filter(d -> debFiles.containsKey(d.id())).toList();
    present.forEach(deb -> tree.addToPool(deb, file(debFiles, deb)));
    components.index().forEach(udeb -> tree.addToPool(udeb, file(components.files(), udeb)));
    Map<Suite, Map<String, List<Stanza>>> indices = new TreeMap<>();
    indices.put(request.suite(), new TreeMap<>(Map.of("main/binary-amd64", present)));
    indices
        .computeIfAbsent(request.installerSuite(), _ -> new TreeMap<>())
        .put("main/debian-installer/binary-amd64", components.index());
    boolean newIndices = tree.publish(indices, key, clock.instant());

    List<String> madeUp = new ArrayList<>();
    if (request.installerSuite() != request.suite()) {
      madeUp.add(
          "installer of "
              + request.installerSuite().codename()
              + " ("
              + image.origin()
              + ") used to install "
              + request.suite().codename());
    }
    madeUp.addAll(components.madeUp());
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("suite", request.suite().codename());
    facts.put(ArtifactManifest.INSTALLER_SUITE, request.installerSuite().codename());
    facts.put("made up", madeUp.isEmpty() ? "nothing" : String.join("; ", madeUp));
    boolean newImage =
        image.publish(
            request.artifacts(), request.profile(), key.publicKeyring(), facts, clock.instant());
    long bytes = 0;
    for (List<Stanza> part : List.of(present, components.index())) {
      bytes += part.stream().mapToLong(stanza -> Long.parseLong(stanza.get("Size"))).sum();
    }
    return new MirrorReport(
        tree.root(),
        key.publicFile(),
        request.artifacts(),
        present.size(),
        components.index().size(),
        bytes,
        tree.added() + (newIndices ? 1 : 0) + (newImage ? 1 : 0),
        missing,
        components.leftOut(),
        madeUp,
        essential);
  }

  private static Path file(Map<PackageId, Path> files, Stanza stanza) {
    Path file = files.get(stanza.id());
    if (file == null) {
      throw new IllegalStateException(stanza.id() + ": in the index but not downloaded");
    }
    return file;
  }

  private static AptRoot open(MirrorRequest request, Suite suite) {
    List<AptSource> sources = new ArrayList<>();
    for (AptSource source : request.sources()) {
      boolean main = source.suite().equals(request.suite().codename());
      if (main) {
        sources.add(source.with(suite.codename(), List.of("main", "main/debian-installer")));
      } else if (suite == request.suite()) {
        sources.add(source.with(source.suite(), List.of("main")));
      }
    }
    return AptRoot.open(
        request.folder().resolve("apt").resolve(suite.codename()),
        sources,
        suite.codename(),
        suite.otherName());
  }

  /**
   * The union of what debootstrap will ask for (first alternatives) and what apt would install,
   * once per combination of kernel and boot loader.
   */
  private static List<Stanza> chooseDebs(
      MirrorRequest request, AptRoot apt, Map<String, Stanza> byName, List<Missing> missing) {
    Set<String> base = new TreeSet<>();
    for (Stanza stanza : byName.values()) {
      String priority = stanza.get("Priority");
      if (priority.equals("required") || priority.equals("important")) {
        base.add(stanza.get("Package"));
      }
    }
    base.addAll(known(INSTALLER_WANTS, byName, missing));
    base.addAll(known(NODE_WANTS, byName, missing));
    base.addAll(known(request.packages(), byName, missing));
    List<String> kernels = known(request.kernels(), byName, missing);
    Set<String> chosen = new TreeSet<>();
    for (List<String> loader : BOOT_LOADERS) {
      List<String> together = new ArrayList<>(base);
      together.addAll(kernels);
      together.addAll(known(loader, byName, missing));
      apt.resolve(together).forEach(id -> chosen.add(id.name()));
    }
    chosen.addAll(new Closure(byName.values(), Set.of()).of(base));
    return chosen.stream().filter(byName::containsKey).map(byName::get).toList();
  }

  private static List<String> known(
      Collection<String> names, Map<String, Stanza> byName, List<Missing> missing) {
    Set<String> found = new LinkedHashSet<>();
    for (String name : names) {
      if (byName.containsKey(name)) {
        found.add(name);
      } else {
        missing.add(new Missing(name, "", "not in the package lists"));
      }
    }
    return List.copyOf(found);
  }

  private static Map<String, Stanza> ordinaryByName(List<Stanza> all) {
    Map<String, Stanza> byName = new TreeMap<>();
    for (Stanza stanza : all) {
      if (!stanza.isUdeb()) {
        byName.putIfAbsent(stanza.get("Package"), stanza);
      }
    }
    return byName;
  }
}
