// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Starts and stops a machine. Each command is a task; when it has ended well the state is read all
 * the same, since for a machine under high availability the task only asks for it.
 */
final class GuestPower {
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How long a shutdown is waited for before it is asked for again. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(30);

  private static final Duration UNANSWERED = Duration.ofSeconds(30);

  /** Beyond the time that a task was given to end by itself. */
  private static final Duration ENDS = Duration.ofSeconds(10);

  private final Api api;
  private final Tasks tasks;
  private final Place place;

  GuestPower(Api api, Place place) {
    this.api = api;
    this.tasks = new Tasks(api);
    this.place = place;
  }

  /**
   * What it does.
   *
   * @param told for people: {@code running}, {@code running, paused}
   */
  record Now(PowerState state, String told, boolean paused) {}

  Now read() {
    Data data = api.get(place.path("/status/current"));
    String status = data.text("status");
    String detail = data.text("qmpstatus");
    String lock = data.text("lock");
    boolean paused = detail.equals("paused") || detail.equals("prelaunch");
    PowerState state =
        detail.equals("shutdown") && status.equals("running")
            ? PowerState.CHANGING
            : Guests.state(status);
    String told =
        status
            + (detail.isEmpty() || detail.equals(status) ? "" : ", " + detail)
            + (lock.isEmpty() ? "" : ", locked (" + lock + ")");
    return new Now(state, api.shown(told), paused && state == PowerState.ON);
  }

  PowerState act(PowerAction action, Duration patience, List<String> steps) {
    Instant deadline = api.now().plus(patience);
    Now before = read();
    steps.add("was " + before.told());
    switch (action) {
      case ON -> on(before, deadline, steps);
      case OFF -> off(before, deadline, steps);
      case SHUTDOWN -> shutDown(before, deadline, steps);
      case CYCLE -> {
        off(before, deadline, steps);
        await(PowerAction.OFF, deadline);
        on(read(), deadline, steps);
      }
      case RESET -> {
        if (before.state() == PowerState.ON) {
          resume(before, deadline, steps);
          command("reset", Map.of(), deadline, steps);
        } else {
          on(before, deadline, steps);
        }
      }
    }
    await(action, deadline);
    steps.add("is " + read().told());
    return action.leadsTo();
  }

  private void on(Now before, Instant deadline, List<String> steps) {
    if (before.state() != PowerState.ON) {
      commandUnless(PowerState.ON, "start", Map.of(), deadline, steps);
    }
    resume(before, deadline, steps);
  }

  private void resume(Now before, Instant deadline, List<String> steps) {
    if (before.paused()) {
      command("resume", Map.of(), deadline, steps);
    }
  }

  private void off(Now before, Instant deadline, List<String> steps) {
    if (before.state() != PowerState.OFF) {
      commandUnless(PowerState.OFF, "stop", Map.of(), deadline, steps);
    }
  }

  private void shutDown(Now before, Instant deadline, List<String> steps) {
    if (before.state() == PowerState.OFF) {
      return;
    }
    resume(before, deadline, steps);
    while (true) {
      Duration left = Duration.between(api.now(), deadline);
      Duration wait = left.compareTo(ASK_AGAIN) < 0 ? left : ASK_AGAIN;
      long seconds = Math.max(1, wait.toSeconds());
      try {
        command(
            "shutdown",
            Map.of("timeout", Long.toString(seconds)),
            api.now().plusSeconds(seconds).plus(ENDS),
            steps);
      } catch (Trouble e) {
        // Its task fails where the operating system does not listen in time.
        if (!e.is(Kind.REFUSED) && !e.is(Kind.BUSY)) {
          throw e;
        }
      }
      Instant until = api.now().plus(LOOK);
      if (reached(PowerState.OFF, until.isBefore(deadline) ? until : deadline)) {
        return;
      }
      if (!api.now().isBefore(deadline)) {
        throw api.fault(
            Kind.NO_EFFECT,
            "shutdown of " + place,
            "asked, and it is still " + read().told(),
            "its operating system does not listen: switch it off");
      }
    }
  }

  private void command(
      String name, Map<String, String> form, Instant deadline, List<String> steps) {
    steps.add(name);
    tasks.run(Call.post(place.path("/status/" + name), form), deadline);
  }

  /** Somebody else may have been quicker: what counts is the state. */
  private void commandUnless(
      PowerState wanted,
      String name,
      Map<String, String> form,
      Instant deadline,
      List<String> steps) {
    try {
      command(name, form, deadline, steps);
    } catch (Trouble e) {
      boolean interrupted = Thread.currentThread().isInterrupted();
      if (interrupted || !(e.is(Kind.UNKNOWN_OUTCOME) || e.is(Kind.REFUSED))) {
        throw e;
      }
      // Without an answer there is no task to follow, so the state is waited for.
      Instant until = e.is(Kind.REFUSED) ? api.now() : api.now().plus(UNANSWERED);
      if (!reached(wanted, until.isBefore(deadline) ? until : deadline)) {
        throw e;
      }
    }
  }

  private void await(PowerAction action, Instant deadline) {
    if (!reached(action.leadsTo(), deadline)) {
      throw api.fault(
          Kind.NO_EFFECT,
          action.name().toLowerCase(Locale.ROOT) + " of " + place,
          "its task ended well, and it is " + read().told(),
          "see the node's task list, and whether high availability holds the machine");
    }
  }

  private boolean reached(PowerState wanted, Instant until) {
    while (read().state() != wanted) {
      Duration left = Duration.between(api.now(), until);
      if (left.isNegative() || left.isZero()) {
        return false;
      }
      api.pause(left.compareTo(LOOK) < 0 ? left : LOOK, "the power state of " + place);
    }
    return true;
  }
}
