// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.store.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;

/**
 * The last report of each machine, a file for each in a folder of the data folder. It is on the
 * disk before the machine is told so; the journal has a line of it only.
 *
 * @param <T> a record that can be written as JSON
 */
public final class KeptReports<T> {
  private final Path folder;
  private final Class<T> type;

  private KeptReports(Path folder, Class<T> type) {
    this.folder = folder;
    this.type = type;
  }

  /** What machines are made of. */
  public static KeptReports<Inspection> inspections(Path data) {
    return new KeptReports<>(data.resolve("inspections"), Inspection.class);
  }

  /** What machines have overwritten. */
  public static KeptReports<Erased> erasures(Path data) {
    return new KeptReports<>(data.resolve("erasures"), Erased.class);
  }

  /** Puts it in place of the machine's last one; durable when this returns. */
  public synchronized void keep(Mac machine, T report) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    SecretFile.write(file(machine), ReportReader.JSON.writeValueAsBytes(report));
  }

  /**
   * Does so if the machine's last one may go; nothing else is kept in between.
   *
   * @param mayGo told what is there; one that cannot be read is as good as none
   * @return whether it was kept
   */
  public synchronized boolean keepInPlaceOf(Mac machine, T report, Predicate<Optional<T>> mayGo)
      throws IOException {
    boolean goes = mayGo.test(readable(machine));
    if (goes) {
      keep(machine, report);
    }
    return goes;
  }

  private Optional<T> readable(Mac machine) {
    try {
      return of(machine);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The machine's last one.
   *
   * @throws IOException if there is one that cannot be read
   */
  public Optional<T> of(Mac machine) throws IOException {
    Path file = file(machine);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(ReportReader.JSON.readValue(Files.readAllBytes(file), type));
    } catch (JacksonException e) {
      throw new IOException(file + ": no report (" + e.getOriginalMessage() + "); delete it", e);
    }
  }

  private Path file(Mac machine) {
    return folder.resolve(machine.toString().replace(':', '-') + ".json");
  }
}
