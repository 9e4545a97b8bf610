// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.appliance.store.Readers;
import foundrybot.redfish.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A file whose first line is a password. */
public final class PasswordFile {
  private static final int MAX_BYTES = 1 << 20;

  private PasswordFile() {}

  /**
   * The password.
   *
   * @param warn is told, with the cure, if others than the owner may read or write the file
   * @throws IllegalArgumentException if there is none
   */
  public static Secret read(Path file, Consumer<String> warn) {
    return read("password-file", file, warn);
  }

  /**
   * The same for another secret.
   *
   * @param key of the rack file that names the file
   */
  public static Secret read(String key, Path file, Consumer<String> warn) {
    try {
      byte[] read;
      try (InputStream in = Files.newInputStream(file)) {
        // Not by its size: that of a device is 0, and /dev/zero has no end.
        read = in.readNBytes(MAX_BYTES + 1);
      }
      if (read.length > MAX_BYTES) {
        throw new IllegalArgumentException(
            key + ": " + file + ": more than 1 MiB (expected: a secret)");
      }
      String line = new String(read, StandardCharsets.UTF_8).lines().findFirst().orElse("");
      if (line.isEmpty()) {
        throw new IllegalArgumentException(
            key + ": " + file + ": empty (expected: the secret in line 1)");
      }
      Readers.OWNER.tooMany(file).ifPresent(why -> warn.accept(key + ": " + file + ": " + why));
      return new Secret(line);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          key + ": " + file + ": cannot be read (expected: the secret in line 1)", e);
    }
  }
}
