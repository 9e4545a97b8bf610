// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.BuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingTest {
  @TempDir Path parent = Path.of("");

  private void build(Path output, String text) throws IOException {
    try (Staging staging = Staging.open(output)) {
      Files.writeString(staging.folder().resolve("file"), text);
      staging.commit();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> list = Files.list(parent)) {
      return list.map(p -> String.valueOf(p.getFileName())).sorted().toList();
    }
  }

  @Test
  void aNewBuildReplacesTheOldOneAndNothingElseIsLeft() throws IOException {
    Path output = parent.resolve("image");
    build(output, "one");
    build(output, "two");
    assertEquals("two", Files.readString(output.resolve("file")));
    assertEquals(List.of(".image.2", ".image.lock", "image"), names());
  }

  @Test
  void aFailedBuildLeavesTheOldOneInForce() throws IOException {
    Path output = parent.resolve("image");
    build(output, "one");
    try (Staging staging = Staging.open(output)) {
      Files.writeString(staging.folder().resolve("file"), "half");
    }
    assertEquals("one", Files.readString(output.resolve("file")));
    assertEquals(List.of(".image.1", ".image.lock", "image"), names());
  }

  @Test
  void whatAKilledBuildLeftIsRemovedByTheNext() throws IOException {
    Path output = parent.resolve("image");
    build(output, "one");
    Files.createDirectories(parent.resolve(".image.7/work/tree"));
    Files.createDirectories(parent.resolve(".other.7"));
    build(output, "two");
    assertEquals("two", Files.readString(output.resolve("file")));
    assertEquals(List.of(".image.8", ".image.lock", ".other.7", "image"), names());
  }

  @Test
  void aFolderMadeByHandStepsAside() throws IOException {
    Path output = Files.createDirectory(parent.resolve("image"));
    Files.writeString(output.resolve("old"), "x");
    build(output, "one");
    assertEquals("one", Files.readString(output.resolve("file")));
    assertFalse(Files.exists(output.resolve("old")));
  }

  @Test
  void twoBuildsOfOneOutputAtOnceAreRefused() {
    Path output = parent.resolve("image");
    try (Staging first = Staging.open(output)) {
      BuildException refused = assertThrows(BuildException.class, () -> Staging.open(output));
      assertTrue(String.valueOf(refused.getMessage()).contains("another build"));
      assertTrue(Files.isDirectory(first.folder()));
    }
  }
}
