// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.WakeOnLan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Switches a machine (IPMI 2.0, 28.2 and 28.3): looks first, sends Chassis Control, and looks until
 * the state is there.
 *
 * <p>Whoever gets no answer does not know whether it was carried out; so the state is read before
 * it is sent again. A power cycle is off, a pause, and on: of the BMC's own cycle nothing could be
 * read that proves it.
 */
final class PowerSwitch {
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How long an action that got no answer is given to show. */
  private static final Duration SHOW = Duration.ofSeconds(5);

  /** How often an order is sent of which nobody knows whether it was carried out. */
  private static final int MOST_UNCLEAR = 3;

  /** How often one order is sent while no answer comes, where twice does what once does. */
  private static final int TRIES = 2;

  private final Link link;
  private final Duration offTime;
  private final InstantSource clock;
  private final WakeOnLan.Pause pause;
  private final List<String> done = new ArrayList<>();

  /** What Chassis Control takes (IPMI 2.0, table 28-4). */
  private enum Control {
    POWER_DOWN(0, PowerState.OFF, "power down"),
    POWER_UP(1, PowerState.ON, "power up"),
    HARD_RESET(3, PowerState.ON, "hard reset"),
    SOFT_SHUTDOWN(5, PowerState.OFF, "soft shutdown");

    private final int code;
    private final PowerState leadsTo;
    private final String title;

    Control(int code, PowerState leadsTo, String title) {
      this.code = code;
      this.leadsTo = leadsTo;
      this.title = title;
    }
  }

  /** One use: for one action. */
  PowerSwitch(Link link, Duration offTime, InstantSource clock, WakeOnLan.Pause pause) {
    this.link = link;
    this.offTime = offTime;
    this.clock = clock;
    this.pause = pause;
  }

  static PowerState read(Link link) {
    return state(ChassisStatus.decode(link.need(Command.GET_CHASSIS_STATUS)));
  }

  private static PowerState state(ChassisStatus status) {
    return status.on() ? PowerState.ON : PowerState.OFF;
  }

  Outcome<PowerState> act(PowerAction action, Duration patience) {
    Instant deadline = clock.instant().plus(patience);
    PowerState before = read(link);
    done.add("was " + text(before));
    return switch (action) {
      case ON -> reach(before, Control.POWER_UP, deadline);
      case OFF -> reach(before, Control.POWER_DOWN, deadline);
      case SHUTDOWN -> reach(before, Control.SOFT_SHUTDOWN, deadline);
      case CYCLE -> cycle(before, deadline);
      case RESET -> reset(before, deadline);
    };
  }

  private Outcome<PowerState> cycle(PowerState before, Instant deadline) {
    if (before == PowerState.ON) {
      reach(before, Control.POWER_DOWN, deadline);
      sleep(offTime);
    }
    return reach(PowerState.OFF, Control.POWER_UP, deadline.plus(offTime));
  }

  /**
   * Sent once and not again unless the BMC has said that it is busy: a second reset would come when
   * the firmware has used the boot flags of the first one, and boot something else.
   */
  private Outcome<PowerState> reset(PowerState before, Instant deadline) {
    if (before != PowerState.ON) {
      throw fault(Kind.REFUSED, "a reset", "the machine is off", "switch it on");
    }
    try {
      int code = link.control(Control.HARD_RESET.code, 1);
      while (CompletionCode.isNotYet(code) && clock.instant().isBefore(deadline)) {
        sleep(LOOK);
        code = link.control(Control.HARD_RESET.code, 1);
      }
      if (code != CompletionCode.DONE) {
        throw code == CompletionCode.TIMEOUT
            ? fault(Kind.UNKNOWN_OUTCOME, "a reset", CompletionCode.text(code), "look at it")
            : link.refusal(Command.CHASSIS_CONTROL, code);
      }
    } catch (Trouble e) {
      throw e.isSilence()
          ? fault(
              Kind.UNKNOWN_OUTCOME,
              "a reset",
              "no answer",
              "no state tells whether it was done, so it is not sent again: look at the machine, or"
                  + " set the next boot anew and cycle its power")
          : e;
    }
    done.add("hard reset: done");
    Done<PowerState> finished = finished(read(link));
    return new Done<>(
        finished.value(),
        finished.evidence(),
        List.of("No state of the BMC tells a machine that was reset from one that was not."));
  }

