// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.Identity;
import foundrybot.redfish.LogEntry;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What an operator tells or asks one BMC, beside any deployment and in the same line for each BMC.
 * All that is heard is a fact, so that it can be shown later without asking again; none of them
 * moves a machine's stage.
 */
public final class BmcDesk {
  /** What was told to a machine's power, and what was answered: {@code off: ...}. */
  public static final String TOLD = "bmc.told";

  /** The power state that was read, in lower case, and how: {@code off; ...}. */
  public static final String POWER = "bmc.power";

  /** How far the machine's start is, in the BMC's words. */
  public static final String PROGRESS = "bmc.progress";

  /** The newest lines of the event log. */
  public static final String EVENTS = "bmc.events";

  /** What was asked and could not be had, and what was answered. */
  public static final String FAILED = "bmc.failed";

  /** A shorter time than HTTP answers are waited for; the rest of it goes on without the asker. */
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /** When the asker is told that it goes on. */
  static final Duration ANSWERED = PATIENCE.plusSeconds(5);

  private static final int EVENT_LINES = 5;

  /** How long a command line waits for its turn: less than it waits for an answer. */
  private static final Duration TURN = Duration.ofSeconds(12);

  /**
   * What came of it.
   *
   * @param done whether the BMC has answered what was wanted
   * @param goesOn whether it has not answered yet, and may do it still
   */
  public record Said(boolean done, String text, boolean goesOn) {
    Said(boolean done, String text) {
      this(done, text, false);
    }
  }

  /**
   * What a machine's BMC was told and is not answered yet.
   *
   * @param until when it is taken for ended
   */
  private record Told(String what, Instant since, Instant until) {}

  private interface Task {
    Said with(Bmc bmc) throws InterruptedException;
  }

  private final Means means;
  private final BmcSource bmcs;
  private final Executor workers;
  private final Duration answered;
  // Nodes of the rack file whose BMC was told something and has not answered yet.
  private final Map<Mac, Told> told = new ConcurrentHashMap<>();

  /**
   * Asks nobody yet.
   *
   * @param answered after how long an asker is told that it goes on
   */
  BmcDesk(Means means, BmcSource bmcs, Executor workers, Duration answered) {
    this.answered = answered;
    this.means = means;
    this.bmcs = bmcs;
    this.workers = workers;
  }

  /**
   * Switches a machine, and waits until its BMC confirms that. Refused while a deployment switches
   * it, or another command is under way: the two would undo each other.
   */
  public CompletableFuture<Said> power(Node node, PowerAction action) {
    String what = action.name().toLowerCase(Locale.ROOT);
    Optional<String> busy = begun(node, "power " + what, Instant.MAX);
    if (busy.isPresent()) {
      return CompletableFuture.completedFuture(new Said(false, busy.get()));
    }
    return work(
        node,
        "power " + what,
        () -> told.remove(node.mac()),
        bmc -> {
          Outcome<PowerState> outcome =
              say(node, "power " + what, () -> bmc.power(action, PATIENCE));
          if (outcome instanceof Done<PowerState> done) {
            note(node, TOLD, what + ": " + done.evidence());
            note(node, POWER, read(done));
            return new Said(true, node.name() + ": " + state(done.value()));
          }
          return failed(node, "power " + what, outcome);
        });
  }

