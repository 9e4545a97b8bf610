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

  /** GO-2025-3530: a name that leads to what is another's, and from there to a machine. */
  @Test
  void aLinkOutOfTheFolderLeadsNowhere(@TempDir Path elsewhere) throws Exception {
    Path secret = Files.writeString(elsewhere.resolve("operator.token"), "secret\n");
    Files.createDirectory(folder.resolve("files"));
    Files.createSymbolicLink(folder.resolve("files/a"), secret);
    Files.createSymbolicLink(folder.resolve("below"), elsewhere);
    Files.writeString(folder.resolve("real"), "mine\n");
    Files.createSymbolicLink(folder.resolve("files/b"), Path.of("../real"));
    BesideFiles beside = new BesideFiles(folder);
    assertEquals(Optional.empty(), beside.text("files/a"));
    assertEquals(Optional.empty(), beside.text("below/operator.token"));
    assertEquals(Optional.of("mine\n"), beside.text("files/b"), "a link within it");

    Path link = Files.createSymbolicLink(elsewhere.resolve("rack"), folder);
    assertEquals(Optional.of("mine\n"), new BesideFiles(link).text("real"), "a folder by a link");
  }
}
