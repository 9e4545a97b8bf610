// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BesideFilesTest {
  @TempDir Path folder = Path.of("");

  @Test
  void whatTheRackFileNamesIsWatchedAlsoWhereItIsNotThereYet() throws Exception {
    BesideFiles beside = new BesideFiles(folder);
    assertEquals("", beside.mark());
    assertEquals(Optional.empty(), beside.text("files/a"));
    String missing = beside.mark();
    Path file = Files.createDirectory(folder.resolve("files")).resolve("a");
    Files.writeString(file, "one\n");
    Files.writeString(folder.resolve("other"), "nobody asks for it\n");
    String there = beside.mark();
    assertNotEquals(missing, there);
    assertEquals(Optional.of("one\n"), beside.text("files/a"));
    assertEquals(there, beside.mark());
    Files.writeString(file, "three\n");
    assertNotEquals(there, beside.mark());
    assertEquals(Optional.empty(), beside.text("files"), "a folder has no text");
  }
}
