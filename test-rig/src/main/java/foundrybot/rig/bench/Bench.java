// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.bench.Case.Places;
import foundrybot.rig.load.LoadResult;
import foundrybot.rig.load.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run: repetition by repetition, server by server, case by case. */
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

    /** The cases that a subject takes. */
    List<Case> of(Subject subject) {
      return cases.stream().filter(one -> one.roles().contains(subject.role())).toList();
    }
  }

  private static final Pattern IMAGE =
      Pattern.compile("http://[^/ ]+(/node/[^/ ]+/artifact/)[^/ ]+");

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
      for (Subject subject : plan.subjects()) {
        List<Case> cases = plan.of(subject);
        // A storm leaves a state behind, so each has servers of its own.
        List<List<Case>> turns =
            subject.role().isStorm()
                ? cases.stream().map(List::of).toList()
                : cases.isEmpty() ? List.of() : List.of(cases);
        for (List<Case> turn : turns) {
          if (stopping.getAsBoolean()) {
            return results;
          }
          try {
            take(subject, turn, repetition);
          } catch (BenchException e) {
            if (stopping.getAsBoolean()) {
              return results;
            }
            progress.accept(subject.name() + ": left out: " + e.getMessage());
          }
        }
      }
    }
    return results;
  }

  private void take(Subject subject, List<Case> cases, int repetition) {
    List<Served> servers = new ArrayList<>();
    try {
      for (Contender contender : subject.servers()) {
        servers.add(Served.start(contender, lab, serverCpu));
      }
      Places places = places(subject);
      for (Case one : cases) {
        if (servers.stream().allMatch(Served::isAlive)) {
          warm(subject, one, places, servers);
          measure(subject, one, places, servers, repetition);
        } else {
          progress.accept(subject.name() + ": has ended by itself before: " + one.name());
        }
      }
    } finally {
      servers.reversed().forEach(Served::close);
    }
  }

  private Places places(Subject subject) {
    boolean ours = subject.isOurs();
    String image = "/" + Content.IMAGE.file();
    if (ours && subject.role() == Subject.Role.HTTP) {
      LoadResult script =
          worker.run(new Order.Fetch(Lab.target(), scriptOf(String.valueOf(spareMac()))));
      Matcher matcher = IMAGE.matcher(script.body());
      if (!matcher.find()) {
        throw new BenchException("no script: " + script.trouble());
      }
      image = matcher.group(1) + "root.img.zst";
    }
    return new Places(
        lab.www().toString(),
        image,
        ours ? scriptOf("{mac}") : "/" + Content.SCRIPT,
        ours ? "{node}/report/installer-started" : "/callback",
        Product.MACHINES,
        subject.role().dialogue(),
        plan.seconds());
  }

  private static String spareMac() {
    return String.format(
        Locale.ROOT, "02-be-00-00-%02x-%02x", Product.SPARE >> 8, Product.SPARE & 255);
  }

  private static String scriptOf(String mac) {
    return "/boot/" + mac + "/uefi.ipxe";
  }

  /**
   * Until it has used so much CPU: on a busy machine seconds alone warm nothing. What runs for long
   * is measured as it runs for long, so there it goes on until the JVM's compilers rest; a storm
   * comes over an appliance that has done little.
   */
  private void warm(Subject subject, Case one, Places places, List<Served> servers) {
    if (!subject.isOurs()) {
      return;
    }
    double enough = cpu(servers) + plan.warmSeconds();
    long end = System.nanoTime() + (long) (plan.warmSeconds() * MOST_WARMING * 1e9);
    boolean compiles = !subject.role().isStorm();
    while (!stopping.getAsBoolean()
        && (cpu(servers) < enough || compiles)
        && System.nanoTime() < end) {
      double cpu = cpu(servers);
      double compilers = compilers(servers);
      var _ = worker.run(one.warmUp().apply(places));
      compiles =
          !subject.role().isStorm()
              && compilers(servers) - compilers > COMPILING * (cpu(servers) - cpu);
    }
  }

  private static double compilers(List<Served> servers) {
    return servers.stream().mapToDouble(Served::compilers).sum();
  }

  private static double cpu(List<Served> servers) {
    return servers.stream().mapToDouble(Served::cpu).sum();
  }

  private void measure(
      Subject subject, Case one, Places places, List<Served> servers, int repetition) {
    DoubleAccumulator memory = new DoubleAccumulator(Math::max, 0);
    Thread watch = Thread.ofVirtual().start(() -> watchMemory(servers, memory));
    double cpu = cpu(servers);
    double busy = busySeconds();
    long begin = System.nanoTime();
    LoadResult load = worker.run(one.order().apply(places));
    double seconds = (System.nanoTime() - begin) / 1e9;
    cpu = cpu(servers) - cpu;
    double others = busySeconds() - busy - cpu - load.generatorCpu();
    watch.interrupt();
    memory.accumulate(pss(servers));
    Outcome outcome =
        new Outcome(
            plan.run(),
            one.experiment(),
            one.name(),
            subject.name(),
            repetition,
            load,
            cpu,
            memory.get(),
            Math.max(0, others / Math.max(seconds, 0.01)));
    results.add(outcome);
    each.accept(outcome);
  }

  private static double pss(List<Served> servers) {
    return servers.stream().mapToDouble(Served::pssMb).sum();
  }

  private static void watchMemory(List<Served> servers, DoubleAccumulator most) {
    try {
      while (true) {
        most.accumulate(pss(servers));
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
