// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Fault;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.ProfileFiles;
import foundrybot.answerfiles.ProfileReading;
import foundrybot.appliance.FileMark;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The user's profiles: folders in {@code profiles}, which lies beside the rack file. */
record ProfileSource(Path folder) {
  private static final int MOST_PROFILES = 1_000;

  /** A profile's file and its templates. */
  private static final int MOST_FILES = 1_000;

  /**
   * What was found.
   *
   * @param profiles by name; a built-in one stands in for one that has faults, so that a rack file
   *     which names it is not found fault with for that
   */
  record Found(Map<String, Profile> profiles, List<Fault> faults) {}

  static ProfileSource beside(Path rack) {
    return new ProfileSource(rack.resolveSibling("profiles"));
  }

  Found read() {
    Map<String, Profile> profiles = new LinkedHashMap<>();
    List<Fault> faults = new ArrayList<>();
    for (Path each : in(folder, MOST_PROFILES)) {
      String name = String.valueOf(each.getFileName());
      if (name.startsWith(".") || !Files.isDirectory(each)) {
        continue;
      }
      switch (ProfileFiles.read(name, String.valueOf(each), file -> text(each, file))) {
        case ProfileReading.Valid valid -> profiles.put(name, valid.profile());
        case ProfileReading.Invalid invalid -> {
          faults.addAll(invalid.faults());
          profiles.put(name, Profile.builtIn().values().iterator().next());
        }
      }
    }
    return new Found(profiles, faults);
  }

  /**
   * The names come from {@code profile.yaml} and hold no slash; empty without such a file. A link
   * may lead to another profile's, and not out of both folders: what is there is given to machines.
   */
  private Optional<String> text(Path profile, String name) {
    Path file = profile.resolve(name);
    return FolderFiles.isIn(profile, file) || FolderFiles.isIn(folder, file)
        ? Optional.of(new RackSource(file).text("write one (docs/answer-files.md)"))
        : Optional.empty();
  }

  /** Differs whenever a file in one of the folders has changed. */
  String mark() {
    try {
      return marks();
    } catch (UserException e) {
      // A folder that is being replaced; who reads it now says what is wrong with it.
      return String.valueOf(e.getMessage());
    }
  }

  private String marks() {
    StringBuilder mark = new StringBuilder();
    for (Path each : in(folder, MOST_PROFILES)) {
      mark.append(each.getFileName()).append('\n');
      if (Files.isDirectory(each)) {
        for (Path file : in(each, MOST_FILES)) {
          mark.append(file.getFileName()).append(' ').append(FileMark.of(file)).append('\n');
        }
      }
    }
    return mark.toString();
  }

  /** By name; nothing if there is no such folder. */
  private static List<Path> in(Path folder, int most) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        found.add(entry);
        if (found.size() > most) {
          throw new UserException(
              Main.FAILED, folder + ": more than " + most + " entries (expected: fewer)");
        }
      }
    } catch (IOException e) {
      throw new UserException(Main.FAILED, folder + ": cannot be read: " + e.getMessage());
    }
    found.sort(null);
    return found;
  }
}
