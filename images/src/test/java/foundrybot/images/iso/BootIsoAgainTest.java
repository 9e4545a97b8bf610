// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.iso;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.BuildException;
import foundrybot.images.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an image whose xorriso dies, played by a shell script. */
class BootIsoAgainTest {
  private static final BootIso.Content CONTENT =
      new BootIso.Content(Map.of("BOOTX64.EFI", new byte[100]), new byte[0], new byte[10]);

  @TempDir private Path folder = Path.of("");
  private final List<String> said = new ArrayList<>();

  /** Writes "image" behind what is there, and then does that. */
  private Tool xorriso(String end) throws IOException {
    Path script = folder.resolve("xorriso");
    Files.writeString(
        script,
        """
        #!/bin/sh
        while [ "$1" != -o ]; do shift; done
        printf image >>"$2"
        echo run >>RUNS
        %s
        """
            .replace("RUNS", runs().toString())
            .formatted(end.replace("RUNS", runs().toString())));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return Tool.at(script);
  }

  private Path runs() {
    return folder.resolve("runs");
  }

  private int count() throws IOException {
    return Files.readAllLines(runs()).size();
  }

  @Test
  void aCrashIsSaidAndTheImageMadeOnceMoreFromTheStart() throws IOException {
    Tool xorriso = xorriso("[ $(wc -l <RUNS) -gt 1 ] || kill -SEGV $$");
    Path image = BootIso.build(xorriso, CONTENT, folder, "n.iso", said::add);
    assertEquals("image", Files.readString(image));
    assertEquals(List.of("xorriso: ended by signal 11, run once more"), said);
  }

  @Test
  void aSecondCrashIsAnErrorAndLeavesNoImage() throws IOException {
    Tool xorriso = xorriso("kill -SEGV $$");
    BuildException error =
        assertThrows(
            BuildException.class,
            () -> BootIso.build(xorriso, CONTENT, folder, "n.iso", said::add));
    assertTrue(error.toString().contains("exit status 139"), error::toString);
    assertEquals(2, count());
    assertFalse(Files.exists(folder.resolve("n.iso")));
  }

  @Test
  void whatItDoesNotLikeIsNotAskedTwice() throws IOException {
    Tool xorriso = xorriso("echo 'no room'; exit 5");
    BuildException error =
        assertThrows(
            BuildException.class,
            () -> BootIso.build(xorriso, CONTENT, folder, "n.iso", said::add));
    assertTrue(error.toString().contains("no room"), error::toString);
    assertEquals(1, count());
    assertEquals(List.of(), said);
  }

  @Test
  void whoeverEndsWellHasNothingSaid() throws IOException {
    BootIso.build(xorriso(":"), CONTENT, folder, "n.iso", said::add);
    assertEquals(List.of(), said);
    assertEquals(1, count());
  }
}
