// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * That a machine has started over by itself, or by somebody's hand, and has not come as far again:
 * no fact takes a node back from its stage, since anybody can send what firmware does. So nothing
 * is decided by it; it only tells what stands in the way of a node that is stuck anyway.
 *
 * <p>Each one has come less far than the one before it, and the first one less far than the node's
 * stage: who comes as far again is where it was. Progress of the attempt under way ends them all.
 *
 * @param chain the oldest first
 */
record Restarts(List<Restart> chain) {
  static final Restarts NONE = new Restarts(List.of());

  /**
   * No machine comes from where it was through its firmware to the network in less; a datagram that
   * was late, or a second time on its way, does.
   */
  static final Duration FIRMWARE = Duration.ofSeconds(5);

  /** What only firmware says of itself: neither iPXE nor the DHCP client of an installer does. */
  private static final String OF_FIRMWARE = " program=FIRMWARE";

  /**
   * One of them.
   *
   * @param at when it was heard of first
   * @param rung how far it has come since: {@link Stage#POWERED_ON} to {@link Stage#SCRIPT}
   * @param since when it came there first
   * @param seen what was seen of it since it started over
   */
  record Restart(Instant at, Stage rung, Instant since, Map<Mark, Sighting> seen) {
    Restart {
      seen = Map.copyOf(seen);
    }

    private Restart after(Fact fact, Map<Mark, Sighting> more) {
      Optional<Stage> further = proved(fact).filter(rung::isBefore);
      return new Restart(at, further.orElse(rung), further.map(_ -> fact.at()).orElse(since), more);
    }

    private Restart after(Fact fact) {
      return after(fact, Trail.with(seen, fact));
    }

    /** Whether it has come no further several times, or as far as its script. */
    boolean isSure() {
      return rung == Stage.SCRIPT || count(Mark.PROGRAM_DONE) > 2 || count(Mark.PROGRAM_BROKEN) > 1;
    }

    private int count(Mark mark) {
      return Optional.ofNullable(seen.get(mark)).map(Sighting::count).orElse(0);
    }

    /** Whether it was not answered, or has asked another server: else its silence says nothing. */
    boolean isTold() {
      return rung != Stage.POWERED_ON
          || seen.containsKey(Mark.UNANSWERED)
          || seen.containsKey(Mark.OTHER_SERVER);
    }
  }

  Restarts {
    chain = List.copyOf(chain);
  }

  boolean isEmpty() {
    return chain.isEmpty();
  }

  /**
   * With one more fact, of a node that is at that stage and showed progress last at that time,
   * neither of them by this fact.
   */
  Restarts after(Fact fact, Stage stage, Instant progressAt) {
    if (chain.isEmpty() && Mark.of(fact).isEmpty()) {
      return this;
    }
    List<Restart> next = new ArrayList<>();
    chain.forEach(restart -> next.add(restart.after(fact)));
    while (!next.isEmpty() && !next.getLast().rung().isBefore(before(next, stage))) {
      next.removeLast();
    }
    Instant moved = next.isEmpty() ? progressAt : next.getLast().since();
    boolean late = fact.at().isBefore(moved.plus(FIRMWARE));
    if (!late && begins(fact, next, stage)) {
      Restart begun = new Restart(fact.at(), Stage.POWERED_ON, fact.at(), Map.of());
      next.add(begun.after(fact));
    }
    return next.isEmpty() ? NONE : new Restarts(next);
  }

  /** How far the one before the last had come, or the attempt under way. */
  private static Stage before(List<Restart> chain, Stage stage) {
    return chain.size() < 2 ? stage : chain.get(chain.size() - 2).rung();
  }

  /**
   * An installer that runs is behind all that boots: what asks for that now has started over. Who
   * was offered a program and asks again is where it was.
   */
  private static boolean begins(Fact fact, List<Restart> chain, Stage stage) {
    if (!stage.isBefore(Stage.INSTALLED)) {
      return false;
    }
    boolean isPastBoot = chain.isEmpty() && Stage.KERNEL.isBefore(stage);
    Stage reached = chain.isEmpty() ? stage : chain.getLast().rung();
    return Mark.of(fact).stream()
        .anyMatch(
            mark ->
                switch (mark) {
                  case DISCOVER ->
                      isPastBoot
                          || (Stage.DHCP.isBefore(reached) && fact.detail().contains(OF_FIRMWARE));
                  case PROGRAM_ASKED, PROGRAM_DONE -> isPastBoot;
                  default -> false;
                });
  }

  /** How far a machine is of which such a fact is told, by what leaves a mark. */
  private static Optional<Stage> proved(Fact fact) {
    if (FactKind.of(fact.kind()).equals(Optional.of(FactKind.TOKEN_MINTED))) {
      return Optional.of(Stage.SCRIPT);
    }
    return Mark.of(fact).stream()
        .map(
            mark ->
                switch (mark) {
                  case OFFER, NO_PROGRAM -> Stage.DHCP;
                  case PROGRAM_ASKED, PROGRAM_DONE -> Stage.BOOTLOADER;
                  case SCRIPT_AGAIN, SCRIPT_SIGNATURE -> Stage.SCRIPT;
                  default -> Stage.POWERED_ON;
                })
        .max(Stage::compareTo);
  }

  /** The last one that has been where it is for so long that it counts as stuck there. */
  Optional<Restart> stuck(Instant now, Deadlines deadlines) {
    return chain.reversed().stream()
        .filter(Restart::isTold)
        .filter(
            restart -> {
              // A packet that is lost costs firmware one start, and the next one goes well.
              Stage limit = restart.isSure() ? restart.rung() : Stage.POWERED_ON;
              return deadlines.of(limit, restart.since()).filter(now::isAfter).isPresent();
            })
        .findFirst();
  }
}
