// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import foundrybot.images.Progress;
import foundrybot.images.Tool;
import foundrybot.images.mirror.MirrorRequest.Suite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;

/**
 * Debian's own kernel and initrd for booting its installer over the network.
 *
 * @param kernel the kernel file
 * @param initrd the initrd as Debian built it
 * @param origin the package and its version, for the manifest
 * @param kernelVersion the kernel's release ("6.1.0-50-amd64"); its module components must match
 * @param built names of components, also virtual ones, that the initrd holds already
 */
record InstallerImage(
    Path kernel, Path initrd, String origin, String kernelVersion, Set<String> built) {
  /** Bytes of dpkg's status file in an initrd; real ones have about 60 kB. */
  private static final int MAX_STATUS_BYTES = 4 << 20;

  private static final Pattern MODULES = Pattern.compile("(?:\\./)?(?:usr/)?lib/modules/([^/]+)");

  /** Takes the package through apt, unless its files of the same version are here already. */
  static InstallerImage obtain(
      Suite suite, AptRoot apt, List<Stanza> available, Path folder, Progress progress) {
    String name = "debian-installer-" + suite.version() + "-netboot-amd64";
    Stanza stanza =
        available.stream()
            .filter(candidate -> candidate.get("Package").equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new BuildException(
                        name
                            + ": not in the package lists of "
                            + suite.codename()
                            + "; add its component main to apt's sources"));
    Path unpacked = folder.resolve(stanza.get("Version"));
    if (!Files.isDirectory(unpacked)) {
      Path deb = apt.fetch(List.of(stanza), "deb", progress).get(stanza.id());
      if (deb == null) {
        throw new BuildException(stanza.id() + ": " + apt.failure(stanza.id()));
      }
      Digests.requireMatch(stanza, deb);
      FileTrees.delete(folder);
      Path temporary = Folders.create(folder.resolve("new"));
      Tool.named("dpkg-deb", "dpkg").run("-x", deb.toString(), temporary.toString());
      Folders.moveOver(temporary, unpacked);
    }
    Path files =
        unpacked.resolve(
            "usr/lib/debian-installer/images/"
                + suite.version()
                + "/amd64/text/debian-installer/amd64");
    return read(files.resolve("linux"), files.resolve("initrd.gz"), stanza.id().toString());
  }

  static InstallerImage read(Path kernel, Path initrd, String origin) {
    Set<String> versions = new HashSet<>();
    Set<String> built = new HashSet<>();
    try (InputStream file = Files.newInputStream(initrd);
        CpioArchiveInputStream cpio =
            new CpioArchiveInputStream(
                new GZIPInputStream(file), StandardCharsets.ISO_8859_1.name())) {
      for (CpioArchiveEntry entry = cpio.getNextEntry();
          entry != null;
          entry = cpio.getNextEntry()) {
        Matcher m = MODULES.matcher(entry.getName());
        if (m.matches()) {
          versions.add(m.group(1));
        } else if (entry.getName().endsWith("var/lib/dpkg/status")) {
          String status = new String(cpio.readNBytes(MAX_STATUS_BYTES), StandardCharsets.UTF_8);
          for (Stanza stanza : Stanza.parseAll(status)) {
            built.add(stanza.get("Package"));
            built.addAll(Closure.names(stanza.get("Provides")));
          }
        }
      }
    } catch (IOException e) {
      throw new BuildException(initrd + ": not a readable initrd (gzip, cpio)", e);
    }
    if (versions.size() != 1 || built.isEmpty()) {
      throw new BuildException(
          initrd
              + ": kernel versions "
              + versions
              + ", "
              + built.size()
              + " components (expected: one version and dpkg's status, as in Debian's netboot"
              + " initrd)");
    }
    return new InstallerImage(
        kernel, initrd, origin, versions.iterator().next(), Set.copyOf(built));
  }

  /**
   * Writes {@code linux}, {@code initrd.gz} (with our key behind Debian's archive) and the
   * manifest.
   *
   * @return whether anything changed
   */
  boolean publish(
      Path folder, String profile, byte[] publicKeyring, Map<String, String> facts, Instant now) {
    Folders.create(folder);
    boolean changed = replace(folder.resolve("linux"), Folders.read(kernel));
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(Folders.read(initrd));
    // No padding: each is a gzip member of its own, so zcat reads the whole as the kernel does.
    both.writeBytes(InitrdOverlay.of(publicKeyring));
    changed |= replace(folder.resolve("initrd.gz"), both.toByteArray());
    Map<String, String> all = new TreeMap<>(facts);
    all.put("installer", origin);
    all.put("kernel", kernelVersion);
    ArtifactManifest manifest =
        new ArtifactManifest(
            profile,
            now.toString(),
            all,
            List.of(
                ArtifactManifest.Artifact.of(folder.resolve("linux")),
                ArtifactManifest.Artifact.of(folder.resolve("initrd.gz"))));
    Path file = folder.resolve(ArtifactManifest.FILE_NAME);
    if (changed
        || !Files.exists(file)
        || !ArtifactManifest.read(folder).facts().equals(manifest.facts())) {
      manifest.write(folder);
      return true;
    }
    return false;
  }

  private static boolean replace(Path file, byte[] bytes) {
    if (Files.exists(file) && java.util.Arrays.equals(Folders.read(file), bytes)) {
      return false;
    }
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Folders.write(temporary, bytes);
    Folders.moveOver(temporary, file);
    return true;
  }
}
