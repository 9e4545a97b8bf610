// SPDX-License-Identifier: Apache-2.0
package foundrybot.images;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One external program, run with an argument list and never through a shell: what a user wrote can
 * become an argument but never a command.
 */
public final class Tool {
  /** Lines of output kept for the error message. */
  private static final int TAIL_LINES = 20;

  /** Bytes of standard output that {@link #output} accepts. */
  private static final int MAX_OUTPUT_BYTES = 64 << 20;

  /** As a shell and Java tell a signal: this and its number. */
  private static final int SIGNAL = 128;

  /** Of Linux, without those of real time. */
  private static final int SIGNALS = 32;

  private static final List<Path> SEARCH =
      List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin"));

  private final Path program;
  private final Map<String, String> environment = new TreeMap<>();
  private Duration limit = Duration.ofMinutes(30);
  private Path workingFolder = Path.of("").toAbsolutePath();

  private Tool(Path program) {
    this.program = program;
  }

  /**
   * Finds a program in the system's folders (the caller's PATH is not trusted by a root process).
   *
   * @param debianPackage what to install when it is missing
   */
  public static Tool named(String name, String debianPackage) {
    for (Path folder : SEARCH) {
      Path candidate = folder.resolve(name);
      if (Files.isExecutable(candidate)) {
        return new Tool(candidate);
      }
    }
    throw new BuildException(
        name
            + ": not found in "
            + SEARCH
            + "; install it with 'apt install "
            + debianPackage
            + "'");
  }

  /** A program by its path, which is not looked for. */
  public static Tool at(Path program) {
    return new Tool(program);
  }

  public Tool with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  public Tool within(Duration newLimit) {
    limit = newLimit;
    return this;
  }

  /** The folder the program runs in; ours, when nothing is said. */
  public Tool in(Path folder) {
    workingFolder = folder;
    return this;
  }

  /** Runs to the end; standard output and error go line by line to {@code lines}. */
  public void run(Consumer<String> lines, List<String> arguments) {
    Deque<String> tail = new ArrayDeque<>();
    requireSuccess(finish(lines, arguments, tail), arguments, tail);
  }

  /**
   * As {@link #run}, and once more if a signal ends it (SIGSEGV, SIGKILL): a program that crashes
   * or is killed for its memory does the same again seldom, and one that says what it does not like
   * always.
   *
   * @param again told what happened, before the second time; clears what the first one left
   */
  public void runTwiceIfKilled(Consumer<String> again, List<String> arguments) {
    Deque<String> tail = new ArrayDeque<>();
    int status = finish(line -> {}, arguments, tail);
    if (status > SIGNAL && status < SIGNAL + SIGNALS) {
      again.accept(
          program.getFileName() + ": ended by signal " + (status - SIGNAL) + ", run once more");
      tail = new ArrayDeque<>();
      status = finish(line -> {}, arguments, tail);
    }
    requireSuccess(status, arguments, tail);
  }

  /** As {@link #run}, where failing is an expected outcome: returns the exit status. */
  public int status(Consumer<String> lines, List<String> arguments) {
    return finish(lines, arguments, new ArrayDeque<>());
  }

  private int finish(Consumer<String> lines, List<String> arguments, Deque<String> tail) {
    Process process = start(arguments, true);
    Thread reader =
        reading(
            process.getInputStream(),
            line -> {
              keep(tail, line);
              lines.accept(line);
            },
            tail);
    return await(process, reader, arguments);
  }

  /** Takes a program's words line by line until it ends. */
  private static Thread reading(InputStream from, Consumer<String> lines, Deque<String> tail) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (BufferedReader in =
                  new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                  lines.accept(line);
                }
              } catch (IOException e) {
                keep(tail, "(output lost: " + e.getMessage() + ")");
              }
            });
  }

  public void run(String... arguments) {
    run(line -> {}, List.of(arguments));
  }

  /** Runs to the end and returns its standard output as bytes. */
  public byte[] output(String... arguments) {
    List<String> list = List.of(arguments);
    Deque<String> tail = new ArrayDeque<>();
    Process process = start(list, false);
    Thread errors = reading(process.getErrorStream(), line -> keep(tail, line), tail);
    try {
      byte[] bytes = process.getInputStream().readNBytes(MAX_OUTPUT_BYTES);
      requireSuccess(await(process, errors, list), list, tail);
      return bytes;
    } catch (IOException e) {
      process.destroyForcibly();
      throw new BuildException(commandLine(list) + ": cannot read its output", e);
    }
  }

  private Process start(List<String> arguments, boolean mergeErrors) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(mergeErrors);
    builder.directory(workingFolder.toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new BuildException(commandLine(arguments) + ": cannot be started", e);
    }
  }

  private int await(Process process, Thread reader, List<String> arguments) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        destroy(process);
        throw new BuildException(
            commandLine(arguments) + ": not finished after " + limit.toSeconds() + " s");
      }
      reader.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      destroy(process);
      Thread.currentThread().interrupt();
      throw new BuildException(commandLine(arguments) + ": interrupted", e);
    }
    return process.exitValue();
  }

  private void requireSuccess(int status, List<String> arguments, Deque<String> tail) {
    if (status != 0) {
      throw new BuildException(
          commandLine(arguments)
              + ": exit status "
              + status
              + " (expected: 0); its last lines:\n  "
              + String.join("\n  ", snapshot(tail)));
    }
  }

  private static void destroy(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static void keep(Deque<String> tail, String line) {
    synchronized (tail) {
      tail.addLast(line);
      if (tail.size() > TAIL_LINES) {
        tail.removeFirst();
      }
    }
  }

  private static List<String> snapshot(Deque<String> tail) {
    synchronized (tail) {
      return Collections.unmodifiableList(new ArrayList<>(tail));
    }
  }

  private String commandLine(List<String> arguments) {
    return program.getFileName() + " " + String.join(" ", arguments);
  }
}
