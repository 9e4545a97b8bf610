// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Short commands of the system. */
final class Shell {
  private static final List<String> FOLDERS =
      List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin");

  private Shell() {}

  record Ended(int status, String output) {}

  /** Runs a command for at most so many seconds. */
  static Ended run(Path folder, int seconds, List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Ended(-1, output + "not finished after " + seconds + " s");
      }
      return new Ended(process.exitValue(), output);
    } catch (IOException e) {
      return new Ended(-1, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException(String.join(" ", command) + ": interrupted");
    }
  }

  /** Runs a command that must succeed. */
  static void must(String... command) {
    Ended ended = run(Path.of("/"), 20, List.of(command));
    if (ended.status() != 0) {
      throw new BenchException(String.join(" ", command) + ": " + ended.output().strip());
    }
  }

  /** Where a program lies. */
  static Optional<Path> find(String program) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