  /**
   * A command line is about to switch a machine by itself. Refused as {@link #power} is; else its
   * BMC is told nothing from here until {@link #ended}.
   *
   * @param what the command, such as {@code power off w1}
   * @param most after which it is taken for ended, should it not say so
   * @return why not; empty if it may
   */
  public CompletableFuture<Optional<String>> begins(Node node, String what, Duration most) {
    Optional<String> busy = begun(node, what, means.clock().instant().plus(most));
    if (busy.isPresent()) {
      return CompletableFuture.completedFuture(busy);
    }
    CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
    workers.execute(
        () -> {
          try {
            Optional<String> other = means.turns().keep(node, what, most, TURN);
            other.ifPresent(_ -> told.remove(node.mac()));
            answer.complete(
                other.map(it -> node.name() + ": its BMC is busy with " + it + "; wait for that"));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /** The command line has ended. */
  public void ended(Node node, String what) {
    Told known = told.get(node.mac());
    if (known != null && known.what().equals(what) && told.remove(node.mac(), known)) {
      means.turns().give(node);
    }
  }

  /** Empty if it may begin, and has. */
  @SuppressWarnings("ReferenceEquality") // identity is meant: two may begin the same at once
  private Optional<String> begun(Node node, String what, Instant until) {
    boolean held = means.log().state(node.mac()).hold().isPresent();
    if (means.log().state(node.mac()).power().isUnderWay() && !held) {
      return Optional.of(
          node.name()
              + ": is being switched on by a deployment (expected: none under way); hold it"
              + " first, or wait"
              + means.turns().now(node).map(now -> "; it " + now).orElse(""));
    }
    Instant now = means.clock().instant();
    Told mine = new Told(what, now, until);
    Told first =
        told.merge(
            node.mac(), mine, (before, more) -> now.isBefore(before.until()) ? before : more);
    return first == mine
        ? Optional.empty()
        : Optional.of(
            node.name()
                + ": still under way: "
                + first.what()
                + ", since "
                + first.since().truncatedTo(ChronoUnit.SECONDS)
                + " (expected: none); wait, and see its events");
  }

  /** Asks who it is, for the power state, the start's progress and the event log. */
  public CompletableFuture<Said> ask(Node node) {
    return work(
        node,
        "asked now",
        () -> {},
        bmc -> {
          Outcome<Identity> who = say(node, "who it is", bmc::identify);
          if (who instanceof Outcome.Failed<Identity>) {
            // Who does not answer this answers nothing else, and each question costs its patience.
            return failed(node, "who it is", who);
          }
          note(node, "power.identity", who.evidence());
          Outcome<PowerState> power = say(node, "power state", bmc::power);
          if (power instanceof Done<PowerState> done) {
            note(node, POWER, read(done));
          } else {
            failed(node, "power state", power);
          }
          heard(node, PROGRESS, say(node, "boot progress", bmc::bootProgress));
          events(node, say(node, "event log", () -> bmc.log(EVENT_LINES)));
          return power instanceof Done<PowerState>(PowerState state, var _, var _)
              ? new Said(true, node.name() + ": " + state(state))
              : new Said(true, node.name() + ": " + power.evidence());
        });
  }

  private void heard(Node node, String kind, Outcome<String> outcome) {
    switch (outcome) {
      case Done<String> done -> note(node, kind, done.value());
      case Outcome.Unsupported<String> unable -> note(node, kind, unable.evidence());
      case Outcome.Failed<String> _ -> failed(node, "boot progress", outcome);
    }
  }

  private void events(Node node, Outcome<List<LogEntry>> outcome) {
    switch (outcome) {
      case Done<List<LogEntry>> done ->
          note(
              node,
              EVENTS,
              done.value().isEmpty()
                  ? "none"
                  : done.value().stream()
                      .map(
                          line ->
                              (line.severity() + " " + line.at()).strip() + " " + line.message())
                      .collect(Collectors.joining(" | ")));
      case Outcome.Unsupported<List<LogEntry>> unable -> note(node, EVENTS, unable.evidence());
      case Outcome.Failed<List<LogEntry>> _ -> failed(node, "event log", outcome);
    }
  }

  private Said failed(Node node, String asked, Outcome<?> outcome) {
    note(node, FAILED, asked + ": " + outcome.evidence());
    return new Said(false, node.name() + ": " + outcome.evidence());
  }

  private static String read(Done<PowerState> done) {
    return done.value().name().toLowerCase(Locale.ROOT) + "; " + done.evidence();
  }

  private static String state(PowerState state) {
    return state == PowerState.UNKNOWN
        ? "sent; nothing confirms it"
        : state.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Has a worker do it.
   *
   * @param after what follows once it is over, before anybody is told
   */
  private CompletableFuture<Said> work(Node node, String what, Runnable after, Task task) {
    CompletableFuture<Said> said = new CompletableFuture<>();
    try {
      workers.execute(
          () -> {
            try {
              Said came = done(node, what, task);
              after.run();
              said.complete(came);
            } catch (InterruptedException e) {
              after.run();
              Thread.currentThread().interrupt();
              said.completeExceptionally(e);
            } catch (RuntimeException e) {
              after.run();
              said.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      after.run();
      throw e;
    }
    Said later =
        new Said(
            false,
            node.name()
                + ": "
                + what
                + ": no answer of its BMC within "
                + answered.toSeconds()
                + " s; it goes on; see its events",
            true);
    return said.completeOnTimeout(later, answered.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Said done(Node node, String what, Task task) throws InterruptedException {
    try (Bmc bmc = bmcs.open(node)) {
      return task.with(bmc);
    } catch (PowerException e) {
      note(node, FAILED, what + ": " + e.getMessage());
      return new Said(false, String.valueOf(e.getMessage()));
    }
  }

  private void note(Node node, String kind, String detail) {
    means.log().note(node.mac(), kind, detail);
  }

  private <T> T say(Node node, String what, Supplier<T> command) throws InterruptedException {
    return means.turns().say(node, what, command);
  }
}
