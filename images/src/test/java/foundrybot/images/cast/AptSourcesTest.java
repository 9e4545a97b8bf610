// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.BuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AptSourcesTest {
  @TempDir Path apt = Path.of("");

  @BeforeEach
  void layOut() throws IOException {
    Files.createDirectories(apt.resolve("sources.list.d"));
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(apt.resolve(name), text);
  }

  @Test
  void bothFormsAreReadAndOnlyTheSuiteWithItsUpdatesIsTaken() throws IOException {
    write(
        "sources.list",
        """
        # deb http://commented.example/debian bookworm main
        deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main contrib
        deb-src http://mirror.example/debian bookworm main
        deb http://mirror.example/debian bookworm-backports main
        deb http://other.example/tool stable main
        """);
    write(
        "sources.list.d/debian.sources",
        """
        Types: deb deb-src
        # where it comes from
        URIs: http://mirror.example/debian-security
        Suites: bookworm-security
        Components: main
        Signed-By: /usr/share/keyrings/b.gpg

        Enabled: no
        Types: deb
        URIs: http://off.example/debian
        Suites: bookworm
        Components: main
        """);
    write("sources.list.d/x.list.disabled", "deb http://x.example/debian bookworm main\n");
    AptSources sources = AptSources.read(apt, "bookworm");
    assertEquals(
        List.of(
            "deb [signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main"
                + " contrib",
            "deb [signed-by=/usr/share/keyrings/b.gpg] http://mirror.example/debian-security"
                + " bookworm-security main"),
        sources.lines());
    assertEquals(2, sources.leftOut().size());
    assertTrue(sources.leftOut().getFirst().contains("bookworm-backports"));
  }

  @Test
  void aSourceThatIsTrustedWithoutASignatureIsNotUsed() throws IOException {
    write("sources.list", "deb [trusted=yes] http://m.example/debian bookworm main\n");
    assertThrows(BuildException.class, () -> AptSources.read(apt, "bookworm"));
  }

  @Test
  void passwordsOfAMirrorDoNotReachTheImage() throws IOException {
    write("sources.list", "deb http://user:secret@m.example/debian bookworm main\n");
    AptSources sources = AptSources.read(apt, "bookworm");
    assertEquals(List.of("deb http://m.example/debian bookworm main"), sources.linesForImage());
    assertTrue(sources.lines().getFirst().contains("secret"));
  }

  @Test
  void aMissingSuiteIsNamedTogetherWithWhatWasSeen() throws IOException {
    write("sources.list", "deb http://m.example/debian trixie main\n");
    BuildException refused =
        assertThrows(BuildException.class, () -> AptSources.read(apt, "bookworm"));
    assertTrue(String.valueOf(refused.getMessage()).contains("suite bookworm"));
    assertTrue(String.valueOf(refused.getMessage()).contains("trixie"));
  }
}
