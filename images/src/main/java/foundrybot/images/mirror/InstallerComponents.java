// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.Progress;
import foundrybot.images.mirror.MirrorReport.Missing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Chooses and gets the installer's components (udebs) for one installer image: all that fit its
 * kernel, less what only a graphical or talking installer uses.
 */
final class InstallerComponents {
  /** Components by which an unattended installation onto ext4 gets from disk to boot loader. */
  private static final List<String> ESSENTIAL =
      List.of(
          "disk-detect",
          "partman-base",
          "partman-auto",
          "partman-ext3",
          "partman-efi",
          "partman-basicfilesystems",
          "partman-partitioning",
          "partman-target",
          "ext4-modules",
          "scsi-modules",
          "debootstrap-udeb",
          "bootstrap-base",
          "user-setup-udeb",
          "clock-setup",
          "tzsetup-udeb",
          "apt-setup-udeb",
          "apt-mirror-setup",
          "pkgsel",
          "grub-installer",
          "finish-install");

  /** No text-mode installation loads these; they are two thirds of the volume. */
  private static final Pattern UNUSED =
      Pattern.compile(
          "fonts-.*|xserver-.*|libx.*-udeb|libgtk.*|.*gtk.*|libcairo.*|libpango.*|espeak.*|brltty.*"
              + "|.*sound.*|alsa-.*|libasound.*|speakup-.*|libatk.*|at-spi2-.*|.*wireless.*"
              + "|console-keymaps-.*|matchbox-.*|x11-.*|libvte.*|libgl.*|libfont.*|fontconfig-.*"
              + "|kickseed-.*|initrd-kickseed|oldsys-.*|simple-cdd-.*|live-installer"
              + "|network-console"
              + "|rescue-.*|lvmcfg.*|driver-injection-.*|cdrom-(checker|detect|retriever)"
              + "|apt-cdrom-setup|load-.*|iso-scan"
              + "|nobootloader|depthcharge-.*|systemd-boot-installer|libwacom.*|kernel-image-.*");

  private final List<Stanza> index = new ArrayList<>();
  private final Map<PackageId, Path> files = new LinkedHashMap<>();
  private final List<Missing> missing = new ArrayList<>();
  private final List<Missing> missingEssential = new ArrayList<>();
  private final List<String> leftOut = new ArrayList<>();
  private final List<String> madeUp = new ArrayList<>();

  List<Stanza> index() {
    return index;
  }

  Map<PackageId, Path> files() {
    return files;
  }

  List<Missing> missing() {
    return missing;
  }

  List<Missing> missingEssential() {
    return missingEssential;
  }

  List<String> leftOut() {
    return leftOut;
  }

  List<String> madeUp() {
    return madeUp;
  }

  /**
   * Gets the components.
   *
   * @param udebs all that the installer's release names
   * @param maker one if missing components may be made, else none
   */
  static InstallerComponents gather(
      InstallerImage image,
      List<Stanza> udebs,
      AptRoot apt,
      List<UdebMaker> maker,
      Progress progress) {
    InstallerComponents result = new InstallerComponents();
    Map<String, Stanza> wanted = new TreeMap<>();
    List<Stanza> otherKernels = new ArrayList<>();
    for (Stanza udeb : udebs) {
      String kernel = udeb.get("Kernel-Version");
      if (kernel.isEmpty() || kernel.equals(image.kernelVersion())) {
        if (!UNUSED.matcher(udeb.get("Package")).matches()) {
          wanted.put(udeb.get("Package"), udeb);
        }
      } else if (!maker.isEmpty()) {
        otherKernels.add(udeb);
      }
    }
    Map<PackageId, Path> here = apt.fetch(wanted.values(), "udeb", progress);
    List<Stanza> absent =
        wanted.values().stream().filter(udeb -> !here.containsKey(udeb.id())).toList();
    for (Stanza udeb : wanted.values()) {
      Path file = here.get(udeb.id());
      if (file != null) {
        result.add(udeb, file);
      }
    }
    for (Stanza udeb : absent) {
      Missing gap = new Missing(udeb.get("Package"), udeb.get("Version"), apt.failure(udeb.id()));
      result.missing.add(gap);
      progress.warn(gap.toString());
    }
    for (UdebMaker each : maker) {
      result.makeUp(absent, each, apt.fetch(otherKernels, "udeb", progress), progress);
    }
    result.judge(wanted.values(), image);
    return result;
  }

  private void add(Stanza udeb, Path file) {
    index.add(udeb);
    files.put(udeb.id(), file);
  }

  private void makeUp(
      List<Stanza> absent, UdebMaker maker, Map<PackageId, Path> twins, Progress progress) {
    progress.step("make up installer components that the archive does not hand out");
    long done = 0;
    for (Stanza udeb : absent) {
      maker.make(udeb, twins, progress).ifPresent(this::addMade);
      progress.advance(++done, absent.size());
    }
    maker.tidy();
  }

  private void addMade(UdebMaker.Made made) {
    byte[] bytes = Folders.read(made.file());
    Stanza stanza =
        made.control()
            .with("Filename", "pool/made-up/" + made.file().getFileName())
            .with("Size", String.valueOf(bytes.length))
            .with("MD5sum", Digests.of("MD5", bytes))
            .with("SHA256", Digests.of("SHA-256", bytes));
    add(stanza, made.file());
    madeUp.add(made.description());
  }

  /**
   * A component whose needs are missing would fail in the installer, so it is kept out; if it is an
   * essential one, no installation can finish.
   */
  private void judge(Collection<Stanza> wanted, InstallerImage image) {
    Set<String> present = new HashSet<>(image.built());
    for (Stanza stanza : index) {
      present.add(stanza.get("Package"));
      present.addAll(Closure.names(stanza.get("Provides")));
    }
    Set<String> named = new HashSet<>(image.built());
    for (Stanza stanza : wanted) {
      named.add(stanza.get("Package"));
      named.addAll(Closure.names(stanza.get("Provides")));
    }
    Closure closure = new Closure(wanted, image.built());
    Map<String, Missing> gaps = new HashMap<>();
    missing.forEach(gap -> gaps.put(gap.name(), gap));
    List<String> roots = new ArrayList<>(ESSENTIAL);
    wanted.stream()
        .filter(stanza -> stanza.get("Priority").equals("required"))
        .forEach(stanza -> roots.add(stanza.get("Package")));
    for (String need : closure.of(roots)) {
      if (!present.contains(need)) {
        missingEssential.add(gaps.getOrDefault(need, new Missing(need, "", "named by no index")));
      }
    }
    boolean again = true;
    while (again) {
      again = false;
      for (Stanza stanza : List.copyOf(index)) {
        List<String> unmet =
            Closure.names(stanza.get("Depends")).stream()
                .filter(need -> named.contains(need) && !present.contains(need))
                .toList();
        if (!unmet.isEmpty() && !ESSENTIAL.contains(stanza.get("Package"))) {
          index.remove(stanza);
          files.remove(stanza.id());
          present.remove(stanza.get("Package"));
          leftOut.add(stanza.id() + ": needs " + String.join(", ", unmet));
          again = true;
        }
      }
    }
  }
}
