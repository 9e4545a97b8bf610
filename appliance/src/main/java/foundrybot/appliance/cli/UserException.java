// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Ends a command with one line for the user and an exit status. */
final class UserException extends RuntimeException {
  private final int exitStatus;

  UserException(int exitStatus, String message) {
    super(message);
    this.exitStatus = exitStatus;
  }

  /** Of a file that was to be written; the JDK's own words are often nothing but its path. */
  static UserException unwritten(String what, Path file, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException _ ->
              "no such folder " + file.toAbsolutePath().getParent() + "; make it first";
          case AccessDeniedException _ ->
              "no right to write there (expected: writable for "
                  + System.getProperty("user.name")
                  + ")";
          default ->
              Files.isDirectory(file)
                  ? "a folder (expected: a file); name the file in it"
                  : String.valueOf(e.getMessage());
        };
    return new UserException(Main.FAILED, what + ": " + file + ": cannot be written: " + why);
  }

  int exitStatus() {
    return exitStatus;
  }
}
