// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Where one node stands: a pure function of the journal. {@link #after} is the whole lifecycle; the
 * table of facts and stages it works by is {@link FactKind}.
 *
 * @param run 1 for the first run, one more for each reinstallation
 * @param attempt how often the machine started on this run's script
 * @param since when it came to the stage
 * @param progressAt the last fact that counts as movement; the deadline runs from here
 * @param evidence the last thing heard of it, in words
 * @param evidenceAt when that was
 * @param failure what the machine itself said went wrong, until it moves again
 * @param tokenHash SHA-256 of the run's token; empty before the first script of a run
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
    Optional<String> tokenHash) {

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
        Optional.empty());
  }

  /** The state after one more fact. */
  public NodeState after(Fact fact) {
    NodeState heard = heard(fact);
    return FactKind.of(fact.kind()).map(kind -> heard.moved(kind, fact)).orElse(heard);
  }

  private NodeState moved(FactKind kind, Fact fact) {
    return switch (kind.effect()) {
      case REACH -> stage.isBefore(kind.stage()) ? reached(kind, fact) : this;
      case RESTART -> stage.isBefore(Stage.INSTALLED) ? restarted(fact) : this;
      case PROGRESS -> with(stage, since, fact.at(), Optional.empty(), tokenHash);
      case FAIL ->
          stage == Stage.GOAL
              ? this
              : with(stage, since, progressAt, Optional.of(fact.detail()), tokenHash);
      case NEW_RUN ->
          new NodeState(
              Stage.PLANNED,
              run + 1,
              0,
              fact.at(),
              fact.at(),
              evidence,
              evidenceAt,
              Optional.empty(),
              Optional.empty());
    };
  }

  private NodeState reached(FactKind kind, Fact fact) {
    return with(kind.stage(), fact.at(), fact.at(), Optional.empty(), tokenHash);
  }

  private NodeState restarted(Fact fact) {
    return new NodeState(
        Stage.SCRIPT,
        run,
        attempt + 1,
        fact.at(),
        fact.at(),
        evidence,
        evidenceAt,
        Optional.empty(),
        Optional.of(fact.detail()));
  }

  private NodeState with(
      Stage newStage,
      Instant newSince,
      Instant newProgress,
      Optional<String> newFailure,
      Optional<String> newToken) {
    return new NodeState(
        newStage, run, attempt, newSince, newProgress, evidence, evidenceAt, newFailure, newToken);
  }

  private NodeState heard(Fact fact) {
    String words =
        fact.kind().equals(FactKind.TOKEN_MINTED.text())
            ? "boot script with a fresh token"
            : fact.detail().isEmpty() ? fact.kind() : fact.kind() + " " + fact.detail();
    return new NodeState(
        stage, run, attempt, since, progressAt, words, fact.at(), failure, tokenHash);
  }

  /** Whether that token belongs to this run, live or used up. */
  public boolean ownsToken(String hash) {
    return tokenHash.filter(hash::equals).isPresent();
  }

  public boolean isComplete() {
    return stage == Stage.GOAL;
  }

  /** Whether the machine has a finished disk and is to boot from it. */
  public boolean bootsFromDisk() {
    return !stage.isBefore(Stage.INSTALLED);
  }

  /** When the node will count as stuck unless it moves; empty where there is no limit. */
  public Optional<Instant> deadline() {
    return stage.limit().map(progressAt::plus);
  }

  public Condition condition(Instant now) {
    if (failure.isPresent() || deadline().filter(now::isAfter).isPresent()) {
      return Condition.STUCK;
    }
    if (stage == Stage.PLANNED) {
      return Condition.WAITING;
    }
    return attempt > 1 && !isComplete() ? Condition.RETRYING : Condition.OK;
  }

  /** How long it has shown no progress. */
  public Duration silence(Instant now) {
    return Duration.between(progressAt, now);
  }
}
