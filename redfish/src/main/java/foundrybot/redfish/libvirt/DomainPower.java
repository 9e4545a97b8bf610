// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.WakeOnLan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;

/**
 * Starts and stops a domain; every command but a shutdown is done when virsh returns, and the state
 * is read behind it all the same.
 */
final class DomainPower {
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How often a machine is asked to shut down; an operating system that boots misses the first. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(30);

  private final Virsh virsh;
  private final String domain;
  private final InstantSource clock;
  private final WakeOnLan.Pause pause;

  DomainPower(Virsh virsh, String domain, InstantSource clock, WakeOnLan.Pause pause) {
    this.virsh = virsh;
    this.domain = domain;
    this.clock = clock;
    this.pause = pause;
  }

  /** In virsh's words: {@code shut off}. */
  String read() {
    return virsh.run("domstate", "--domain", domain).strip();
  }

  /** The states of virDomainState, as virsh names them. */
  static PowerState state(String told) {
    return switch (told) {
      case "running", "idle", "paused", "pmsuspended" -> PowerState.ON;
      case "in shutdown" -> PowerState.CHANGING;
      case "shut off", "crashed" -> PowerState.OFF;
      default -> PowerState.UNKNOWN;
    };
  }

  PowerState act(PowerAction action, Duration patience, List<String> steps) {
    Instant deadline = clock.instant().plus(patience);
    String before = read();
    steps.add("was " + before);
    switch (action) {
      case ON -> on(before, steps);
      case OFF -> off(before, steps);
      case SHUTDOWN -> shutDown(before, deadline, steps);
      case CYCLE -> {
        off(before, steps);
        await(PowerAction.OFF, deadline);
        on(read(), steps);
      }
      case RESET -> {
        if (state(before) == PowerState.ON && !before.equals("pmsuspended")) {
          command("reset", steps);
          resume(before, steps);
        } else {
          on(before, steps);
        }
      }
    }
    await(action, deadline);
    steps.add("is " + read());
    return action.leadsTo();
  }

  private void on(String before, List<String> steps) {
    if (before.equals("pmsuspended")) {
      command("dompmwakeup", steps);
    } else if (state(before) != PowerState.ON) {
      commandUnless(PowerState.ON, "start", steps);
    }
    resume(before, steps);
  }

  private void resume(String before, List<String> steps) {
    if (before.equals("paused")) {
      command("resume", steps);
    }
  }

  private void off(String before, List<String> steps) {
    if (state(before) != PowerState.OFF) {
      commandUnless(PowerState.OFF, "destroy", steps);
    }
  }

  private void shutDown(String before, Instant deadline, List<String> steps) {
    if (state(before) == PowerState.OFF) {
      return;
    }
    resume(before, steps);
    while (true) {
      commandUnless(PowerState.OFF, "shutdown", steps);
      Instant until = clock.instant().plus(ASK_AGAIN);
      if (reached(PowerState.OFF, until.isBefore(deadline) ? until : deadline)) {
        return;
      }
      if (!clock.instant().isBefore(deadline)) {
        throw virsh.fault(
            Kind.NO_EFFECT,
            "virsh shutdown",
            "asked, and it is still " + read(),
            "its operating system does not listen: switch it off");
      }
    }
  }

  private void command(String name, List<String> steps) {
    virsh.run(name, "--domain", domain);
    steps.add(name);
  }

  /** Somebody else may have been quicker: what counts is the state. */
  private void commandUnless(PowerState wanted, String name, List<String> steps) {
    try {
      command(name, steps);
    } catch (Trouble e) {
      boolean mayBeDone = e.is(Kind.REFUSED) || e.is(Kind.UNKNOWN_OUTCOME);
      if (!mayBeDone || Thread.currentThread().isInterrupted() || state(read()) != wanted) {
        throw e;
      }
    }
  }

  private void await(PowerAction action, Instant deadline) {
    if (!reached(action.leadsTo(), deadline)) {
      throw virsh.fault(
          Kind.NO_EFFECT,
          action.name().toLowerCase(Locale.ROOT),
          "done, and it is " + read(),
          "see the machine's log on the hypervisor: /var/log/libvirt/qemu/" + domain + ".log");
    }
  }

  private boolean reached(PowerState wanted, Instant until) {
    while (state(read()) != wanted) {
      Duration left = Duration.between(clock.instant(), until);
      if (left.isNegative() || left.isZero()) {
        return false;
      }
      try {
        pause.pause(left.compareTo(LOOK) < 0 ? left : LOOK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw virsh.fault(
            Kind.UNKNOWN_OUTCOME, "the power state", "interrupted while waiting", "ask again");
      }
    }
    return true;
  }
}
