// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.power.PasswordFile;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Who logs in at a BMC. The password is never an argument, which every user of this machine could
 * read: it is in a file or a variable, or asked for.
 */
final class PasswordOption {
  @Option(names = "--user", paramLabel = "NAME", description = "The account at the BMC.")
  private Optional<String> user = Optional.empty();

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = {
        "A file whose first line is the password; - for the standard input.",
        "Without this and --password-env it is asked for at the terminal."
      })
  private Optional<String> file = Optional.empty();

  @Option(
      names = "--password-env",
      paramLabel = "VARIABLE",
      description = "A variable of the environment that holds it.")
  private Optional<String> variable = Optional.empty();

  /** Whether somebody logs in at all, as far as the command line tells. */
  boolean isGiven() {
    return user.isPresent() || file.isPresent() || variable.isPresent();
  }

  /** User and password, which may be asked for; empty without a user. */
  Optional<Credentials> credentials() {
    if (file.isPresent() && variable.isPresent()) {
      throw usage("--password-env: given (expected: either --password-file or --password-env)");
    }
    if (user.isEmpty() && (file.isPresent() || variable.isPresent())) {
      throw usage("--user: missing (expected: the account that the password is of)");
    }
    user.filter(name -> !name.matches("[!-9;-~]{1,64}"))
        .ifPresent(
            name -> {
              throw usage(
                  "--user: " + name + " (expected: 1..64 printable characters without colon)");
            });
    return user.map(name -> new Credentials(name, password(name)));
  }

  /**
   * The same of a switch, where a password may go without a user, as the key of a device does; it
   * is then asked for at the terminal where it is needed.
   */
  Optional<Credentials> ofSwitch(boolean wanted) {
    if (user.isPresent()) {
      return credentials();
    }
    if (file.isPresent() && variable.isPresent()) {
      throw usage("--password-env: given (expected: either --password-file or --password-env)");
    }
    return wanted || file.isPresent() || variable.isPresent()
        ? Optional.of(new Credentials("", password("the device")))
        : Optional.empty();
  }

  /** How a rack file names the password: {@code password-file: bmc.pw}. */
  String reference() {
    return variable
        .map(name -> "password-env: " + name)
        .or(
            () ->
                file.filter(name -> !name.equals("-"))
                    .map(name -> "password-file: " + quoted(plain(name))))
        .orElse("password-file: bmc.pw");
  }

  /** As the rack file takes it: relative to where that lies, which is here, or absolute. */
  private static String plain(String name) {
    Path path = Path.of(name);
    boolean up = List.of(name.split("/", -1)).contains("..");
    return String.valueOf(up ? path.toAbsolutePath().normalize() : path);
  }

  /** Whether such a file has to be made first. */
  boolean isTyped() {
    return variable.isEmpty() && file.filter(name -> !name.equals("-")).isEmpty();
  }

  /** As a YAML scalar. */
  static String quoted(String text) {
    return text.matches("[A-Za-z0-9._/-]+")
        ? text
        : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private Secret password(String name) {
    if (file.isPresent()) {
      return file.get().equals("-") ? standardInput() : inFile(Path.of(file.get()));
    }
    if (variable.isPresent()) {
      String value = System.getenv().getOrDefault(variable.get(), "");
      if (value.isEmpty()) {
        throw usage("--password-env: " + variable.get() + ": not set (expected: the password)");
      }
      return new Secret(value);
    }
    Console console = terminal().orElseThrow(PasswordOption::noWay);
    char[] typed = console.readPassword("Password of %s: ", name);
    if (typed == null || typed.length == 0) {
      throw usage("password: none was typed");
    }
    return new Secret(new String(typed));
  }

  /** Where people can be asked. */
  static Optional<Console> terminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal);
  }

  private static Secret inFile(Path path) {
    try {
      return PasswordFile.read(
          path, warning -> System.err.println("bootserver: warning: " + warning));
    } catch (IllegalArgumentException e) {
      throw new UserException(Main.FAILED, String.valueOf(e.getMessage()));
    }
  }

  private static Secret standardInput() {
    try {
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      if (line == null || line.isEmpty()) {
        throw usage("--password-file: -: nothing came (expected: the password in line 1)");
      }
      return new Secret(line);
    } catch (IOException e) {
      throw new UserException(Main.FAILED, "--password-file: -: " + e.getMessage());
    }
  }

  private static UserException noWay() {
    return usage(
        "password: missing, and there is no terminal to ask for it (expected: --password-file FILE,"
            + " - for the standard input, or --password-env VARIABLE)");
  }

  private static UserException usage(String message) {
    return new UserException(Main.USAGE, message);
  }
}
