// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.BootSetting;
import foundrybot.redfish.PowerState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** The power of one machine as its BMC shows and switches it. */
final class PowerPanel {
  private final Personality personality;
  private final Machine machine;
  private final EventLog log;
  private final InstantSource clock;
  private final boolean ignoresShutdown;
  private Instant lagsUntil = Instant.MIN;
  private PowerState before = PowerState.OFF;

  PowerPanel(
      Personality personality,
      Machine machine,
      EventLog log,
      InstantSource clock,
      boolean ignoresShutdown) {
    this.personality = personality;
    this.machine = machine;
    this.log = log;
    this.clock = clock;
    this.ignoresShutdown = ignoresShutdown;
  }

  /** PowerState: a text, or JSON's null. */
  Object shown() {
    if (!clock.instant().isBefore(lagsUntil)) {
      return text(machine.powerState());
    }
    return switch (personality.transition()) {
      case "" -> text(before);
      case "null" -> Json.NULL;
      default -> machine.powerState() == PowerState.ON ? personality.transition() : "PoweringOff";
    };
  }

  boolean isOn() {
    return machine.powerState() == PowerState.ON;
  }

  private static String text(PowerState state) {
    return state == PowerState.ON ? "On" : "Off";
  }

  /** From now on the state lags that long behind. */
  void lag(Duration time) {
    before = machine.powerState();
    lagsUntil = clock.instant().plus(time);
  }

  /** Why this cannot be done, if it cannot. */
  Optional<Reply> refusal(String type) {
    if (!personality.resetTypes().contains(type)) {
      return Optional.of(
          Errors.of(
              400,
              "ActionParameterNotSupported",
              "The parameter ResetType has the value '" + type + "', which is not supported.",
              "ResetType",
              "Reset"));
    }
    boolean pointless =
        switch (type) {
          case "On", "ForceOn" -> isOn();
          case "PushPowerButton", "PowerCycle", "Nmi" -> false;
          default -> !isOn();
        };
    if (!pointless || personality.repeatedPower() < 300) {
      return Optional.empty();
    }
    return Optional.of(
        Errors.of(
            personality.repeatedPower(),
            "ActionParameterValueConflict",
            "The server is already powered " + (isOn() ? "ON." : "OFF."),
            "ResetType",
            type));
  }

  void press(String type) {
    log.add("OK", "Reset " + type + " was requested; power was " + text(machine.powerState()));
    switch (type) {
      case "On", "ForceOn" -> machine.on();
      case "ForceOff" -> off();
      case "GracefulShutdown" -> shutDown();
      case "ForceRestart", "GracefulRestart" -> machine.reset();
      case "PowerCycle" -> {
        machine.off();
        machine.on();
      }
      case "PushPowerButton" -> {
        if (isOn()) {
          shutDown();
        } else {
          machine.on();
        }
      }
      default -> log.add("Warning", type + " has no effect on this machine");
    }
  }

  private void off() {
    machine.off();
    if (personality.overrideEndsAtPowerOff()) {
      machine.setNextBoot(BootSetting.NONE);
    }
  }

  private void shutDown() {
    if (!ignoresShutdown) {
      machine.softOff();
    }
  }
}
