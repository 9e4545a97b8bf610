// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.images.BuildException;
import foundrybot.images.Progress;
import foundrybot.images.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds what a machine is cast from: a root image, and the kernel and deploy environment that put
 * it on a disk.
 */
public final class ImageBuilder {
  /** The kernel that runs the deploy environment; the installed system has the same one. */
  public static final String KERNEL = "vmlinuz";

  /** The deploy environment. */
  public static final String INITRAMFS = "deploy.img";

  /** The root file system, zstd-compressed ext4. */
  public static final String ROOT_IMAGE = "root.img.zst";

  /** Name and version of every package in the root file system. */
  public static final String PACKAGES = "packages.txt";

  /**
   * The youngest time any file of an image has (2026-01-01). A fixed one, so that building again
   * from the same packages gives the same bytes.
   */
  private static final long EPOCH = 1_767_225_600L;

  private final Clock clock;

  public ImageBuilder(Clock clock) {
    this.clock = clock;
  }

  /**
   * Builds into a staging folder and swaps it in when it is whole; the old output stays in force
   * until then, and after a failure.
   *
   * @throws BuildException when a tool, a package or the right to build is missing
   */
  public ImageReport build(ImageRequest request, Progress progress) {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new BuildException(
          "building a root image needs root, because its files belong to many users;"
              + " run this command with sudo");
    }
    List<String> notes = new ArrayList<>();
    Progress noting = new NotingProgress(progress, notes);
    noting.step("read the package sources in " + request.aptFolder());
    AptSources sources = AptSources.read(request.aptFolder(), request.suite());
    sources.leftOut().forEach(left -> notes.add("package source not used: " + left));
    try (Staging staging = Staging.open(request.output())) {
      ArtifactManifest manifest = buildInto(staging.folder(), request, sources, notes, noting);
      staging.commit();
      return new ImageReport(request.output(), manifest, notes);
    }
  }

  private ArtifactManifest buildInto(
      Path folder,
      ImageRequest request,
      AptSources sources,
      List<String> notes,
      Progress progress) {
    Path work = newFolder(folder.resolve("work"));
    progress.step("install " + request.suite() + " with " + request.kernelPackage());
    FileTree tree = RootTree.build(request, sources, work.resolve("tree"), EPOCH, progress);
    ArtifactManifest manifest = assemble(tree, folder, work, request, sources, notes, progress);
    Staging.remove(work);
    manifest.write(folder);
    return manifest;
  }

  /** Everything after the packages are installed. */
  ArtifactManifest assemble(
      FileTree tree,
      Path folder,
      Path work,
      ImageRequest request,
      AptSources sources,
      List<String> notes,
      Progress progress) {
    String kernel = RootTree.kernelVersion(tree);
    progress.step("make the root file system image");
    Path image = work.resolve("root.img");
    String name = request.profile() + "/" + request.suite();
    long rootBytes = RootImage.build(tree.root(), image, work, name, EPOCH);
    progress.step("compress " + (rootBytes >> 20) + " MiB");
    Tool.named("zstd", "zstd")
        .run("-q", "-f", "-T0", "-9", image.toString(), "-o", path(folder, ROOT_IMAGE));
    progress.step("make the deploy environment for kernel " + kernel);
    List<String> remarks =
        new DeployInitramfs(tree, kernel)
            .build(folder.resolve(INITRAMFS), rootBytes, work, progress);
    remarks.forEach(progress::warn);
    String packages = RootTree.packageList(tree);
    try {
      Files.copy(tree.get("boot/vmlinuz-" + kernel), folder.resolve(KERNEL));
      Files.writeString(folder.resolve(PACKAGES), packages);
    } catch (IOException e) {
      throw new BuildException(folder + ": cannot be written (" + e.getMessage() + ")", e);
    }
    progress.step("take the digests");
    List<Artifact> artifacts = new ArrayList<>();
    for (String file : List.of(KERNEL, INITRAMFS, ROOT_IMAGE, PACKAGES)) {
      artifacts.add(Artifact.of(folder.resolve(file)));
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("suite", request.suite());
    facts.put("kernel", kernel);
    facts.put("kernel package", request.kernelPackage());
    facts.put("extra packages", String.join(" ", request.extraPackages()));
    facts.put("packages", String.valueOf(packages.lines().count()));
    facts.put("packages sha256", artifacts.getLast().sha256());
    facts.put("root bytes", String.valueOf(rootBytes));
    facts.put("source date epoch", String.valueOf(EPOCH));
    facts.put(ArtifactManifest.RESCUE, "consoles, ssh");
    facts.put(ArtifactManifest.TASKS, "inspect, erase");
    facts.put("sources", String.join("; ", sources.linesForImage()));
    facts.put("notes", String.join("; ", notes));
    return new ArtifactManifest(request.profile(), clock.instant().toString(), facts, artifacts);
  }

  /** Passes everything on and keeps the warnings. */
  private record NotingProgress(Progress next, List<String> notes) implements Progress {
    @Override
    public void step(String what) {
      next.step(what);
    }

    @Override
    public void advance(long done, long total) {
      next.advance(done, total);
    }

    @Override
    public void warn(String what) {
      synchronized (notes) {
        notes.add(what);
      }
      next.warn(what);
    }
  }

  private static Path newFolder(Path folder) {
    try {
      return Files.createDirectory(folder);
    } catch (IOException e) {
      throw new BuildException(folder + ": cannot be made (" + e.getMessage() + ")", e);
    }
  }

  private static String path(Path folder, String name) {
    return folder.resolve(name).toString();
  }
}
