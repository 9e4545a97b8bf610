// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One process that the rig started, its output in a file. It is ended through its own handle, with
 * what it started itself, and never by name: other racks may run on the same machine.
 */
final class Child implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final String name;
  private final Process process;
  private final Path log;

  private Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts a command; both its outputs are appended to {@code log}. */
  static Child start(String name, Path log, List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      return new Child(name, process, log);
    } catch (IOException e) {
      throw new RigException(name + ": cannot be started: " + String.join(" ", command), e);
    }
  }

  /** What a command that ends by itself has said. */
  record Outcome(int status, String output) {}

  /** Runs a command to its end and takes its standard output; errors go to {@code errors}. */
  static Outcome run(Path errors, Duration limit, List<String> command) {
    Path output = temporary();
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
              .start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        destroy(process);
        throw new RigException(
            String.join(" ", command) + ": not finished after " + limit.toSeconds() + " s");
      }
      return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new RigException(String.join(" ", command) + ": cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(String.join(" ", command) + ": interrupted", e);
    } finally {
      delete(output);
    }
  }

  /** Runs a command that must succeed. */
  static void must(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new RigException(
            String.join(" ", command) + ": exit status " + status + ": " + said.strip());
      }
    } catch (IOException e) {
      throw new RigException(String.join(" ", command) + ": cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(String.join(" ", command) + ": interrupted", e);
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempFile("qemu-rack", ".out");
    } catch (IOException e) {
      throw new RigException("no temporary file can be made", e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be deleted", e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  String name() {
    return name;
  }

  /** SIGKILL to it and to all that it started: nothing of it can tidy up after itself. */
  void kill() {
    destroy(process);
    awaitEnd();
  }

  private static void destroy(Process process) {
    // Taken before the parent dies: orphans belong to nobody's list.
    List<ProcessHandle> below;
    try (Stream<ProcessHandle> descendants = process.descendants()) {
      below = descendants.toList();
    }
    process.destroyForcibly();
    below.forEach(ProcessHandle::destroyForcibly);
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new RigException(name + ": still runs " + PATIENCE.toSeconds() + " s after its end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      destroy(process);
    }
  }

  /** SIGTERM, and SIGKILL if that does not help; returns the exit status. */
  int stop() {
    List<ProcessHandle> below;
    try (Stream<ProcessHandle> descendants = process.descendants()) {
      below = descendants.toList();
    }
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        destroy(process);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      destroy(process);
    }
    below.forEach(ProcessHandle::destroyForcibly);
    awaitEnd();
    return process.exitValue();
  }

  @Override
  public void close() {
    stop();
  }
}
