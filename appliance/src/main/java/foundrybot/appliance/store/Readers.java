// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Who may read a file that holds a secret; nobody but its owner may write it in any case. */
public enum Readers {
  /** Nobody else. */
  OWNER(
      "rw-------",
      PosixFilePermission.GROUP_READ,
      PosixFilePermission.GROUP_WRITE,
      PosixFilePermission.OTHERS_READ,
      PosixFilePermission.OTHERS_WRITE),
  /** And a group, as that of Debian's {@code ssl-cert}. */
  GROUP(
      "rw-------, or rw-r----- for a group",
      PosixFilePermission.GROUP_WRITE,
      PosixFilePermission.OTHERS_READ,
      PosixFilePermission.OTHERS_WRITE);

  private final String expected;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final Set<PosixFilePermission> forbidden;

  Readers(String expected, PosixFilePermission... forbidden) {
    this.expected = expected;
    this.forbidden = Set.of(forbidden);
  }

  /**
   * That others may read or write a file: its rights, what was expected, and the cure; empty if
   * they may not, or if the file system has no such rights.
   */
  public Optional<String> tooMany(Path file) throws IOException {
    try {
      Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
      return rights.stream().anyMatch(forbidden::contains)
          ? Optional.of(
              "rights %s (expected: %s), so others than its owner may get at it; run 'chmod 600 %s'"
                  .formatted(PosixFilePermissions.toString(rights), expected, file))
          : Optional.empty();
    } catch (UnsupportedOperationException _) {
      return Optional.empty();
    }
  }

  /**
   * Makes sure that others may not.
   *
   * @throws StoreException with the cure if they may
   */
  void require(Path file) throws IOException {
    Optional<String> tooMany = tooMany(file);
    if (tooMany.isPresent()) {
      throw new StoreException(
          file + ": " + tooMany.get() + ", and think of what they could do with it");
    }
  }
}