  private Outcome<PowerState> reach(PowerState before, Control control, Instant deadline) {
    if (before == control.leadsTo) {
      return finished(before);
    }
    for (int unclear = 0; ; ) {
      Sent sent = send(control);
      unclear += sent == Sent.UNCLEAR ? 1 : 0;
      boolean last = sent == Sent.ACCEPTED || unclear == MOST_UNCLEAR;
      Instant until = last ? deadline : earlier(deadline, clock.instant().plus(SHOW));
      if (await(control.leadsTo, until)) {
        done.add(text(control.leadsTo));
        return finished(control.leadsTo);
      }
      if (!clock.instant().isBefore(deadline)) {
        throw noEffect(control, sent);
      }
    }
  }

  private Trouble noEffect(Control control, Sent last) {
    String answered = String.join(", ", done) + ", still not " + text(control.leadsTo);
    if (last == Sent.NOT_YET) {
      return fault(Kind.BUSY, control.title, answered, "try again in a minute");
    }
    return fault(
        Kind.NO_EFFECT,
        control.title,
        answered,
        control == Control.SOFT_SHUTDOWN
            ? "its operating system does not listen: force it off"
            : "look at the machine and the BMC's event log");
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /** What one order came to, as far as the BMC says. */
  private enum Sent {
    ACCEPTED,
    /** It was busy and has surely not begun: harmless to send again. */
    NOT_YET,
    /** Only the state tells whether it was carried out. */
    UNCLEAR
  }

  private Sent send(Control control) {
    try {
      int code = link.control(control.code, TRIES);
      tell(control.title + ": " + CompletionCode.text(code));
      if (code == CompletionCode.DONE) {
        return Sent.ACCEPTED;
      }
      if (CompletionCode.isNotYet(code)) {
        return Sent.NOT_YET;
      }
      boolean mayBe = code == CompletionCode.TIMEOUT || code == 0xd5;
      if (!mayBe && read(link) != control.leadsTo) {
        throw link.refusal(Command.CHASSIS_CONTROL, code);
      }
    } catch (Trouble e) {
      if (!e.isSilence() || Thread.currentThread().isInterrupted()) {
        throw e;
      }
      tell(control.title + ": no answer");
    }
    return Sent.UNCLEAR;
  }

  /** What is the same again is told once. */
  private void tell(String what) {
    if (done.isEmpty() || !done.getLast().equals(what)) {
      done.add(what);
    }
  }

  /** Looks until the state is there; a BMC that does not answer for a while is borne with. */
  private boolean await(PowerState wanted, Instant until) {
    while (true) {
      try {
        if (read(link) == wanted) {
          return true;
        }
      } catch (Trouble e) {
        if (!e.mayPass() || !clock.instant().isBefore(until)) {
          throw e;
        }
      }
      Duration left = Duration.between(clock.instant(), until);
      if (left.isNegative() || left.isZero()) {
        return false;
      }
      sleep(left.compareTo(LOOK) < 0 ? left : LOOK);
    }
  }

  private void sleep(Duration time) {
    try {
      pause.pause(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw fault(
          Kind.UNKNOWN_OUTCOME, "the power state", "interrupted while waiting", "try again");
    }
  }

  private Done<PowerState> finished(PowerState state) {
    return new Done<>(state, link.bmc() + ": " + String.join(", ", done));
  }

  private Trouble fault(Kind kind, String asked, String answered, String advice) {
    return Trouble.failed(new BmcFault(kind, link.bmc(), asked, answered, advice));
  }

  private static String text(PowerState state) {
    return state == PowerState.ON ? "on" : "off";
  }
}
