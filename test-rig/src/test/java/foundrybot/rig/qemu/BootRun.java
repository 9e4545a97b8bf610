// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** One machine on its way from power-on to a kernel that speaks, with the time that it takes. */
final class BootRun {
  private final QemuRack rack;
  private final Machine machine;
  private final Duration limit;
  private Instant begin = Instant.MAX;
  private Optional<Duration> script = Optional.empty();

  /** Where a machine stands. */
  sealed interface Progress {
    /** On its way. */
    record Booting() implements Progress {}

    /** It is where it should come to. */
    record Arrived(Duration toScript, Duration toKernel) implements Progress {}

    /** It will not arrive. */
    record Lost(String why) implements Progress {}
  }

  BootRun(QemuRack rack, Machine machine, Duration limit) {
    this.rack = rack;
    this.machine = machine;
    this.limit = limit;
  }

  Machine machine() {
    return machine;
  }

  void begin() {
    begin = Instant.now();
    machine.powerOn();
  }

  /** Looks once; who has arrived or is lost is powered off. */
  Progress look() {
    Duration time = Duration.between(begin, Instant.now());
    if (script.isEmpty() && rack.hasReached(machine.name(), "script")) {
      script = Optional.of(time);
    }
    if (machine.serial().kernelStarted() && rack.hasReached(machine.name(), "kernel")) {
      machine.powerOff();
      return new Progress.Arrived(script.orElse(time), time);
    }
    if (time.compareTo(limit) > 0) {
      String tail = machine.serial().tail(20);
      machine.powerOff();
      return new Progress.Lost(
          "after "
              + limit.toSeconds()
              + " s: "
              + script
                  .map(at -> "script after " + at.toSeconds() + " s, no kernel")
                  .orElse("no script")
              + "; its serial log ends:\n"
              + tail);
    }
    return new Progress.Booting();
  }
}
