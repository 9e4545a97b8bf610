// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.BuildException;
import foundrybot.images.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where the real apt finds nothing. */
@Tag("slow")
class AptRootTest {
  @TempDir Path folder;

  private static final class Warnings implements Progress {
    private final List<String> said = new ArrayList<>();

    @Override
    public void step(String what) {}

    @Override
    public void advance(long done, long total) {}

    @Override
    public void warn(String what) {
      said.add(what);
    }
  }

  @Test
  void aSuiteThatTheMirrorDoesNotHaveIsNamedAtTheFirstTry() throws Exception {
    Path mirror = Files.createDirectory(folder.resolve("mirror"));
    String keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    AptSource source = new AptSource("file:" + mirror, "nonsense", List.of("main"), keyring);
    AptRoot apt = AptRoot.open(folder.resolve("apt"), List.of(source));
    Warnings warnings = new Warnings();
    BuildException e = assertThrows(BuildException.class, () -> apt.update(warnings));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("suite nonsense: not found at file:" + mirror), message);
    assertEquals(1, warnings.said.stream().filter(line -> line.startsWith("E:")).count(), message);
  }
}
