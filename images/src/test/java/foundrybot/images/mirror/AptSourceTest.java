// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.BuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AptSourceTest {
  @TempDir Path etc;

  @Test
  void bothFormsAreReadAndThirdPartiesAreLeftOut() throws IOException {
    Files.writeString(
        etc.resolve("sources.list"),
        """
        # deb http://old.example/debian bookworm main
        deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian/ bookworm main contrib # x
        deb-src http://mirror.example/debian bookworm main
        deb https://vendor.example/apt bookworm main
        """);
    Files.createDirectories(etc.resolve("sources.list.d"));
    Files.writeString(
        etc.resolve("sources.list.d/debian.sources"),
        """
        Types: deb deb-src
        URIs: http://mirror.example/debian-security
        Suites: bookworm-security
        Components: main
        Signed-By: /s.gpg

        Types: deb
        Enabled: no
        URIs: http://mirror.example/debian
        Suites: bookworm-updates
        Components: main
        """);
    assertEquals(
        List.of(
            new AptSource(
                "http://mirror.example/debian", "bookworm", List.of("main", "contrib"), "/k.gpg"),
            new AptSource(
                "http://mirror.example/debian-security",
                "bookworm-security",
                List.of("main"),
                "/s.gpg")),
        AptSource.ofMachine(etc, "bookworm"));
  }

  @Test
  void aMachineWithoutThatReleaseIsToldWhatToAdd() {
    BuildException e =
        assertThrows(BuildException.class, () -> AptSource.ofMachine(etc, "bookworm"));
    assertTrue(
        String.valueOf(e.getMessage()).contains("no entry of Debian's archive for bookworm"));
  }

  @Test
  void aLineBreakInASourceIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new AptSource("http://a/debian", "b\ndeb x", List.of("main"), ""));
  }
}
