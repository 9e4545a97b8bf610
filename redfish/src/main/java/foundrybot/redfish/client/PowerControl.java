// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.Message.Meaning;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Switches a machine, and believes only what it then reads.
 *
 * <p>An answer of "no" counts as done if the state is the wanted one; where nobody knows whether a
 * request was carried out, the state is read before anything is sent again.
 */
final class PowerControl {

  /** Where a state lags behind: no BMC seen takes longer to show what it has done. */
  private static final Duration LAG = Duration.ofSeconds(15);

  private static final Duration CONFLICT_WAIT = Duration.ofSeconds(5);
  private static final int MAX_CONFLICTS = 24;

  /** How often a command is sent while nobody knows whether it arrived. */
  private static final int MAX_UNCLEAR = 3;

  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
  private static final Duration LATER_LOOKS = Duration.ofSeconds(3);

  /** Between off and on: power supplies need to drain. */
  private static final Duration REST = Duration.ofSeconds(5);

  /** How long a restart may take to leave a sign. */
  private static final Duration RESTART_SHOWS = Duration.ofSeconds(40);

  private final RedfishTree tree;
  private final Place place;
  private final ResetAction reset;
  private final List<String> warnings = new ArrayList<>();
  private final List<String> sent = new ArrayList<>();

  PowerControl(RedfishTree tree, Place place) {
    this.tree = tree;
    this.place = place;
    this.reset = ResetAction.of(tree, tree.get(place.system()));
  }

  static PowerState state(Props system) {
    return switch (system.textOrEmpty("PowerState").toLowerCase(Locale.ROOT)) {
      case "on" -> PowerState.ON;
      case "off" -> PowerState.OFF;
      case "poweringon", "poweringoff", "reset", "paused", "resetting" -> PowerState.CHANGING;
      default -> PowerState.UNKNOWN;
    };
  }

  /**
   * Of the system; of its chassis where a system has no such property and the chassis is its own.
   */
  static PowerState state(Function<String, Resource> read, Place place) {
    Props system = read.apply(place.system()).props();
    boolean own = place.alone() && place.chassis().size() == 1;
    return system.has("PowerState") || !own
        ? state(system)
        : state(read.apply(place.chassis().getFirst()).props());
  }

  Done<PowerState> run(PowerAction action, Duration patience) {
    PowerState before = state(tree::get, place);
    Instant end = tree.http().now().plus(patience);
    PowerState after =
        switch (action) {
          case ON -> reach(PowerState.ON, ways(before, "On", "ForceOn"), end);
          case OFF -> reach(PowerState.OFF, List.of("ForceOff"), end);
          case SHUTDOWN -> reach(PowerState.OFF, List.of("GracefulShutdown"), end);
          case CYCLE -> cycle(before, end);
          case RESET -> restart(before, end);
        };
    String did = sent.isEmpty() ? "nothing to do" : String.join(", ", sent);
    return new Done<>(after, tree.http().faults().clean(did + "; PowerState " + after), warnings);
  }

  private List<String> ways(PowerState before, String... usual) {
    List<String> ways = new ArrayList<>(List.of(usual));
    if (before == PowerState.OFF) {
      // The button does the opposite to a machine that is on.
      ways.add("PushPowerButton");
    }
    return ways;
  }

  private PowerState cycle(PowerState before, Instant end) {
    if (before == PowerState.OFF) {
      return reach(PowerState.ON, ways(before, "On", "ForceOn"), end);
    }
    boolean on = reset.mayTake("On") || reset.mayTake("ForceOn");
    if (!on || !reset.mayTake("ForceOff")) {
      if (!reset.mayTake("PowerCycle") && reset.mayTake("ForceRestart")) {
        warnings.add("It cannot be switched off by force: it was restarted, with its power on.");
      }
      return restart(List.of("PowerCycle", "ForceRestart"), end);
    }
    reach(PowerState.OFF, List.of("ForceOff"), end);
    tree.http().pause(REST, "the machine to rest");
    return reach(PowerState.ON, ways(PowerState.OFF, "On", "ForceOn"), end);
  }

  private PowerState restart(PowerState before, Instant end) {
    if (before == PowerState.OFF) {
      return reach(PowerState.ON, ways(before, "On", "ForceOn"), end);
    }
    if (!reset.mayTake("ForceRestart") && !reset.mayTake("PowerCycle")) {
      return cycle(before, end);
    }
    return restart(List.of("ForceRestart", "PowerCycle"), end);
  }

  /** Sends what leads to a state until the machine is in it. */
  private PowerState reach(PowerState wanted, List<String> ways, Instant end) {
    List<String> types = reset.allowed(ways);
    if (now() == wanted) {
      return wanted;
    }
    if (types.isEmpty()) {
      throw RedfishException.unsupported("ResetType " + String.join(" or ", ways));
    }
    for (int i = 0; i < types.size(); i++) {
      Sent result = send(types.get(i), wanted, end);
      if (result == Sent.REACHED) {
        return wanted;
      }
      if (result == Sent.ACCEPTED) {
        return await(wanted, types.get(i), end);
      }
    }
    throw reset.refusedAll(ways);
  }

  private enum Sent {
    ACCEPTED,
    REACHED,
    NOT_KNOWN_THERE
  }

