// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RetryLimits;
import foundrybot.appliance.lifecycle.Brake;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Handling;
import foundrybot.appliance.lifecycle.NodeHold;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Retry;
import foundrybot.appliance.power.Deployments;
import foundrybot.appliance.store.Refusals;
import foundrybot.appliance.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the rack every few seconds and does what {@link Retry} and {@link Brake} decide: one
 * thread for all nodes, which never waits for a BMC.
 */
final class Retries implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final Deployments deployments;
  private final Predicate<Node> hasBmc;
  private final InstantSource clock;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Refusals refusals = new Refusals();
  private final Thread thread;

  private Retries(
      Fleet fleet,
      FlightRecorder recorder,
      Deployments deployments,
      Predicate<Node> hasBmc,
      InstantSource clock) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.deployments = deployments;
    this.hasBmc = hasBmc;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("retries").daemon(true).unstarted(this::run);
  }

  /** One that looks when it is told to, by {@link #begin}. */
  static Retries idle(
      Fleet fleet,
      FlightRecorder recorder,
      Deployments deployments,
      Predicate<Node> hasBmc,
      InstantSource clock) {
    return new Retries(fleet, recorder, deployments, hasBmc, clock);
  }

  /** Begins to look. */
  static Retries start(
      Fleet fleet,
      FlightRecorder recorder,
      Deployments deployments,
      Predicate<Node> hasBmc,
      InstantSource clock) {
    Retries retries = new Retries(fleet, recorder, deployments, hasBmc, clock);
    retries.thread.start();
    return retries;
  }

  private void run() {
    try {
      while (!end.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does what is due now; returns when that is durable. */
  synchronized void look() {
    try {
      begin().join();
    } catch (RuntimeException e) {
      // A store that fails stops the appliance; whatever else, the next look is in seconds.
      Optional<StoreException> refusal = Refusals.behind(e);
      if (refusal.isEmpty()) {
        LOG.error("retries: a look failed", e);
      } else {
        refusals
            .next(refusal.get(), clock.instant())
            .ifPresent(line -> LOG.error("retries stand still: {}", line));
      }
    }
  }

  /** Begins what is due now; completes when that is durable. */
  CompletableFuture<Void> begin() {
    Instant now = clock.instant();
    List<Brake.Watched> watched =
        fleet.rack().nodes().stream()
            .map(node -> new Brake.Watched(fleet.state(node.mac()), fleet.deadlines(node)))
            .toList();
    List<RetryLimits> limits = fleet.rack().nodes().stream().map(this::limits).toList();
    Optional<String> stop = fleet.brake().trips(watched, limits, now);
    if (stop.isPresent()) {
      LOG.warn("no retries any more: {}", stop.get());
      return recorder.record(FactKind.FLEET_BRAKED.text(), stop.get());
    }
    return fleet.brake().since().isPresent()
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.allOf(
            fleet.rack().nodes().stream()
                .map(node -> act(node, now))
                .flatMap(Optional::stream)
                .toArray(CompletableFuture[]::new));
  }

  private Optional<CompletableFuture<?>> act(Node node, Instant now) {
    return switch (decide(node, now)) {
      case Retry.Nothing _, Retry.Later _ -> Optional.empty();
      case Retry.Cycle cycle -> {
        LOG.info("power cycle {} mac={} at {}", cycle.number(), node.mac(), cycle.stage());
        yield Optional.of(
            deployments.again(node, Handling.cycleDetail(cycle.stage(), cycle.why())));
      }
      case Retry.Hold(String why) -> {
        LOG.warn("held mac={} {}", node.mac(), why);
        yield Optional.of(
            recorder.record(
                node.mac(), FactKind.NODE_HELD.text(), NodeHold.detail(NodeHold.APPLIANCE, why)));
      }
    };
  }

  private RetryLimits limits(Node node) {
    return fleet.rack().retriesOf(node);
  }

  private Retry decide(Node node, Instant now) {
    return Retry.of(
        node.name(),
        fleet.state(node.mac()),
        () -> hasBmc.test(node),
        limits(node),
        fleet.deadlines(node),
        fleet.siteServers(node),
        now);
  }

  /** What the appliance is going to do about a stuck node; empty where it does nothing. */
  String next(Node node, NodeState state, Instant now) {
    if (fleet.brake().since().isPresent()) {
      return "";
    }
    int attempts = limits(node).at(state.stage().toString());
    return switch (decide(node, now)) {
      case Retry.Nothing _ ->
          hasBmc.test(node) || !isSilent(node, state, now) ? "" : "power-cycle it: it has no BMC";
      case Retry.Later(Instant until, int number) ->
          "power cycle "
              + number
              + " of "
              + attempts
              + " at "
              + until.truncatedTo(ChronoUnit.SECONDS);
      case Retry.Cycle cycle ->
          "power cycle " + cycle.number() + " of " + attempts + " within seconds";
      case Retry.Hold _ -> "held within seconds: its attempts are used up";
    };
  }

  private boolean isSilent(Node node, NodeState state, Instant now) {
    boolean due = state.deadline(fleet.deadlines(node)).filter(at -> !at.isAfter(now)).isPresent();
    return due && state.hold().isEmpty() && !state.isHeld() && !state.isInRescue();
  }

  @Override
  public void close() {
    end.countDown();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
