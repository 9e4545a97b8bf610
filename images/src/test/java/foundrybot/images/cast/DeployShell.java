// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs functions of the deploy environment under the local shells, in a folder with its parts. */
final class DeployShell {
  /** What came of it; standard output and errors in one. */
  record Result(int status, String output) {}

  private final Path folder;

  DeployShell(Path folder) {
    this.folder = folder;
  }

  /** Those that are here; busybox is the one that the environment has. */
  static List<List<String>> shells() {
    List<List<String>> shells = new ArrayList<>(List.of(List.of("/bin/sh")));
    for (String busybox : List.of("/bin/busybox", "/usr/bin/busybox")) {
      if (Files.isExecutable(Path.of(busybox)) && shells.size() == 1) {
        shells.add(List.of(busybox, "sh"));
      }
    }
    return shells;
  }

  /**
   * Runs a script with the parts beside it, after {@code conf.sh}; {@code $1} is the folder, and
   * {@code say} and {@code fail} print.
   */
  Result run(List<String> shell, String script) {
    CastResource.deployParts().forEach((name, bytes) -> write(folder.resolve(name), bytes));
    List<String> command = new ArrayList<>(shell);
    String whole =
        "set -f; LC_ALL=C; export LC_ALL; cd \"$1\"; LOG=log; . ./conf.sh;"
            + " say() { echo \"$*\" >>log; }; fail() { echo \"FAILED: $*\"; exit 1; };\n"
            + script;
    command.addAll(List.of("-c", whole, "sh", folder.toString()));
    return run(command);
  }

  Result check(String part) {
    CastResource.deployParts().forEach((name, bytes) -> write(folder.resolve(name), bytes));
    return run(List.of("shellcheck", "-s", "sh", part));
  }

  private Result run(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + ": takes too long");
      }
      return new Result(process.exitValue(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
