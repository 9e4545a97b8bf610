// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A server that runs, with what it costs. Its CPU is that of a control group of its own, so that
 * children and threads that have ended count; where there is none, it is what {@code /proc} says of
 * the process and of children it has waited for.
 */
final class Served implements AutoCloseable {
  private static final int READY_SECONDS = 60;
  private static final double TICKS = 100;
  private static final Pattern COMPILER = Pattern.compile("C[12] Compiler");

  private final Contender contender;
  private final Process process;
  private final Path log;
  private final Optional<Path> group;

  private Served(Contender contender, Process process, Path log, Optional<Path> group) {
    this.contender = contender;
    this.process = process;
    this.log = log;
    this.group = group;
  }

  /** Starts it on that CPU and waits until it listens. */
  static Served start(Contender contender, Bay bay, int cpu) {
    Path log = bay.folder().resolve(contender.name().replaceAll("[^a-z0-9-]", "_") + ".log");
    Optional<Path> group = makeGroup(contender.name() + bay.number());
    List<String> command = new ArrayList<>();
    group.ifPresent(
        path ->
            command.addAll(
                List.of(
                    "sh", "-c", "echo $$ > \"$0\"/cgroup.procs && exec \"$@\"", path.toString())));
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu)));
    pinned.addAll(contender.command().apply(bay));
    command.addAll(bay.inside(pinned));
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(bay.folder().toFile())
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(log.toFile())
              .start();
      Served served = new Served(contender, process, log, group);
      served.awaitReady();
      return served;
    } catch (IOException e) {
      throw new BenchException(contender.name() + ": cannot be started", e);
    }
  }

  private static Optional<Path> makeGroup(String name) {
    String own = "fb" + ProcessHandle.current().pid() + "-" + name.replaceAll("[^a-z0-9]", "");
    for (Path root : List.of(Path.of("/sys/fs/cgroup/cpuacct"), Path.of("/sys/fs/cgroup"))) {
      Path group = root.resolve(own);
      try {
        Files.createDirectory(group);
        if (Files.exists(group.resolve("cpuacct.usage"))
            || Files.exists(group.resolve("cpu.stat"))) {
          return Optional.of(group);
        }
        Files.delete(group);
      } catch (IOException e) {
        // Not mounted, or not ours to write: the next way then.
      }
    }
    return Optional.empty();
  }

  private void awaitReady() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (!listens()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        String said = tail();
        close();
        throw new BenchException(
            contender.name()
                + ": "
                + (said.isEmpty() ? "does not listen, and says nothing" : said.strip()));
      }
      sleep(50);
    }
    sleep(200);
  }

  /** A socket for both versions of IP stands in the table of the newer one. */
  private boolean listens() {
    return listens(contender.ready().protocol()) || listens(contender.ready().protocol() + "6");
  }

  private boolean listens(String table) {
    String port = String.format(Locale.ROOT, ":%04X", contender.ready().port());
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/net/" + table))) {
      return lines.anyMatch(line -> line.strip().split(" +", 3)[1].endsWith(port));
    } catch (IOException | RuntimeException e) {
      // Not there yet, or gone already.
      return false;
    }
  }

  private String tail() {
    try {
      String text = Files.readString(log);
      return text.substring(Math.max(0, text.length() - 600));
    } catch (IOException e) {
      return "";
    }
  }

  /** CPU seconds since its start. */
  double cpu() {
    try {
      if (group.isPresent()) {
        Path v1 = group.get().resolve("cpuacct.usage");
        if (Files.exists(v1)) {
          return Long.parseLong(Files.readString(v1).strip()) / 1e9;
        }
        try (Stream<String> lines = Files.lines(group.get().resolve("cpu.stat"))) {
          return lines
                  .filter(line -> line.startsWith("usage_usec "))
                  .mapToLong(line -> Long.parseLong(line.split(" ", 2)[1]))
                  .sum()
              / 1e6;
        }
      }
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = 0;
      for (int i = 11; i <= 14; i++) {
        ticks += Long.parseLong(fields[i]);
      }
      return ticks / TICKS;
    } catch (IOException e) {
      throw new BenchException(contender.name() + ": its CPU time cannot be read", e);
    }
  }

  /** CPU seconds of those of its threads that compile, as far as they still run. */
  double compilers() {
    return pids().mapToLong(Served::compilerTicks).sum() / TICKS;
  }

  private static long compilerTicks(long pid) {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return threads.mapToLong(Served::ticksIfItCompiles).sum();
    } catch (IOException | RuntimeException e) {
      // It has ended meanwhile.
      return 0;
    }
  }

  private static long ticksIfItCompiles(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      int name = stat.lastIndexOf(')');
      if (!COMPILER.matcher(stat.substring(stat.indexOf('(') + 1, name)).lookingAt()) {
        return 0;
      }
      String[] fields = stat.substring(name + 2).split(" ", -1);
      return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Proportional set size in MB, of all its processes. */
  double pssMb() {
    return pids().mapToLong(Served::pssKb).sum() / 1024.0;
  }

  private Stream<Long> pids() {
    if (group.isPresent()) {
      try {
        return Files.readAllLines(group.get().resolve("cgroup.procs")).stream().map(Long::valueOf);
      } catch (IOException e) {
        return Stream.empty();
      }
    }
    return Stream.concat(
        Stream.of(process.pid()), process.descendants().map(ProcessHandle::pid).toList().stream());
  }

  private static long pssKb(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
      return lines
          .filter(line -> line.startsWith("Pss:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .sum();
    } catch (IOException | RuntimeException e) {
      // It has ended meanwhile.
      return 0;
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(8, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    for (int i = 0; i < 50 && group.filter(Files::exists).isPresent(); i++) {
      pids()
          .toList()
          .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
      try {
        Files.delete(group.get());
      } catch (IOException e) {
        // Somebody of it still ends.
        sleep(40);
      }
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
