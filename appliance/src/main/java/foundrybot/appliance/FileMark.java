// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a look at a file tells of whether it is still the same: its time, its size, its inode. */
public final class FileMark {
  private FileMark() {}

  /** Differs whenever the file has changed. */
  public static String of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
    } catch (IOException e) {
      return "gone";
    }
  }

  /** Differs whenever one of the files has changed. */
  static String of(Stream<Path> files) {
    return files.map(file -> file + " " + of(file)).collect(Collectors.joining("\n"));
  }
}
