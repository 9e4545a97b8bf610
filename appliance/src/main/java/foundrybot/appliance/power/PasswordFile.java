// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.redfish.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.function.Consumer;

/** A file whose first line is a password. */
public final class PasswordFile {
  private static final int MAX_BYTES = 1 << 20;
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

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
      if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
        warn.accept(
            key
                + ": "
                + file
                + ": others than its owner may read or write it (expected: the owner alone);"
                + " chmod 600 it");
      }
      return new Secret(line);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          key + ": " + file + ": cannot be read (expected: the secret in line 1)", e);
    }
  }
}
