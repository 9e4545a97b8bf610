// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which user the appliance runs as. */
final class OwnUser {
  private static final Path SELF = Path.of("/proc/self");

  /** No user's number; then only root is let in. */
  private static final long NOBODY = -1;

  private OwnUser() {}

  static long number() {
    try {
      return Files.getAttribute(SELF, "unix:uid") instanceof Integer number ? number : NOBODY;
    } catch (IOException | UnsupportedOperationException e) {
      return NOBODY;
    }
  }
}
