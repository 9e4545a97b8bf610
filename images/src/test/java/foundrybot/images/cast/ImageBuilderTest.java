// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.BuildException;
import foundrybot.images.Progress;
import foundrybot.images.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real build from the machine's own package sources: root, mmdebstrap, about two minutes. */
@Tag("slow")
class ImageBuilderTest {
  @TempDir Path folder = Path.of("");
  private final List<String> steps = new ArrayList<>();

  private final Progress progress =
      new Progress() {
        @Override
        public void step(String what) {
          steps.add(what);
        }

        @Override
        public void advance(long done, long total) {
          assertTrue(done >= 0 && total >= 0);
        }

        @Override
        public void warn(String what) {
          steps.add("warning: " + what);
        }
      };

  private ImageRequest request() {
    return ImageRequest.of("debian-12-cast", "bookworm", folder.resolve("image"))
        .withKernel("linux-image-cloud-amd64");
  }

  private static void needRoot() {
    boolean root = "root".equals(System.getProperty("user.name"));
    assertTrue(root || !"true".equals(System.getenv("CI")), "needs root; CI skips nothing");
    assumeTrue(root, "needs root");
  }

  private String inImage(Path image, String command) {
    return new String(
        Tool.named("debugfs", "e2fsprogs").output("-R", command, image.toString()),
        StandardCharsets.UTF_8);
  }

  @Test
  void theSamePackagesGiveTheSameBytesAndNoIdentityOfTheirOwn() throws Exception {
    needRoot();
    ImageBuilder builder = new ImageBuilder(Clock.systemUTC());
    ImageReport report = builder.build(request(), progress);
    ArtifactManifest manifest = ArtifactManifest.read(folder.resolve("image"));
    assertEquals(report.manifest().artifacts(), manifest.artifacts());
    assertEquals(List.of(), manifest.faults(folder.resolve("image")));
    assertEquals("bookworm", manifest.facts().get("suite"));
    assertTrue(steps.size() >= 5, steps.toString());

    Path image = folder.resolve("root.img");
    Tool.named("zstd", "zstd")
        .run("-q", "-d", folder.resolve("image/root.img.zst").toString(), "-o", image.toString());
    assertEquals(String.valueOf(Files.size(image)), manifest.facts().get("root bytes"));
    assertEquals("", inImage(image, "cat /etc/machine-id"));
    assertFalse(inImage(image, "ls -p /etc/ssh").contains("ssh_host_"));
    assertEquals(FirstBoot.script(), inImage(image, "cat " + FirstBoot.SCRIPT_PATH));
    assertTrue(inImage(image, "ls -p /usr/lib/grub").contains("i386-pc"));
    assertTrue(inImage(image, "ls -p /usr/lib/grub").contains("x86_64-efi"));
    assertTrue(
        inImage(image, "ls -p /boot").contains("initrd.img-" + manifest.facts().get("kernel")));
    Files.delete(image);

    ImageReport again = builder.build(request(), progress);
    assertEquals(manifest.artifacts(), again.manifest().artifacts());
  }

  @Test
  void aPackageThatDoesNotExistIsNamedAndTheOldImageStays() throws Exception {
    needRoot();
    Path old = Files.createDirectories(folder.resolve("image"));
    Files.writeString(old.resolve("mark"), "old");
    ImageRequest request = request().withExtraPackages(List.of("no-such-package-here"));
    BuildException refused =
        assertThrows(
            BuildException.class,
            () -> new ImageBuilder(Clock.systemUTC()).build(request, progress));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("no-such-package-here"),
        refused.getMessage());
    assertEquals("old", Files.readString(old.resolve("mark")));
  }
}
