// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Where a QEMU test keeps its logs, and what it says about them when it fails. */
final class QemuFolders implements TestExecutionExceptionHandler {
  private static final Path PROJECT = findProject();

  /** {@code test-rig/target/qemu/NAME}. */
  static Path logs(String name) {
    return PROJECT.resolve("test-rig").resolve("target").resolve("qemu").resolve(name);
  }

  static Path bootserver() {
    return PROJECT.resolve("bin").resolve("bootserver");
  }

  static Path project() {
    return PROJECT;
  }

  private static Path findProject() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("bin").resolve("bootserver"))) {
      Path parent = folder.getParent();
      if (parent == null) {
        throw new IllegalStateException("run this inside the project: no bin/bootserver above");
      }
      folder = parent;
    }
    return folder;
  }

  /**
   * Where something is missing: a failure under CI, and elsewhere a test that says it did not run.
   */
  static void require(List<String> missing) {
    if (missing.isEmpty()) {
      return;
    }
    String text = "QEMU tests cannot run here: " + String.join("; ", missing);
    if ("true".equals(System.getenv("CI"))) {
      fail(text);
    }
    abort(text);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable problem)
      throws Throwable {
    System.err.println(
        "qemu test failed: " + context.getDisplayName() + "; logs below " + logs(""));
    throw problem;
  }
}
