// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.images.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders that are begun anew. */
final class Folders {
  private Folders() {}

  /** Makes the folder, without what an earlier run left; links are removed, not followed. */
  static void empty(Path folder) throws IOException {
    FileTrees.delete(folder);
    Files.createDirectories(folder);
  }
}
