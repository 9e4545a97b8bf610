// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.BuildException;
import foundrybot.images.Progress;
import foundrybot.images.mirror.MirrorRequest.Suite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds from the archive that this machine's apt knows, and has apt use the result. */
@Tag("slow")
class MirrorBuilderSlowTest {
  @TempDir Path folder;

  private static final class Quiet implements Progress {
    @Override
    public void step(String what) {
      System.out.println(what);
    }

    @Override
    public void advance(long done, long total) {}

    @Override
    public void warn(String what) {}
  }

  private MirrorReport build(Suite installer) {
    MirrorRequest request =
        MirrorRequest.debian12(
                folder.resolve("mirror"),
                folder.resolve("artifacts"),
                AptSource.ofMachine(Path.of("/etc/apt"), "bookworm"))
            .withPackages(List.of("jq", "no-such-package"))
            .withInstaller(installer, installer != Suite.BOOKWORM);
    return new MirrorBuilder(Clock.systemUTC(), new SecureRandom()).build(request, new Quiet());
  }

  @Test
  void aptUsesTheMirrorWithOurKeyOnlyAndASecondBuildChangesNothing() throws IOException {
    MirrorReport report = build(Suite.BOOKWORM);
    System.out.println(report);
    assertTrue(report.packages() > 200, "packages: " + report.packages());
    assertEquals(List.of(), report.madeUp());
    assertTrue(report.missing().stream().anyMatch(gap -> gap.name().equals("no-such-package")));
    assertFalse(report.canInstall(), "a package that was asked for is not there");
    assertEquals(List.of(), ArtifactManifest.read(report.artifacts()).faults(report.artifacts()));

    AptRoot good = root("good", report, report.keyring().toString());
    good.update(new Quiet());
    List<Stanza> jq = good.available().stream().filter(s -> s.get("Package").equals("jq")).toList();
    assertEquals(1, good.fetch(jq, "deb", new Quiet()).size());
    assertTrue(good.resolve(List.of("openssh-server", "jq", "grub-pc")).size() > 20);

    AptRoot bad = root("bad", report, "/usr/share/keyrings/debian-archive-keyring.gpg");
    assertThrows(BuildException.class, () -> bad.update(new Quiet()));

    Path dists = report.tree().resolve("dists");
    Path before = Files.readSymbolicLink(dists);
    assertEquals(0, build(Suite.BOOKWORM).changed());
    assertEquals(before, Files.readSymbolicLink(dists));
  }

  // A second release's lists must be consistent in the archive at this moment, so not in every run.
  @Tag("full")
  @Test
  void aBorrowedInstallerFillsTheGapsAndTheReportNamesThem() {
    MirrorReport report = build(Suite.TRIXIE);
    System.out.println(report);
    assertTrue(
        report.madeUp().getFirst().startsWith("installer of trixie"), report.madeUp().toString());
    assertEquals(
        List.of("no-such-package"),
        report.missingEssential().stream().map(MirrorReport.Missing::name).toList());
    assertEquals(0, build(Suite.TRIXIE).changed());
  }

  private AptRoot root(String name, MirrorReport report, String keyring) {
    return AptRoot.open(
        folder.resolve(name),
        List.of(new AptSource("file:" + report.tree(), "bookworm", List.of("main"), keyring)));
  }
}
