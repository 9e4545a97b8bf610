// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FileMark;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Files of the user's that the rack file names and that lie beside it. A link that leads out of
 * that folder leads nowhere: what is there becomes part of an answer file. It remembers which were
 * asked for, also of those that are not there, so that a change of one is noticed like one of the
 * rack file.
 */
final class BesideFiles {
  private final Path folder;
  private final Set<String> asked = new ConcurrentSkipListSet<>();

  BesideFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * The text of one; empty if there is none.
   *
   * @param name relative, and checked by the rack file's rules: it leads nowhere above
   */
  Optional<String> text(String name) {
    asked.add(name);
    Path file = folder.resolve(name);
    return FolderFiles.isIn(folder, file)
        ? Optional.of(new RackSource(file).text("write one (docs/rack-file.md)"))
        : Optional.empty();
  }

  /** Differs whenever one that was asked for has changed. */
  String mark() {
    StringBuilder mark = new StringBuilder();
    for (String name : new TreeSet<>(asked)) {
      mark.append(name).append(' ').append(FileMark.of(folder.resolve(name))).append('\n');
    }
    return mark.toString();
  }
}
