// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import foundrybot.images.Progress;
import foundrybot.images.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes installer components that the archive's index names but its servers do not hand out, from
 * ordinary packages of exactly the same version. Control data is Debian's own, taken from the
 * index; module components get the modules that the same component of another kernel build holds.
 */
final class UdebMaker {
  /** Bump when the way of making changes, so that no old result is used again. */
  private static final String RECIPE = "2";

  /** Which ordinary packages a component is made of, and which of their files it holds. */
  private record Recipe(List<String> debs, Pattern files) {}

  private static final Map<String, Recipe> RECIPES =
      Map.of(
          "e2fsprogs-udeb",
          new Recipe(
              List.of("e2fsprogs", "libext2fs2t64", "libext2fs2", "libcom-err2", "libss2"),
              Pattern.compile(
                  "(usr/)?sbin/(mke2fs|mkfs\\.ext.|e2fsck|fsck\\.ext.|tune2fs|resize2fs|badblocks"
                      + "|e2label)|etc/mke2fs\\.conf|(usr/)?lib/x86_64-linux-gnu/lib.*\\.so\\..*")),
          "libmount1-udeb",
          new Recipe(
              List.of("libmount1"),
              Pattern.compile("(usr/)?lib/x86_64-linux-gnu/lib.*\\.so\\..*")));

  /** Needed by name only: nothing of it runs in an installation onto ext4. */
  private static final Set<String> STAND_INS = Set.of("ntfs-3g-udeb");

  /** Newer mke2fs defaults that GRUB and e2fsck of the release before do not know. */
  private static final List<String> TOO_NEW = List.of("metadata_csum_seed", "orphan_file");

  private final AptRoot apt;
  private final Map<String, Stanza> debs;
  private final Path folder;
  private final Map<String, Path> unpacked = new LinkedHashMap<>();

  /**
   * @param debs ordinary packages of the installer's release, by name
   * @param folder working folder and store of what was made
   */
  UdebMaker(AptRoot apt, Map<String, Stanza> debs, Path folder) {
    this.apt = apt;
    this.debs = debs;
    this.folder = folder;
  }

  /**
   * A made component.
   *
   * @param file the component
   * @param control its control paragraph, without the file's size and digests
   * @param description what it is made of, for the report
   */
  record Made(Path file, Stanza control, String description) {}

  /**
   * Makes one component if there is a way.
   *
   * @param twins components at hand; the same one of another kernel build lends its list of modules
   */
  Optional<Made> make(Stanza wanted, Map<PackageId, Path> twins, Progress progress) {
    String name = wanted.get("Package");
    Stanza control = control(wanted);
    Recipe recipe = RECIPES.get(name);
    if (STAND_INS.contains(name)) {
      Stanza bare = control.without("Depends");
      Path tree = freshTree(name);
      Folders.create(tree.resolve("usr/share"));
      return Optional.of(new Made(pack(tree, bare), bare, wanted.id() + ": an empty stand-in"));
    }
    if (recipe != null) {
      return fromRecipe(wanted, control, recipe, progress);
    }
    String kernel = wanted.get("Kernel-Version");
    return kernel.isEmpty() ? Optional.empty() : modules(wanted, control, kernel, twins, progress);
  }

  private Optional<Made> fromRecipe(
      Stanza wanted, Stanza control, Recipe recipe, Progress progress) {
    Path tree = freshTree(wanted.get("Package"));
    List<String> used = new ArrayList<>();
    for (String deb : recipe.debs()) {
      Stanza source = debs.get(deb);
      if (source == null || !source.get("Version").equals(wanted.get("Version"))) {
        continue;
      }
      Optional<Path> from = unpack(source, progress);
      if (from.isEmpty()) {
        return Optional.empty();
      }
      used.add(source.id().toString());
      copy(from.get(), tree, recipe.files());
    }
    if (used.isEmpty()) {
      return Optional.empty();
    }
    tameMke2fs(tree.resolve("etc/mke2fs.conf"));
    return Optional.of(
        new Made(
            pack(tree, control),
            control,
            wanted.id() + ": made of files of " + String.join(", ", used)));
  }

