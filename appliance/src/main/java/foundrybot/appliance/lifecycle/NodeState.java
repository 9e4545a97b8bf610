// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where one node stands: a pure function of the journal. {@link #after} is the whole lifecycle; the
 * table of facts and stages it works by is {@link FactKind}.
 *
 * @param run 1 for the first run, one more for each reinstallation
 * @param attempt how often the machine started on this run's script, and came with its token
 * @param since when it came to the stage
 * @param progressAt the last fact that counts as movement; the deadline runs from here
 * @param evidence the last thing heard of it, in words
 * @param evidenceAt when that was
 * @param failure what the machine itself said went wrong, until it moves again
 * @param tokens of the run that are live; none before its first script
 * @param identity who its BMC and its firmware say that it is
 * @param power how it is switched on in this run, or in this rescue
 * @param rescue where its run waits while the machine is in rescue; stage, attempt, tokens and
 *     power are then those of the rescue
 * @param handling what was decided about it beside its way
 * @param trail what else was seen of it at this stage, and where its attempts ended
 */
public record NodeState(
    Stage stage,
    int run,
    int attempt,
    Instant since,
    Instant progressAt,
    String evidence,
    Instant evidenceAt,
    Optional<String> failure,
    RunTokens tokens,
    Identity identity,
    PowerRun power,
    Optional<Rescue> rescue,
    Handling handling,
    Trail trail) {

  /** No machine starts from its disk, fails there and is back at the network in less. */
  static final Duration BACK_AFTER = Duration.ofMinutes(3);

  /** A BMC that does not answer for so long is told of, although it is tried on. */
  private static final Duration BMC_PATIENCE = Duration.ofMinutes(1);

  /** Firmware that has no program of one kind may ask for another kind's. */
  private static final Duration OTHER_PROGRAM = Duration.ofMinutes(1);

  /** A pool has another address for who found the first one in use. */
  private static final Duration OTHER_ADDRESS = Duration.ofSeconds(30);

  /** One, another, and the first again; a board that was replaced makes two. */
  private static final int IN_TURN = 3;

  /** A node that is in the rack file and of which nothing was heard. */
  public static NodeState planned(Instant since) {
    return new NodeState(
        Stage.PLANNED,
        1,
        0,
        since,
        since,
        "nothing heard yet",
        since,
        Optional.empty(),
        RunTokens.NONE,
        Identity.UNKNOWN,
        PowerRun.NONE,
        Optional.empty(),
        Handling.NONE,
        Trail.NONE);
  }

  /** The state after one more fact. */
  public NodeState after(Fact fact) {
    NodeState heard = heard(fact);
    NodeState moved = FactKind.of(fact.kind()).map(kind -> heard.moved(kind, fact)).orElse(heard);
    if (moved.isComplete()) {
      return moved.with(Trail.NONE);
    }
    boolean begun = moved.stage != stage || moved.attempt != attempt || moved.run != run;
    if (begun) {
      return moved.with(moved.trail.atNewStage().after(fact));
    }
    Trail went = moved.trail.after(fact);
    return moved.with(
        moved.progressAt.equals(progressAt)
            ? went.restarted(fact, stage, progressAt)
            : went.withoutRestarts());
  }

  /** What changes of a state; all else is as it was. */
  private static final class Change {
    private Stage stage;
    private int run;
    private int attempt;
    private Instant since;
    private Instant progressAt;
    private String evidence;
    private Instant evidenceAt;
    private Optional<String> failure;
    private RunTokens tokens;
    private Identity identity;
    private PowerRun power;
    private Optional<Rescue> rescue;
    private Handling handling;
    private Trail trail;

    private Change(NodeState from) {
      this.stage = from.stage;
      this.run = from.run;
      this.attempt = from.attempt;
      this.since = from.since;
      this.progressAt = from.progressAt;
      this.evidence = from.evidence;
      this.evidenceAt = from.evidenceAt;
      this.failure = from.failure;
      this.tokens = from.tokens;
      this.identity = from.identity;
      this.power = from.power;
      this.rescue = from.rescue;
      this.handling = from.handling;
      this.trail = from.trail;
    }

    /** It has come to that stage now, and nothing of what went wrong before matters. */
    private void moves(Stage to, Fact fact) {
      stage = to;
      since = fact.at();
      progressAt = fact.at();
      failure = Optional.empty();
    }

    private NodeState made() {
      return new NodeState(
          stage,
          run,
          attempt,
          since,
          progressAt,
          evidence,
          evidenceAt,
          failure,
          tokens,
          identity,
          power,
          rescue,
          handling,
          trail);
    }
  }

  private NodeState but(Consumer<Change> changes) {
    Change change = new Change(this);
    changes.accept(change);
    return change.made();
  }

  private NodeState with(Trail newTrail) {
    return newTrail.equals(trail) ? this : but(it -> it.trail = newTrail);
  }

  private NodeState moved(FactKind kind, Fact fact) {
    return switch (kind.effect()) {
      case REACH -> isAhead(kind.stage()) ? reached(kind, fact) : this;
      case MINT -> takesTokens() ? minted(fact) : this;
      case PREPARE -> takesTokens() ? prepared(fact) : this;
      case USE -> tokens.of(firstWord(fact)).map(token -> used(token, fact)).orElse(this);
      case CLAIM ->
          isComplete()
              ? this
              : with(stage, since, progressAt, failure, tokens.claimed(fact.detail()));
      // Also of one that has enrolled: somebody did, and it may be the wrong one.
      case CONTEST -> with(stage, since, progressAt, failure, tokens.contested(fact.detail()));
      case PROGRESS -> with(stage, since, fact.at(), Optional.empty(), tokens);
      case TO_DISK ->
          stage == Stage.INSTALLED && !trail.has(Mark.TO_DISK)
              ? with(stage, since, fact.at(), failure, tokens)
              : this;
      case FAIL ->
          isAtRest() ? this : with(stage, since, progressAt, Optional.of(fact.detail()), tokens);
      case NEW_RUN -> fromTheStart(run + 1, fact, Optional.empty());
      case RESCUE -> {
        Purpose purpose = Purpose.of(kind);
        Rescue waiting =
            rescue
                .map(it -> it.turned(purpose, fact))
                .orElseGet(() -> Rescue.from(this, purpose, fact));
        yield fromTheStart(run, fact, Optional.of(waiting));
      }
      case RESCUE_READY ->
          rescue
              .filter(it -> it.purpose() == Purpose.RESCUE)
              .map(waiting -> reached(kind, fact).inRescue(waiting.reported(fact)))
              .orElse(this);
      case RESCUE_END ->
          rescue
              .filter(it -> kind == FactKind.RESCUE_ENDED || it.purpose() == Purpose.INSPECT)
              .map(waiting -> takenUp(waiting, fact))
              .orElse(this);
      case ERASING ->
          rescue
              .filter(it -> it.purpose() == Purpose.ERASE)
              .map(it -> erasing(it, kind, fact))
              .orElse(this);
      case ERASED ->
          stage == Stage.ERASING
              ? reached(kind, fact).inRescue(Optional.empty(), RunTokens.NONE, PowerRun.NONE)
              : this;
      case IDENTITY -> with(identity.after(kind, fact), power);
      case POWER -> switched(kind, fact);
      case AGAIN -> again(kind, fact);
      case FLEET -> this;
      case HELD -> with(identity, power.after(kind, fact));
      case HANDLING -> with(handling.after(kind, fact));
      case RELEASE -> fromTheStart(run, fact, Optional.empty()).reached(kind, fact);
    };
  }

  /** One order to erase is given with a token, and no other token is good until it has ended. */
  private boolean takesTokens() {
    return stage.isBefore(Stage.INSTALLED) && stage != Stage.ERASING;
  }

  /** What belongs to an installation proves nothing in a rescue, and the other way round. */
  private boolean isAhead(Stage proven) {
    boolean possible =
        rescue
            .map(it -> !Stage.KERNEL.isBefore(proven) || proven == it.purpose().stage())
            .orElse(proven.isOfRun());
    return possible && stage.isBefore(proven);
  }

  private NodeState fromTheStart(int newRun, Fact fact, Optional<Rescue> newRescue) {
    return but(
        it -> {
          it.moves(Stage.PLANNED, fact);
          it.run = newRun;
          it.attempt = 0;
          it.tokens = RunTokens.NONE;
          it.power = PowerRun.NONE;
          it.rescue = newRescue;
          it.handling = newRun == run ? handling : handling.inNewRun();
          it.trail = Trail.NONE;
        });
  }

  private NodeState inRescue(Rescue newRescue) {
    return inRescue(Optional.of(newRescue), tokens, power);
  }

  private NodeState inRescue(Optional<Rescue> newRescue, RunTokens newTokens, PowerRun newPower) {
    return but(
        it -> {
          it.tokens = newTokens;
          it.power = newPower;
          it.rescue = newRescue;
        });
  }

  /** Only who has the order may go on; a script that was fetched before it begins nothing. */
  private NodeState erasing(Rescue waiting, FactKind kind, Fact fact) {
    NodeState begun =
        stage.isBefore(kind.stage())
            ? reached(kind, fact)
            : with(stage, since, fact.at(), failure, tokens);
    return begun.inRescue(Optional.of(waiting.erasing(fact)), tokens.withoutWaiting(), power);
  }

  private NodeState takenUp(Rescue waiting, Fact fact) {
    return but(
        it -> {
          it.moves(waiting.stage(), fact);
          it.since = waiting.since();
          it.attempt = waiting.attempt();
          it.tokens = waiting.tokens();
          it.power = waiting.power();
          it.rescue = Optional.empty();
          it.trail = Trail.NONE;
        });
  }

  /** Whether the other state differs only in when and what was last heard. */
  boolean isWhere(NodeState other) {
    return equals(
        other.but(
            it -> {
              it.progressAt = progressAt;
              it.evidence = evidence;
              it.evidenceAt = evidenceAt;
              it.trail = other.trail.seenAs(trail);
            }));
  }

  private static String firstWord(Fact fact) {
    return fact.detail().split(" ", 2)[0];
  }

  /** From a finished disk on there is no next attempt for which a token could wait. */
  private NodeState reached(FactKind kind, Fact fact) {
    boolean over = !kind.stage().isBefore(Stage.INSTALLED);
    RunTokens left = over ? tokens.withoutWaiting() : tokens;
    return with(kind.stage(), fact.at(), fact.at(), Optional.empty(), left)
        .with(over ? trail.withoutEnds() : trail);
  }

  /**
   * Anybody may have asked for the script, so an attempt that is under way goes on. A token of
   * before they had a salt counts as used, and ended the one before it.
   */
  private NodeState minted(Fact fact) {
    RunToken token = RunToken.minted(fact.detail());
    if (token.used()) {
      return startedOver(fact, new RunTokens(List.of(token))).with(identity.inUse(), power);
    }
    RunTokens more = tokens.plus(token);
    return tokens.hasUsed()
        ? with(stage, since, progressAt, failure, more)
        : startedOver(fact, more);
  }

  private NodeState prepared(Fact fact) {
    RunTokens left = tokens.withOnly(RunToken.minted(fact.detail()));
    return with(stage, since, progressAt, failure, left);
  }

  /** One that was prepared begins its attempt only now. */
  private NodeState used(RunToken token, Fact fact) {
    if (token.used()) {
      return this;
    }
    RunTokens left = tokens.usedFirst(token, fact.detail());
    NodeState begun =
        tokens.hasUsed() || stage.isBefore(Stage.SCRIPT)
            ? startedOver(fact, left)
            : with(stage, since, fact.at(), Optional.empty(), left);
    return begun.with(identity.inUse(), power.entered(fact.at()));
  }

  private NodeState startedOver(Fact fact, RunTokens left) {
    return but(
        it -> {
          it.moves(Stage.SCRIPT, fact);
          it.attempt = attempt + 1;
          it.tokens = left;
          it.trail = stage.isBefore(Stage.SCRIPT) ? trail : trail.ended(stage);
        });
  }

  private NodeState with(
      Stage newStage,
      Instant newSince,
      Instant newProgress,
      Optional<String> newFailure,
      RunTokens newTokens) {
    return but(
        it -> {
          it.stage = newStage;
          it.since = newSince;
          it.progressAt = newProgress;
          it.failure = newFailure;
          it.tokens = newTokens;
        });
  }

  /** What the appliance does with the power is movement. */
  private NodeState switched(FactKind kind, Fact fact) {
    NodeState moved =
        stage.isBefore(kind.stage())
            ? reached(kind, fact)
            : with(stage, since, fact.at(), failure, tokens);
    return moved.with(identity, power.after(kind, fact));
  }

  /** What was installed stays so; what was not begins at the power, in the same run. */
  private NodeState again(FactKind kind, Fact fact) {
    boolean toDisk = bootsFromDisk();
    return but(
        it -> {
          it.moves(toDisk ? stage : Stage.POWERING, fact);
          it.since = toDisk ? since : fact.at();
          it.tokens = toDisk ? tokens : RunTokens.NONE;
          it.power = power.after(kind, fact);
          it.handling = handling.after(kind, fact);
          it.trail = trail.cycled(stage);
        });
  }

  private NodeState with(Identity newIdentity, PowerRun newPower) {
    return but(
        it -> {
          it.identity = newIdentity;
          it.power = newPower;
        });
  }

  private NodeState with(Handling newHandling) {
    return but(it -> it.handling = newHandling);
  }

  private NodeState heard(Fact fact) {
    String words =
        switch (FactKind.of(fact.kind()).orElse(FactKind.PROGRESS)) {
          case TOKEN_MINTED -> "boot script with a fresh token";
          case TOKEN_PREPARED -> "boot medium with a fresh token";
          default -> (fact.kind() + " " + fact.shown()).strip();
        };
    return but(
        it -> {
          it.evidence = words;
          it.evidenceAt = fact.at();
        });
  }

  /**
   * Whether the machine is, or is to be, in the deploy environment for another purpose than to be
   * installed: a rescue, or what else {@link Purpose} has.
   */
  public boolean isInRescue() {
    return rescue.isPresent();
  }

  /** Whether a hold keeps it from what it is booted for; looking at a machine is never kept. */
  public boolean isKept() {
    return hold().isPresent() && purpose().filter(it -> it != Purpose.ERASE).isEmpty();
  }

  /** What that is; empty in a run. */
  public Optional<Purpose> purpose() {
    return rescue.map(Rescue::purpose);
  }

  /** How the machine in rescue is reached, in its own words; empty as long as it is not there. */
  public String access() {
    return stage == Stage.RESCUE ? rescue.map(Rescue::access).orElse("") : "";
  }

  public boolean isComplete() {
    return stage == Stage.GOAL;
  }

  /** Whether an operator took it out of the cluster, and it has no new run since. */
  public boolean isReleased() {
    return stage == Stage.RELEASED;
  }

  /** Whether nothing goes on with it that could fail, be waited for, or be broken off. */
  public boolean isAtRest() {
    return isComplete() || stage == Stage.ERASED || isReleased();
  }

  /** Whether the machine has a finished disk and is to boot from it. */
  public boolean bootsFromDisk() {
    return stage.isOfRun() && !stage.isBefore(Stage.INSTALLED);
  }

  /** What of the machine is to be erased; empty unless it is booted for that. */
  public Optional<EraseOrder> eraseOrder() {
    return rescue.flatMap(Rescue::order);
  }

  /** Whether the machine may be given the order to erase, or has it and may ask again. */
  public boolean isEraseOpen(Instant now) {
    return hold().isEmpty()
        && eraseOrder().filter(it -> stage == Stage.ERASING || it.isOpen(now)).isPresent();
  }

  /** Whether who came for the order to erase is listened to, also while the machine is held. */
  public boolean isEraseHeard(Instant now) {
    return eraseOrder().filter(it -> stage == Stage.ERASING || it.isOpen(now)).isPresent();
  }

  /** Whether that order is written down as given, and nobody has taken it back since. */
  public boolean isErasing(EraseOrder order) {
    return stage == Stage.ERASING
        && hold().isEmpty()
        && quarantine().isEmpty()
        && eraseOrder().equals(Optional.of(order));
  }

  /**
   * Whether it comes to the network again and again instead of starting from its finished disk.
   * Firmware that tries the network first comes once, and whoever resends comes twice in a moment.
   */
  boolean isBackAtNetwork() {
    return stage == Stage.INSTALLED
        && trail
            .of(Mark.TO_DISK)
            .filter(told -> told.count() > 1)
            .filter(told -> !told.last().isBefore(told.first().plus(BACK_AFTER)))
            .isPresent();
  }

  /** Why it gets no secrets: its BMC holds another machine than the one that boots. */
  public Optional<Identity.Mismatch> mismatch() {
    return isComplete() || isReleased() ? Optional.empty() : identity.mismatch();
  }

  /**
   * Whether the machine was another than its BMC's when it asked, or when it was to be switched.
   */
  boolean isTakenForAnother() {
    return mismatch().isPresent() || refusal().filter(Identity.Mismatch::isWhy).isPresent();
  }

  /** Why neither who has one of its tokens nor who asks by its MAC gets anything. */
  public Optional<String> quarantine() {
    return tokens.quarantine();
  }

  /** Whether it has arrived, and nobody doubts that it is the node who did. */
  public boolean isMember() {
    return isComplete() && quarantine().isEmpty();
  }

  /**
   * Why the machine that holds the token in use gets no more secrets. A BMC may tell only during
   * the run which machine it holds. Who asks by DHCP meanwhile, in the machine's name, takes
   * nothing from it.
   */
  public Optional<Identity.Mismatch> mismatchOfHolder() {
    return isComplete() ? Optional.empty() : identity.mismatchOfHolder();
  }

  /**
   * Whether the machine is given the run's secrets, where it has a BMC; without one it always is,
   * unless the rack file wants it armed.
   */
  public boolean isWindowOpen(Instant now) {
    return isWindowOpen(now, Outages.NONE);
  }

  /** The same where the journal could not be written for a while. */
  public boolean isWindowOpen(Instant now, Outages outages) {
    return isWindowOpen(now, outages, Deadlines.USUAL);
  }

  /** The same by the limits of the rack file. */
  public boolean isWindowOpen(Instant now, Outages outages, Deadlines deadlines) {
    return power.isOpen(progressAt, deadlines.window(stage), outages, now);
  }

  /**
   * Whether who has come with a token of the run is listened to: the token is dead when the run has
   * shown no progress for its window, whoever has it.
   *
   * @param outages in which it could not be heard either
   */
  public boolean isHeard(Instant now, Outages outages, Deadlines deadlines) {
    return power.isHeard(progressAt, deadlines.window(stage), outages, now);
  }

  /** What its BMC did not do, as long as the machine has not come by itself. */
  public Optional<String> refusal() {
    boolean toDisk = stage == Stage.INSTALLED && power.at().isAfter(since);
    return power.step() == PowerRun.Step.REFUSED && (stage.isBefore(Stage.SCRIPT) || toDisk)
        ? Optional.of(power.said())
        : Optional.empty();
  }

  /** What its BMC did not do when it was asked last, where it is asked again. */
  public Optional<BmcTrial> trial() {
    return trail
        .of(Mark.BMC_TRIED)
        .filter(_ -> stage == Stage.POWERING && power.isUnderWay())
        .filter(tried -> !tried.last().isBefore(progressAt))
        .map(BmcTrial::of);
  }

  /** The same of one that has not done it for a while. */
  Optional<BmcTrial> trial(Instant now) {
    return trial().filter(tried -> !now.isBefore(tried.since().plus(BMC_PATIENCE)));
  }

  /** Whether the system on its finished disk has shown another TPM than it must, or none. */
  boolean isShutOutByTpm() {
    return !stage.isBefore(Stage.INSTALLED) && !isAtRest() && trail.has(Mark.TPM_REFUSED);
  }

  /** Whether what was seen tells so much that silence need not be waited for. */
  private boolean isSure(Instant now) {
    if (Stage.DHCP.isBefore(stage) || isHeld()) {
      return false;
    }
    boolean program =
        trail.isLater(Mark.NO_PROGRAM, Mark.OFFER) && isOld(Mark.NO_PROGRAM, OTHER_PROGRAM, now);
    // Who has asked for an address since may have got another one.
    return program
        || (trail.isLater(Mark.ADDRESS_IN_USE, Mark.REQUEST)
            && isOld(Mark.ADDRESS_IN_USE, OTHER_ADDRESS, now));
  }

  private boolean isOld(Mark mark, Duration age, Instant now) {
    return trail.of(mark).filter(seen -> !now.isBefore(seen.first().plus(age))).isPresent();
  }

  /** Since when, by whom and why nobody touches it. */
  public Optional<NodeHold> hold() {
    return handling.hold();
  }

  /** Whether it came to boot, and was sent away because nobody deployed or armed it. */
  public boolean isHeld() {
    return power.hold() != PowerRun.Hold.NO && stage.isBefore(Stage.SCRIPT);
  }

  /**
   * Whether another machine asks by its MAC, in turn with it. Who did so an hour before it last
   * moved has nothing to do with how it is now.
   */
  boolean hasTwin() {
    return trail
        .of(Mark.OTHER_UUID)
        .filter(asked -> asked.count() >= IN_TURN)
        .filter(asked -> !asked.last().plus(PowerRun.WINDOW).isBefore(progressAt))
        .isPresent();
  }

  /** Whether attempt after attempt ends at one stage, and this one has not come beyond it. */
  private boolean isLooping() {
    return trail.ends().loop(stage).isPresent();
  }

  /**
   * At which stage attempt after attempt ends. Of one that is stuck there, and has started over,
   * this attempt counts as well, and so do those of before its last power cycle.
   */
  Optional<Ends.At> loop() {
    Ends.At here = trail.ends().with(stage).all(stage);
    return trail
        .ends()
        .loop(stage)
        .or(
            () ->
                Optional.of(here)
                    .filter(_ -> restartedAt().isPresent() && !stage.isBefore(Stage.SCRIPT))
                    .filter(it -> it.times() >= Ends.LOOP));
  }

  /** Where most of its attempts ended before its last power cycle. */
  Optional<Ends.At> endedBefore() {
    return trail.ends().mostBefore();
  }

  /** When its machine started over, if it did and has not come as far again. */
  Optional<Instant> restartedAt() {
    return trail.restarts().chain().stream().map(Restarts.Restart::at).findFirst();
  }

  /** Where the machine is, as if that were its stage, if it started over and got stuck again. */
  Optional<NodeState> sinceRestart(Instant now, Deadlines deadlines) {
    return power.hold() != PowerRun.Hold.NO
        ? Optional.empty()
        : trail.restarts().stuck(now, deadlines).map(this::as);
  }

  private NodeState as(Restarts.Restart restart) {
    return but(
        it -> {
          it.stage = restart.rung();
          it.since = restart.since();
          it.progressAt = restart.since();
          it.failure = Optional.empty();
          it.trail = trail.since(restart);
        });
  }

  /** When the node will count as stuck unless it moves; empty where there is no limit. */
  public Optional<Instant> deadline(Deadlines deadlines) {
    return deadlines.of(stage, progressAt);
  }

  /** By the limits that hold where the rack file names no others. */
  public Condition condition(Instant now) {
    return condition(now, Deadlines.USUAL);
  }

  /** Whether its way goes well. */
  public Condition condition(Instant now, Deadlines deadlines) {
    if (hold().isPresent()) {
      return Condition.HELD;
    }
    if (isReleased()) {
      return Condition.OK;
    }
    if (mismatch().isPresent()
        || quarantine().isPresent()
        || failure.isPresent()
        || refusal().isPresent()
        || isShutOutByTpm()
        || isLooping()
        || trial(now).isPresent()
        || isSure(now)
        || (!isHeld() && deadline(deadlines).filter(now::isAfter).isPresent())) {
      return Condition.STUCK;
    }
    if (stage == Stage.PLANNED || isHeld()) {
      return Condition.WAITING;
    }
    boolean again = attempt > 1 || handling.cycles() > 0 || trial().isPresent();
    return again && !isComplete() ? Condition.RETRYING : Condition.OK;
  }

  /** How long it has shown no progress. */
  public Duration silence(Instant now) {
    return Duration.between(progressAt, now);
  }
}
