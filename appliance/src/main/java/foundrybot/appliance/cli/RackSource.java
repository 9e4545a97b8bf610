// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Fault;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profiles;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.Rehearsals;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A rack file on disk, or another file that the user writes.
 *
 * @param files that it may name, beside it and below
 */
record RackSource(Path path, FolderFiles files) {
  private static final long MAX_BYTES = 64L << 20;
  private static final int MOST_NAMED = 8;

  RackSource(Path path) {
    this(path, new FolderFiles(folder(path)));
  }

  /** Where it lies, and with it the files that it names. */
  Path folder() {
    return folder(path);
  }

  private static Path folder(Path path) {
    return Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(Path.of("/"));
  }

  /** The text of a file that the user writes; {@code cure} says what to do if there is none. */
  String text(String cure) {
    try {
      if (Files.isDirectory(path)) {
        throw new UserException(
            Main.FAILED, path + ": a folder (expected: a text file); name the file in it");
      }
      if (Files.size(path) > MAX_BYTES) {
        throw new UserException(
            Main.FAILED,
            path + ": " + Files.size(path) + " bytes (expected: at most " + MAX_BYTES + ")");
      }
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new UserException(Main.FAILED, path + ": no such file; " + cure);
    } catch (AccessDeniedException e) {
      // Its message is the path and nothing else.
      throw new UserException(
          Main.FAILED,
          path
              + ": no right to read it (expected: readable for "
              + System.getProperty("user.name")
              + "); see 'ls -ld', then chmod or chown it, or use sudo");
    } catch (CharacterCodingException e) {
      throw new UserException(Main.FAILED, path + ": not UTF-8 text");
    } catch (IOException e) {
      throw new UserException(Main.FAILED, path + ": cannot be read: " + e.getMessage());
    }
  }

  RackReading read() {
    return read(new BesideFiles(folder()));
  }

  private RackReading read(BesideFiles beside) {
    String cure = "write one (docs/rack-file.md), or 'bootserver import LIST > rack.yaml'";
    String text = text(cure);
    ProfileSource.Found own = ProfileSource.beside(path).read();
    RackReading reading =
        RackFiles.read(text, String.valueOf(path), own.profiles(), beside::text, files);
    if (own.faults().isEmpty()) {
      return reading;
    }
    List<Fault> faults = new ArrayList<>(own.faults());
    if (reading instanceof RackReading.Invalid invalid) {
      faults.addAll(invalid.faults());
    }
    return new RackReading.Invalid(faults);
  }

  /** The same, and what rendering everything for every node brings to light. */
  RackReading rehearse() {
    return rehearse(new BesideFiles(folder()));
  }

  /** The same; {@code beside} remembers which files beside the rack file it names. */
  RackReading rehearse(BesideFiles beside) {
    RackReading reading = read(beside);
    if (reading instanceof RackReading.Valid(RackFile rack)) {
      List<Fault> faults = Rehearsals.faults(rack);
      return faults.isEmpty() ? reading : new RackReading.Invalid(faults);
    }
    return reading;
  }

  /** The valid rack file, or the end of the command with all its faults. */
  RackFile require() {
    return require(read());
  }

  /** The same after a rehearsal. */
  RackFile requireRehearsed() {
    return requireRehearsed(new BesideFiles(folder()));
  }

  /** The same; {@code beside} remembers which files beside the rack file it names. */
  RackFile requireRehearsed(BesideFiles beside) {
    return require(rehearse(beside));
  }

  private RackFile require(RackReading reading) {
    return switch (reading) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid ->
          throw new UserException(
              Main.FAILED,
              path
                  + ": "
                  + count(invalid.faults())
                  + "; nothing was started\n"
                  + lines(invalid.faults()));
    };
  }

  /** The node of that name in this rack file, or the end of the command. */
  Node node(RackFile file, String name) {
    return file.node(name)
        .orElseThrow(
            () ->
                new UserException(
                    Main.FAILED,
                    "node: "
                        + name
                        + ": not in "
                        + path
                        + " (expected: one of "
                        + some(file.nodes().stream().map(Node::name).toList())
                        + ")"));
  }

  private static String some(List<String> names) {
    int more = names.size() - MOST_NAMED;
    String named = names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    return more > 0 ? named + " and " + more + " more" : named;
  }

  /** All packages that the nodes of a rack file want, in alphabetical order; none without one. */
  static List<String> packages(Optional<Path> file) {
    Set<String> names = new TreeSet<>();
    file.map(path -> new RackSource(path).require())
        .ifPresent(
            rack -> rack.nodes().forEach(node -> names.addAll(Profiles.packages(rack, node))));
    return List.copyOf(names);
  }

  /** What a mirror must have for the nodes of a rack file, in alphabetical order. */
  static List<String> mirrored(Path file) {
    RackFile rack = new RackSource(file).require();
    Set<String> names = new TreeSet<>();
    rack.nodes().forEach(node -> names.addAll(Profiles.mirrored(rack, node)));
    return List.copyOf(names);
  }

  static String lines(List<Fault> faults) {
    return faults.stream().map(Fault::toString).collect(Collectors.joining("\n"));
  }

  static String count(List<Fault> faults) {
    return faults.size() == 1 ? "1 fault" : faults.size() + " faults";
  }
}
