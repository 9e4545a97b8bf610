// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.BmcTrial;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.PowerRun.Step;
import foundrybot.appliance.lifecycle.Purpose;
import foundrybot.appliance.store.Refusals;
import foundrybot.appliance.store.StoreException;
import foundrybot.images.BuildException;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.WakeOnLan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Switches machines on through their BMCs, each by a virtual thread of its own, so that none waits
 * for another one's BMC. Where a deployment stands is in the journal alone: after a restart {@link
 * #resume} takes it up from there.
 */
public final class Deployments implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Deployments.class);
  private static final Duration ENDING = Duration.ofSeconds(5);

  private final PowerLog log;
  private final BmcSource bmcs;
  private final Means means;
  private final ExecutorService workers;
  // Nodes of the rack file that are at work now.
  private final Set<Mac> running = ConcurrentHashMap.newKeySet();
  private final Refusals refusals = new Refusals();

  /**
   * Idle.
   *
   * @param media what BMCs play whose machines boot so
   * @param programs what BMCs are told whose machines boot by HTTP
   * @param pause how time passes; {@code Thread::sleep}, but for tests
   * @param locks keep other programs from a BMC as long as it is spoken to
   * @param workers a thread for each task, at once; is shut down with this
   */
  public Deployments(
      PowerLog log,
      BmcSource bmcs,
      MediumSource media,
      ProgramSource programs,
      Patience patience,
      InstantSource clock,
      WakeOnLan.Pause pause,
      BmcLocks locks,
      ExecutorService workers) {
    this.workers = workers;
    this.log = log;
    this.bmcs = bmcs;
    Places places = new Places(() -> log.limits().atOnce(), patience.place());
    Turns turns = new Turns(places, patience.gap(), clock, pause, bmcs::url, locks);
    this.means = new Means(log, media, programs, patience, turns, new Inrush(), clock, pause);
  }

  /**
   * Opens the runs of nodes that are neither ready nor on their way, and begins to switch them on.
   *
   * @param byHand people switch them on, whether or not they have a BMC
   * @return completes when all that was begun is durable
   */
  public CompletableFuture<List<Begun>> deploy(List<Node> nodes, boolean byHand) {
    Instant now = means.clock().instant();
    return all(
        nodes.stream()
            .map(
                node ->
                    begin(
                        node,
                        Plan.deploy(
                            log.state(node.mac()),
                            byHand || !bmcs.has(node),
                            now,
                            log.deadlines(node)),
                        Errand.DEPLOYMENT))
            .toList());
  }

  /** Opens a new run of a node wherever it stands, and begins to switch it off and on. */
  public CompletableFuture<Begun> reinstall(Node node, boolean byHand) {
    return begin(
        node,
        Plan.reinstall(log.state(node.mac()), byHand || !bmcs.has(node)),
        Errand.REINSTALLATION);
  }

  /**
   * Puts the run of a node aside, and begins to switch it off and on, into rescue.
   *
   * @param force whether an installation under way is broken off
   */
  public CompletableFuture<Begun> rescue(Node node, boolean byHand, boolean force) {
    return aside(node, Purpose.RESCUE, "", byHand, force);
  }

  /**
   * The same for any purpose.
   *
   * @param wish how the detail of the fact begins
   */
  public CompletableFuture<Begun> aside(
      Node node, Purpose purpose, String wish, boolean byHand, boolean force) {
    Instant now = means.clock().instant();
    return begin(
        node,
        Plan.aside(
            log.state(node.mac()),
            purpose,
            byHand || !bmcs.has(node),
            force,
            now,
            log.deadlines(node)),
        Errand.of(purpose),
        wish);
  }

  /**
   * Takes a node out of the cluster.
   *
   * @param detail of {@link FactKind#NODE_RELEASED}
   * @param force whether what goes on with it is broken off
   * @param before what must be durable before the node counts as released
   * @return completes when it is durable
   */
  public CompletableFuture<Begun> release(
      Node node, String detail, boolean force, Supplier<CompletionStage<?>> before) {
    if (!running.add(node.mac())) {
      return done(node, Begun.Answer.REFUSED, "is being switched on; wait for that");
    }
    Plan plan =
        Plan.release(log.state(node.mac()), force, means.clock().instant(), log.deadlines(node));
    CompletableFuture<Begun> released =
        switch (plan) {
          case Plan.Leave(Begun.Answer answer, String why) -> done(node, answer, why);
          case Plan.Settle(FactKind fact, String said) ->
              before
                  .get()
                  .thenCompose(_ -> log.record(node.mac(), fact, detail))
                  .thenApply(_ -> new Begun(node.name(), Begun.Answer.READY, said))
                  .toCompletableFuture();
          case Plan.Open _ -> throw new IllegalStateException("nobody is switched on by it");
        };
    return released.whenComplete((_, _) -> running.remove(node.mac()));
  }

  /** Takes up the run that a rescue has put aside; a finished disk is what the machine boots. */
  public CompletableFuture<Begun> endRescue(Node node, boolean byHand) {
    return begin(
        node, Plan.endRescue(log.state(node.mac()), byHand, bmcs.has(node)), Errand.RETURN);
  }

  /**
   * Begins to switch a stuck machine off and on, for its run's next attempt.
   *
   * @param detail of {@link FactKind#POWER_AGAIN}
   * @return completes when that is durable; false if it is being switched already
   */
  public CompletableFuture<Boolean> again(Node node, String detail) {
    if (!running.add(node.mac())) {
      return CompletableFuture.completedFuture(false);
    }
    return log.record(node.mac(), FactKind.POWER_AGAIN, detail)
        .whenComplete((_, problem) -> ended(node.mac(), problem != null))
        .thenApply(
            _ -> {
              work(node.mac());
              return true;
            });
  }

  /** What a node's BMC is told or asked for some time already, or what that waits for. */
  public Optional<String> now(Node node) {
    return means.turns().now(node);
  }

  /** For what operators tell BMCs themselves: they take turns with what is told here. */
  public BmcDesk desk() {
    return desk(BmcDesk.ANSWERED);
  }

  /**
   * The same for other askers.
   *
   * @param answered how long they wait at most
   */
  BmcDesk desk(Duration answered) {
    return new BmcDesk(means, bmcs, workers, answered);
  }

  /** Goes on with what was under way when the appliance ended, or when a node was held. */
  public void resume(Iterable<Node> nodes) {
    for (Node node : nodes) {
      if (log.state(node.mac()).hold().isPresent()) {
        continue;
      }
      if (log.state(node.mac()).power().isUnderWay() && running.add(node.mac())) {
        work(node.mac());
      } else if (isOnItsMedium(node)) {
        ejectWhenUsed(node.mac());
      }
    }
  }

  private boolean isOnItsMedium(Node node) {
    return log.state(node.mac()).power().step() == Step.TOLD
        && !log.state(node.mac()).isComplete()
        && node.isByMedium();
  }

  /** What a machine is switched on for. */
  private enum Errand {
    DEPLOYMENT("deployment", "its run is open; switch it on by hand, from the network"),
    REINSTALLATION("reinstallation", "its run is open; switch it on by hand, from the network"),
    RESCUE("rescue", "restart it by hand, from the network"),
    INSPECTION("inspection", "restart it by hand, from the network"),
    ERASURE("erasure", "restart it by hand within an hour, from the network"),
    RETURN("back from rescue, to its disk", "restart it by hand; it boots from its disk");

    private final String what;
    private final String byHand;

    Errand(String what, String byHand) {
      this.what = what;
      this.byHand = byHand;
    }

    static Errand of(Purpose purpose) {
      return switch (purpose) {
        case RESCUE -> RESCUE;
        case INSPECT -> INSPECTION;
        case ERASE -> ERASURE;
      };
    }
  }

  private CompletableFuture<Begun> begin(Node node, Plan plan, Errand errand) {
    return begin(node, plan, errand, "");
  }

  private CompletableFuture<Begun> begin(Node node, Plan plan, Errand errand, String wish) {
    return switch (plan) {
      case Plan.Leave(Begun.Answer answer, String why) -> done(node, answer, why);
      case Plan.Settle(FactKind fact, String said) ->
          recorded(node, fact, errand, wish)
              .thenApply(_ -> new Begun(node.name(), Begun.Answer.READY, said));
      case Plan.Open(Optional<FactKind> fact, boolean byHand) ->
          running.add(node.mac())
              ? fact.map(kind -> recorded(node, kind, errand, wish))
                  .orElseGet(() -> CompletableFuture.completedFuture(null))
                  .thenCompose(_ -> begin(node, byHand, errand))
              : done(node, Begun.Answer.UNDER_WAY, "is being switched on");
    };
  }

  private CompletableFuture<Void> recorded(Node node, FactKind kind, Errand errand, String wish) {
    return log.record(node.mac(), kind, wish + errand.what + ", by the operator");
  }

  private CompletableFuture<Begun> begin(Node node, boolean byHand, Errand errand) {
    if (byHand) {
      return log.record(node.mac(), FactKind.POWER_BY_HAND, "switch it on by hand")
          .whenComplete((_, _) -> running.remove(node.mac()))
          .thenApply(_ -> new Begun(node.name(), Begun.Answer.BY_HAND, errand.byHand));
    }
    return log.record(node.mac(), FactKind.POWER_WANTED, errand.what)
        .whenComplete((_, problem) -> ended(node.mac(), problem != null))
        .thenApply(
            _ -> {
              work(node.mac());
              return new Begun(node.name(), Begun.Answer.BEGUN, "powering");
            });
  }

  private void ended(Mac mac, boolean ended) {
    if (ended) {
      running.remove(mac);
    }
  }

  private static CompletableFuture<Begun> done(Node node, Begun.Answer answer, String said) {
    return CompletableFuture.completedFuture(new Begun(node.name(), answer, said));
  }

  private static CompletableFuture<List<Begun>> all(List<CompletableFuture<Begun>> each) {
    return CompletableFuture.allOf(each.toArray(CompletableFuture[]::new))
        .thenApply(_ -> new ArrayList<>(each.stream().map(CompletableFuture::join).toList()));
  }

  private void work(Mac mac) {
    workers.execute(
        () -> {
          try {
            drive(mac);
          } catch (InterruptedException e) {
            // The appliance ends; the journal has where this stands.
            Thread.currentThread().interrupt();
          } catch (ExecutionException | RuntimeException e) {
            tell(mac, e);
            log.note(mac, FactKind.POWER_REFUSED.text(), "internal error of the appliance: " + e);
          } finally {
            running.remove(mac);
          }
        });
  }

  /** What the journal refuses befalls all deployments at once; the next start takes them up. */
  private void tell(Mac mac, Exception problem) {
    Optional<StoreException> refusal = Refusals.behind(problem);
    if (refusal.isEmpty()) {
      LOG.error("deployment given up mac={}", mac, problem);
    } else {
      refusals
          .next(refusal.get(), means.clock().instant())
          .ifPresent(line -> LOG.error("deployments stand still: {}", line));
    }
  }

  private void drive(Mac mac) throws InterruptedException, ExecutionException {
    Instant end = means.clock().instant().plus(means.patience().total());
    boolean asked = log.state(mac).power().step() == Step.ASKED;
    Compared compared = new Compared();
    for (int attempt = 1; log.state(mac).hold().isEmpty(); attempt++) {
      switch (attempt(mac, asked, compared)) {
        case SwitchOn.Result.On(String said) -> {
          LOG.info("powered on mac={} {}", mac, said);
          log.record(mac, FactKind.POWER_TOLD, said).get();
          ejectWhenUsed(mac);
          return;
        }
        case SwitchOn.Result.Unknown unknown -> {
          LOG.warn("power unknown mac={} {}", mac, unknown.said());
          log.record(mac, FactKind.POWER_UNKNOWN, unknown.said()).get();
          ejectWhenUsed(mac);
          return;
        }
        case SwitchOn.Result.Held _ -> {
          return;
        }
        case SwitchOn.Result.Not(String why, boolean mayPass, boolean sent, boolean shutOut) -> {
          Duration wait = means.patience().after(attempt);
          boolean over = !means.clock().instant().plus(wait).isBefore(end);
          if (!mayPass || over) {
            String times = attempt == 1 ? "" : " (attempt " + attempt + ", the last one)";
            LOG.warn("power refused mac={} {}{}", mac, why, times);
            log.record(mac, FactKind.POWER_REFUSED, why + times).get();
            if (!shutOut) {
              ejectNow(mac);
            }
            return;
          }
          asked = sent;
          log.note(mac, "power.retry", BmcTrial.detail(wait, why));
          means.pause().pause(wait);
        }
      }
    }
  }

  /** By a thread of its own: meanwhile the operator may have the node switched anew. */
  private void ejectWhenUsed(Mac mac) {
    if (log.node(mac).filter(Node::isByMedium).isPresent()) {
      workers.execute(
          () -> {
            try {
              if (NextBoot.awaitUse(means, mac)) {
                ejectNow(mac);
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
              LOG.warn("medium not ejected mac={}", mac, e);
            }
          });
    }
  }

  private void ejectNow(Mac mac) throws InterruptedException {
    Optional<Node> node = log.node(mac).filter(Node::isByMedium);
    if (node.isEmpty()) {
      return;
    }
    try (Bmc bmc = bmcs.open(node.get())) {
      new NextBoot(means, node.get(), bmc).eject();
    } catch (PowerException e) {
      log.note(mac, "power.media", "eject: " + e.getMessage());
    }
  }

  private SwitchOn.Result attempt(Mac mac, boolean asked, Compared compared)
      throws InterruptedException {
    Optional<Node> node = log.node(mac);
    if (node.isEmpty()) {
      return new SwitchOn.Result.Not("it is no longer in the rack file", false, asked);
    }
    try {
      Bmc bmc = bmcs.open(node.get());
      try {
        SwitchOn attempt = new SwitchOn(means, node.get(), bmc);
        return attempt.run(asked, compared, bmcs.url(node.get()));
      } finally {
        bmc.close();
      }
    } catch (PowerException | BuildException e) {
      return new SwitchOn.Result.Not(String.valueOf(e.getMessage()), false, asked);
    }
  }

  /** Ends what runs, in the middle; nothing of it is a refusal. */
  @Override
  public void close() {
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(ENDING.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("BMCs still hold {} deployments", running.size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