  private Sent send(String type, PowerState wanted, Instant end) {
    int unclear = 0;
    for (int conflicts = 0; ; conflicts++) {
      Result result = tell(type);
      if (result.unclear()) {
        if (watch(wanted, until(LAG, end))) {
          warnings.add("The BMC gave no clear answer to " + type + ", but did it.");
          return Sent.REACHED;
        }
        if (++unclear >= MAX_UNCLEAR || type.equals("PushPowerButton") || left(end).isZero()) {
          throw result.fault();
        }
        continue;
      }
      Answer answer = result.answer().orElseThrow(result::fault);
      if (answer.ok()) {
        return Sent.ACCEPTED;
      }
      if (now() == wanted) {
        return Sent.REACHED;
      }
      if (answer.says(Meaning.VALUE_NOT_ALLOWED)) {
        reset.learn(type, answer);
        return Sent.NOT_KNOWN_THERE;
      }
      boolean conflict = answer.status() == 409 || answer.says(Meaning.CONFLICT);
      if (!conflict || conflicts >= MAX_CONFLICTS || !pauseUntil(CONFLICT_WAIT, end)) {
        throw tree.http().faults().of(answer);
      }
    }
  }

  /** What a BMC said to a command, and the fault if that is not enough. */
  private record Result(Optional<Answer> answer, RedfishException fault) {
    boolean unclear() {
      return answer.map(Answer::unclear).orElse(true);
    }
  }

  private Result tell(String type) {
    try {
      Answer answer = reset.send(type);
      note(type, String.valueOf(answer.status()));
      return new Result(Optional.of(answer), tree.http().faults().of(answer));
    } catch (RedfishException e) {
      if (!e.is(Kind.UNKNOWN_OUTCOME)) {
        throw e;
      }
      note(type, "nothing");
      return new Result(Optional.empty(), e);
    }
  }

  /** For what starts and ends with "on": looks for signs that it has happened. */
  private PowerState restart(List<String> ways, Instant end) {
    Signs before = Signs.of(tree.fresh(place.system()).props());
    for (String type : reset.allowed(ways)) {
      Result result = tell(type);
      if (result.unclear()) {
        if (showsRestart(before, until(LAG, end))) {
          warnings.add("The BMC gave no clear answer to " + type + ", but did it.");
          return await(PowerState.ON, type, end);
        }
        throw result.fault();
      }
      Answer answer = result.answer().orElseThrow(result::fault);
      if (answer.ok()) {
        if (!showsRestart(before, until(RESTART_SHOWS, end))) {
          before.lastReset().ifPresent(time -> nothingHappened(type, "LastResetTime", time));
          warnings.add("The BMC shows nothing by which a restart could be told.");
        }
        return await(PowerState.ON, type, end);
      }
      if (!answer.says(Meaning.VALUE_NOT_ALLOWED)) {
        throw tree.http().faults().of(answer);
      }
      reset.learn(type, answer);
    }
    throw reset.refusedAll(ways);
  }

  /** What changes with a restart, where a BMC has it. */
  private record Signs(PowerState state, Optional<String> lastReset, Optional<String> progress) {
    static Signs of(Props system) {
      return new Signs(
          PowerControl.state(system),
          // Some have the property, and never a time.
          system.text("LastResetTime").filter(time -> !time.startsWith("0000-")),
          system
              .text("BootProgress", "LastStateTime")
              .or(() -> system.text("BootProgress", "LastState")));
    }

    boolean silent() {
      return lastReset.isEmpty() && progress.isEmpty();
    }
  }

  private boolean showsRestart(Signs before, Instant end) {
    for (int look = 0; pauseUntil(pace(look), end); look++) {
      Signs now = Signs.of(tree.fresh(place.system()).props());
      if (!now.equals(before)) {
        return true;
      }
      if (before.silent() && look >= 5) {
        return false;
      }
    }
    return false;
  }

  private PowerState await(PowerState wanted, String type, Instant end) {
    if (watch(wanted, end)) {
      return wanted;
    }
    String last = tree.get(place.system()).props().text("PowerState").orElse("not told");
    throw nothingHappened(type, "PowerState", last);
  }

  private RedfishException nothingHappened(String type, String property, String value) {
    String advice =
        type.equals("GracefulShutdown")
            ? "the operating system does not shut down; 'off' takes the power away"
            : "look at the machine and the BMC's log; restart the BMC";
    throw tree.http()
        .faults()
        .fault(
            Kind.NO_EFFECT,
            reset.describe(type),
            String.join(", ", sent) + ", but " + property + " is still " + value,
            advice);
  }

  /** Whether the state is reached in time. */
  private boolean watch(PowerState wanted, Instant end) {
    for (int look = 0; now() != wanted; look++) {
      if (!pauseUntil(pace(look), end)) {
        return false;
      }
    }
    return true;
  }

  private PowerState now() {
    return state(tree::fresh, place);
  }

  private static Duration pace(int look) {
    return look < 5 ? FIRST_LOOK : LATER_LOOKS;
  }

  private Instant until(Duration time, Instant end) {
    Instant then = tree.http().now().plus(time);
    return then.isBefore(end) ? then : end;
  }

  private Duration left(Instant end) {
    Duration left = Duration.between(tree.http().now(), end);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private boolean pauseUntil(Duration time, Instant end) {
    if (tree.http().now().plus(time).isAfter(end)) {
      return false;
    }
    tree.http().pause(time, "PowerState");
    return true;
  }

  private void note(String type, String answer) {
    String line = type + " answered " + answer;
    if (sent.isEmpty() || !sent.getLast().equals(line)) {
      sent.add(line);
    }
  }
}
