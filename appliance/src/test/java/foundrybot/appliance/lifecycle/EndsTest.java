// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Of a machine whose attempts end again and again, and that is power-cycled meanwhile. */
class EndsTest extends NodeScene {
  private int attempts;

  private void attempt() {
    comesWithToken(++attempts);
    happens("kernel.requested", "linux");
    pass(Duration.ofMinutes(1));
  }

  private void isSilent() {
    pass(Duration.ofMinutes(6));
  }

  private void isCycled() {
    happens("power.again", Handling.cycleDetail(state.stage(), "silent"));
    happens("power.told", "on");
  }

  private Diagnosis found() {
    return Diagnosis.of("w1", state, now).orElseThrow();
  }

  /** As simulated with 22 % loss: a kernel panics, and what its firmware sends then is lost. */
  @Test
  void whoStartsOverAgainAndAgainIsInALoopAcrossPowerCycles() {
    isOn();
    attempt();
    attempt();
    loads();
    isSilent();
    assertEquals("no-answer-file", found().code());
    isCycled();
    attempt();
    loads();
    isSilent();
    assertEquals("reinstall-loop", found().code());
    assertTrue(found().why().contains("3 times at kernel"), found()::why);
  }

  @Test
  void whoIsSilentNowIsToldOfWithWhatItShowedBefore() {
    isOn();
    attempt();
    attempt();
    attempt();
    attempt();
    isCycled();
    attempt();
    isSilent();
    assertEquals("no-answer-file", found().code());
    assertTrue(
        found()
            .why()
            .endsWith("; before its last power cycle it had started over 3 times at kernel"),
        found()::why);
  }

  @Test
  void aPowerCycleGivesTimeForOtherAttempts() {
    isOn();
    for (int i = 0; i < 4; i++) {
      attempt();
    }
    assertEquals(Condition.STUCK, state.condition(now));
    isCycled();
    attempt();
    attempt();
    assertEquals(Condition.RETRYING, state.condition(now));
    attempt();
    attempt();
    assertEquals(Condition.STUCK, state.condition(now));
    assertTrue(found().why().contains("6 times at kernel"), found()::why);
  }

  @Test
  void anAttemptThatThePowerCycleItselfEndedDoesNotCount() {
    isOn();
    for (int i = 0; i < 4; i++) {
      attempt();
      isSilent();
      isCycled();
    }
    attempt();
    loads();
    isSilent();
    assertEquals("no-answer-file", found().code());
    assertFalse(found().why().contains("had started over"), found()::why);
  }

  @Test
  void whatEndedEarlierIsForgottenWhenOneEndsBeyondIt() {
    isOn();
    attempt();
    attempt();
    attempt();
    happens("answer.served", "preseed.cfg");
    attempt();
    assertEquals(Optional.empty(), state.loop());
    isCycled();
    assertEquals(Optional.of(new Ends.At(Stage.INSTALLING, 1)), state.endedBefore());
  }

  @Test
  void anEndBeforeTheLoopsStageDoesNotHideIt() {
    isOn();
    attempt();
    attempt();
    comesWithToken(++attempts);
    attempt();
    attempt();
    assertEquals(Optional.of(new Ends.At(Stage.KERNEL, 3)), state.loop());
  }

  @Test
  void theSameIsToldByAPrunedJournal() {
    Random random = new Random(7);
    int counted = 0;
    for (int round = 0; round < 300; round++) {
      isPlanned();
      isOn();
      for (int i = 0; i < 40; i++) {
        pass(Duration.ofSeconds(random.nextInt(30)));
        switch (random.nextInt(6)) {
          case 0 -> isCycled();
          case 1, 2 -> attempt();
          case 3 -> loads();
          case 4 -> happens("dhcp.discover", FIRMWARE);
          default -> happens(random.nextInt(4) == 0 ? "answer.served" : "script.again", "");
        }
      }
      assertEquals(state, pruned(), "round " + round);
      counted += state.endedBefore().isPresent() ? 1 : 0;
    }
    assertTrue(counted > 50, "with ends before a power cycle: " + counted);
  }
}
