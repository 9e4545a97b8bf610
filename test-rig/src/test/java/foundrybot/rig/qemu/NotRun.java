// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.opentest4j.TestAbortedException;

/**
 * A test that something outside the product kept from running: neither passed nor failed. It is
 * written to the file that the environment variable {@code FOUNDRYBOT_NOT_RUN} names, which {@code
 * bin/check} prints at its end.
 */
final class NotRun {
  private NotRun() {}

  /** To be thrown. */
  static TestAbortedException because(String what, String reason) throws IOException {
    String text = "NOT RUN: " + what + ": " + reason.strip();
    System.err.println(text);
    String file = System.getenv("FOUNDRYBOT_NOT_RUN");
    if (file != null) {
      Files.writeString(
          Path.of(file), text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    return new TestAbortedException(text);
  }
}
