// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** The user's files for commands from outside the product, with the errors of its own commands. */
public final class UserRack {
  private UserRack() {}

  /** A valid rack file after a rehearsal, or the end of the command with all its faults. */
  public static RackFile require(Path file) {
    return new RackSource(file).requireRehearsed();
  }

  /**
   * The same of a text that was made of the file's.
   *
   * @param made what is read in place of the file
   */
  public static RackFile require(Path file, UnaryOperator<String> made) {
    RackSource source = new RackSource(file);
    String text = made.apply(source.text("write one (docs/rack-file.md)"));
    return switch (RackFiles.read(
        text,
        file + " many times",
        ProfileSource.beside(file).read().profiles(),
        new BesideFiles(source.folder())::text,
        source.files())) {
      case RackReading.Valid(RackFile rack) -> rack;
      case RackReading.Invalid invalid ->
          throw refused(
              file
                  + ": "
                  + RackSource.count(invalid.faults())
                  + " where its nodes are repeated; nothing was started\n"
                  + RackSource.lines(invalid.faults()));
    };
  }

  /** The text of a file; {@code cure} says what to do if there is none. */
  public static String text(Path file, String cure) {
    return new RackSource(file).text(cure);
  }

  /** Ends the command with one line and exit status 1. */
  public static RuntimeException refused(String message) {
    return new UserException(Main.FAILED, message);
  }
}