  private Optional<Made> modules(
      Stanza wanted, Stanza control, String kernel, Map<PackageId, Path> twins, Progress progress) {
    String stem = wanted.get("Package").replace(kernel, "\0");
    Optional<Map.Entry<PackageId, Path>> twin =
        twins.entrySet().stream()
            .filter(entry -> sameModules(stem, entry.getKey().name()))
            .findFirst();
    Stanza image = debs.get("linux-image-" + kernel);
    if (twin.isEmpty() || image == null || !stem.contains("\0")) {
      return Optional.empty();
    }
    Optional<Path> from = unpack(image, progress);
    if (from.isEmpty()) {
      return Optional.empty();
    }
    Path tree = freshTree(wanted.get("Package"));
    Path base = from.get().resolve("usr/lib/modules/" + kernel);
    Path modules = Files.isDirectory(base) ? base : from.get().resolve("lib/modules/" + kernel);
    int found = 0;
    for (String file : moduleNames(twin.get().getValue())) {
      Path source = modules.resolve(file);
      // A module that this build has linked into its kernel has no file.
      if (Files.isRegularFile(source)) {
        Folders.linkOrCopy(source, tree.resolve("lib/modules/" + kernel + "/" + file));
        found++;
      }
    }
    return found == 0
        ? Optional.empty()
        : Optional.of(
            new Made(
                pack(tree, control),
                control,
                wanted.id()
                    + ": "
                    + found
                    + " modules of "
                    + image.id()
                    + ", chosen as in "
                    + twin.get().getKey()));
  }

  private static boolean sameModules(String stem, String candidate) {
    int gap = stem.indexOf('\0');
    return gap >= 0
        && candidate.length() > stem.length()
        && candidate.startsWith(stem.substring(0, gap))
        && candidate.endsWith(stem.substring(gap + 1))
        && Character.isDigit(candidate.charAt(gap));
  }

  /** Paths below the version's folder, of a component of another kernel build. */
  private List<String> moduleNames(Path udeb) {
    Path tree = freshTree("twin");
    Tool.named("dpkg-deb", "dpkg").run("-x", udeb.toString(), tree.toString());
    Pattern version = Pattern.compile("^(usr/)?lib/modules/[^/]+/");
    return Folders.filesBelow(tree).stream()
        .map(file -> version.matcher(tree.relativize(file).toString()).replaceFirst(""))
        .filter(name -> name.contains(".ko"))
        .toList();
  }

  private Optional<Path> unpack(Stanza deb, Progress progress) {
    String name = deb.get("Package");
    Path done = unpacked.get(name);
    if (done != null) {
      return Optional.of(done);
    }
    Path file = apt.fetch(List.of(deb), "deb", progress).get(deb.id());
    if (file == null) {
      progress.warn(deb.id() + ": " + apt.failure(deb.id()));
      return Optional.empty();
    }
    Digests.requireMatch(deb, file);
    Path tree = freshTree("deb-" + name);
    Tool.named("dpkg-deb", "dpkg").run("-x", file.toString(), tree.toString());
    unpacked.put(name, tree);
    return Optional.of(tree);
  }

  private static void copy(Path from, Path to, Pattern wanted) {
    try (var files = Files.walk(from)) {
      for (Path file : files.sorted().toList()) {
        String name = from.relativize(file).toString();
        if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) && wanted.matcher(name).matches()) {
          Path copy = to.resolve(name);
          Folders.create(Folders.parent(copy));
          Files.copy(
              file,
              copy,
              LinkOption.NOFOLLOW_LINKS,
              StandardCopyOption.COPY_ATTRIBUTES,
              StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new BuildException(from + ": cannot be copied to " + to, e);
    }
  }

  private static void tameMke2fs(Path conf) {
    if (Files.exists(conf)) {
      String text = new String(Folders.read(conf), StandardCharsets.UTF_8);
      for (String feature : TOO_NEW) {
        text = text.replace("," + feature, "").replace(feature + ",", "");
      }
      Folders.write(conf, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Debian's own paragraph without what describes the file Debian had built. */
  private static Stanza control(Stanza wanted) {
    Stanza control = wanted;
    for (String field :
        List.of("Filename", "Size", "MD5sum", "SHA1", "SHA256", "Description-md5")) {
      control = control.without(field);
    }
    return control;
  }

  private Path freshTree(String name) {
    Path tree = folder.resolve("tree").resolve(name);
    FileTrees.delete(tree);
    return Folders.create(tree);
  }

  private Path pack(Path tree, Stanza control) {
    Folders.write(
        tree.resolve("DEBIAN/control"), control.toString().getBytes(StandardCharsets.UTF_8));
    Path file =
        Folders.create(folder.resolve("made-" + RECIPE))
            .resolve(control.id().aptFileName("udeb").replace("%3a", "_"));
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    // The time stamp makes two runs give the same bytes; --nocheck because udebs have long names.
    Tool.named("dpkg-deb", "dpkg")
        .with("SOURCE_DATE_EPOCH", "1735689600")
        .run(
            "--root-owner-group",
            "--nocheck",
            "--threads-max=1",
            "-Zxz",
            "-b",
            tree.toString(),
            temporary.toString());
    Folders.moveOver(temporary, file);
    return file;
  }

  /** Frees the room that unpacked packages took. */
  void tidy() {
    unpacked.clear();
    FileTrees.delete(folder.resolve("tree"));
  }
}
