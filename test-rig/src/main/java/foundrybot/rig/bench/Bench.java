// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.load.LoadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One run: repetition by repetition, case by case, server by server. The servers that a case
 * compares run at the same time, and are measured within seconds of each other: on a machine whose
 * speed changes with the minutes only that can be compared.
 */
final class Bench {
  /**
   * What is to be run.
   *
   * @param run when, and of which sources
   * @param repetitions how often each case is measured
   * @param seconds of load for each
   * @param warmSeconds CPU seconds that a server that runs in a JVM uses before each
   */
  record Plan(
      Run run,
      List<Case> cases,
      List<Subject> subjects,
      int repetitions,
      double seconds,
      double warmSeconds) {
    Plan {
      cases = List.copyOf(cases);
      subjects = List.copyOf(subjects);
    }

    List<Subject> of(Case one) {
      return subjects.stream().filter(subject -> one.roles().contains(subject.role())).toList();
    }

    /**
     * What is done with the same servers, in order. A storm leaves a state behind, so each has
     * servers of its own, and nothing runs beside them.
     */
    List<Turn> turns() {
      Map<Subject.Role, Turn> standing = new LinkedHashMap<>();
      List<Turn> storms = new ArrayList<>();
      for (Case one : cases) {
        for (Subject subject : of(one)) {
          if (subject.role().isStorm()) {
            storms.add(new Turn(List.of(one), List.of(subject)));
          } else {
            standing.merge(
                subject.role().company(), new Turn(List.of(one), List.of(subject)), Turn::and);
          }
        }
      }
      return Stream.concat(standing.values().stream(), storms.stream()).toList();
    }
  }

  /** Cases that are measured with the same servers. */
  record Turn(List<Case> cases, List<Subject> subjects) {
    Turn {
      cases = List.copyOf(cases);
      subjects = List.copyOf(subjects);
    }

    private Turn and(Turn other) {
      return new Turn(
          Stream.concat(cases.stream(), other.cases.stream()).distinct().toList(),
          Stream.concat(subjects.stream(), other.subjects.stream()).distinct().toList());
    }
  }

  /** How many times as long as its CPU seconds the warming may take. */
  private static final int MOST_WARMING = 6;

  /** Up to which share of the CPU the JVM's compilers rest. */
  private static final double COMPILING = 0.05;

  private static final int MEMORY_EVERY_MS = 250;

  private final Plan plan;
  private final Lab lab;
  private final Worker worker;
  private final Consumer<Outcome> each;
  private final Consumer<String> progress;
  private final BooleanSupplier stopping;
  private final int serverCpu = Math.min(1, Runtime.getRuntime().availableProcessors() - 1);
  private final Results results = new Results();

  Bench(
      Plan plan,
      Lab lab,
      Worker worker,
      Consumer<Outcome> each,
      Consumer<String> progress,
      BooleanSupplier stopping) {
    this.plan = plan;
    this.lab = lab;
    this.worker = worker;
    this.each = each;
    this.progress = progress;
    this.stopping = stopping;
  }

  /** Runs it all; a server that fails is said, and its cases are left out. */
  Results run() {
    for (int repetition = 1; repetition <= plan.repetitions(); repetition++) {
      for (Turn turn : plan.turns()) {
        take(turn, repetition);
      }
    }
    return results;
  }

  private void take(Turn turn, int repetition) {
    List<Stand> stands = new ArrayList<>();
    try {
      for (Subject subject : turn.subjects()) {
        open(subject, stands.size()).ifPresent(stands::add);
      }
      for (Case one : turn.cases()) {
        for (Stand stand : stands) {
          if (one.roles().contains(stand.subject().role())) {
            take(stand, one, repetition);
          }
        }
      }
    } finally {
      stands.reversed().forEach(Stand::close);
    }
  }

  private Optional<Stand> open(Subject subject, int number) {
    if (stopping.getAsBoolean()) {
      return Optional.empty();
    }
    try {
      Bay bay = Bay.open(lab, number);
      return Optional.of(Stand.open(subject, bay, worker, serverCpu, plan.seconds()));
    } catch (BenchException e) {
      leftOut(subject, e);
      return Optional.empty();
    }
  }

  private void take(Stand stand, Case one, int repetition) {
    if (stopping.getAsBoolean()) {
      return;
    }
    if (!stand.isAlive()) {
      progress.accept(stand.subject().name() + ": has ended by itself before: " + one.name());
      return;
    }
    try {
      warm(stand, one);
      measure(stand, one, repetition);
    } catch (BenchException e) {
      leftOut(stand.subject(), e);
    }
  }

  private void leftOut(Subject subject, BenchException why) {
    if (!stopping.getAsBoolean()) {
      progress.accept(subject.name() + ": left out: " + why.getMessage());
    }
  }

  /**
   * Until it has used so much CPU: on a busy machine seconds alone warm nothing. What runs for long
   * is measured as it runs for long, so there it goes on until the JVM's compilers rest; a storm
   * comes over an appliance that has done little.
   */
  private void warm(Stand stand, Case one) {
    if (!stand.subject().isOurs()) {
      return;
    }
    double enough = stand.cpu() + plan.warmSeconds();
    long end = System.nanoTime() + (long) (plan.warmSeconds() * MOST_WARMING * 1e9);
    boolean standing = !stand.subject().role().isStorm();
    boolean compiles = standing;
    while (!stopping.getAsBoolean()
        && (stand.cpu() < enough || compiles)
        && System.nanoTime() < end) {
      double cpu = stand.cpu();
      double compilers = stand.compilers();
      var _ = worker.run(one.warmUp().apply(stand.places()));
      compiles = standing && stand.compilers() - compilers > COMPILING * (stand.cpu() - cpu);
    }
  }

  private void measure(Stand stand, Case one, int repetition) {
    DoubleAccumulator memory = new DoubleAccumulator(Math::max, 0);
    Thread watch = Thread.ofVirtual().start(() -> watchMemory(stand, memory));
    double cpu = stand.cpu();
    double busy = busySeconds();
    long begin = System.nanoTime();
    LoadResult load = worker.run(one.order().apply(stand.places()));
    double seconds = (System.nanoTime() - begin) / 1e9;
    cpu = stand.cpu() - cpu;
    double others = busySeconds() - busy - cpu - load.generatorCpu();
    watch.interrupt();
    memory.accumulate(stand.pssMb());
    Outcome outcome =
        new Outcome(
            plan.run(),
            one.experiment(),
            one.name(),
            stand.subject().name(),
            repetition,
            load,
            cpu,
            memory.get(),
            Math.max(0, others / Math.max(seconds, 0.01)));
    results.add(outcome);
    each.accept(outcome);
  }

  private static void watchMemory(Stand stand, DoubleAccumulator most) {
    try {
      while (true) {
        most.accumulate(stand.pssMb());
        Thread.sleep(MEMORY_EVERY_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** CPU seconds of the whole machine, but for idling and for what its host took. */
  private static double busySeconds() {
    try {
      String[] fields = Files.readString(Path.of("/proc/stat")).split("\n", 2)[0].split(" +", -1);
      double ticks = 0;
      for (int field : new int[] {1, 2, 3, 6, 7}) {
        ticks += Double.parseDouble(fields[field]);
      }
      return ticks / 100;
    } catch (IOException e) {
      return 0;
    }
  }
}
