// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.store.KeyProtection;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.store.Readers;
import foundrybot.appliance.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Where the passphrase of a data folder's keys comes from: a file, $FOUNDRYBOT_PASSPHRASE_FILE,
 * systemd's credential (systemd.exec(5), LoadCredential), or who sits at the terminal.
 */
final class Passphrase implements KeyRing.Source {
  /** Shorter ones are guessed by who has a copy of the folder. */
  static final int LEAST = 12;

  private static final int MOST = 1024;
  private static final String VARIABLE = "FOUNDRYBOT_PASSPHRASE_FILE";
  private static final String FOLDER = "CREDENTIALS_DIRECTORY";

  private final Path data;
  private final Optional<String> file;

  /**
   * Asks for nothing yet.
   *
   * @param data the folder whose keys they are
   * @param file that the command line names, if it does; - is the standard input
   */
  Passphrase(Path data, Optional<String> file) {
    this.data = data;
    this.file = file;
  }

  @Override
  public byte[] passphrase(KeyProtection protection) {
    Optional<String> named = file.or(() -> Optional.ofNullable(System.getenv(VARIABLE)));
    if (named.isPresent()) {
      return ofFile("--passphrase-file", named.get());
    }
    if (protection.credential().isPresent()) {
      return ofCredential(protection.credential().get());
    }
    return PasswordOption.terminal()
        .map(console -> typed(console.readPassword("Passphrase of the keys in %s: ", data)))
        .orElseThrow(
            () ->
                new StoreException(
                    "passphrase: missing, and there is no terminal to ask for it (expected:"
                        + " --passphrase-file FILE, or $"
                        + VARIABLE
                        + "); "
                        + data.resolve(KeyRing.PROTECTION)
                        + " says that the keys are encrypted"));
  }

  /** A new one, asked for twice. */
  static byte[] chosen() {
    var console =
        PasswordOption.terminal()
            .orElseThrow(
                () ->
                    new StoreException(
                        "passphrase: missing, and there is no terminal to ask for it (expected:"
                            + " --new-passphrase-file FILE)"));
    byte[] first = typed(console.readPassword("New passphrase: "));
    if (!Arrays.equals(first, typed(console.readPassword("The same again: ")))) {
      throw new StoreException("passphrase: two different ones were typed; nothing was changed");
    }
    return first;
  }

  /** What systemd has put there for this service. */
  static byte[] ofCredential(String name) {
    String folder = System.getenv(FOLDER);
    if (folder == null) {
      throw new StoreException(
          "credential "
              + name
              + ": $"
              + FOLDER
              + " is not set (expected: LoadCredential="
              + name
              + ":... or LoadCredentialEncrypted= in the unit; or --passphrase-file)");
    }
    return ofCredential(Path.of(folder), name);
  }

  static byte[] ofCredential(Path folder, String name) {
    Path path = folder.resolve(name);
    if (!Files.exists(path)) {
      throw new StoreException(
          path
              + ": no such credential (expected: LoadCredential="
              + name
              + ":... or LoadCredentialEncrypted= in the unit)");
    }
    return firstLine("credential " + name, path, Readers.GROUP);
  }

  /**
   * The first line of a file.
   *
   * @param option that names it
   */
  static byte[] ofFile(String option, String name) {
    if (!name.equals("-")) {
      return firstLine(option, Path.of(name), Readers.OWNER);
    }
    try {
      return line(option + ": -", System.in);
    } catch (IOException e) {
      throw new StoreException(option + ": -: " + e.getMessage(), e);
    }
  }

  private static byte[] firstLine(String what, Path path, Readers readers) {
    try {
      // A pipe or a descriptor has no rights that matter.
      if (Files.isRegularFile(path)) {
        Optional<String> tooMany = readers.tooMany(path);
        if (tooMany.isPresent()) {
          throw new StoreException(what + ": " + path + ": " + tooMany.get());
        }
      }
      try (InputStream in = Files.newInputStream(path)) {
        return line(what + ": " + path, in);
      }
    } catch (IOException e) {
      throw new StoreException(
          what + ": " + path + ": cannot be read (expected: the passphrase in line 1)", e);
    }
  }

  private static byte[] line(String what, InputStream in) throws IOException {
    byte[] line = new byte[MOST];
    int length = 0;
    for (int next; (next = in.read()) >= 0 && next != '\n'; ) {
      if (length == MOST) {
        throw new StoreException(what + ": line 1 is longer than " + MOST + " bytes");
      }
      line[length++] = (byte) next;
    }
    if (length == 0) {
      throw new StoreException(what + ": empty (expected: the passphrase in line 1)");
    }
    return Arrays.copyOf(line, length);
  }

  private static byte[] typed(char[] typed) {
    if (typed == null || typed.length == 0) {
      throw new StoreException("passphrase: none was typed");
    }
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(typed));
    byte[] passphrase = new byte[bytes.remaining()];
    bytes.get(passphrase);
    Arrays.fill(typed, ' ');
    return passphrase;
  }
}
