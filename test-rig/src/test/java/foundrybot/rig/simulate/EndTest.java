// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each way in which a node may be wrong when the run is over. */
final class EndTest {
  private static final Optional<Fault> HEALTHY = Optional.empty();
  private static final Optional<Fault> BLOCKED = Optional.of(Fault.KERNEL_BLOCKED);

  private static End end(Optional<Fault> fault, boolean isThere, boolean named, String last) {
    return new End(
        "n1",
        fault,
        isThere,
        false,
        false,
        false,
        fault.isPresent() ? Set.of("no-kernel", "reinstall-loop") : Set.of(),
        named,
        last,
        "held at script: held",
        "off");
  }

  private static void assertViolates(Invariant invariant, String how, End end) {
    Invariant.Violated violated = assertThrows(Invariant.Violated.class, end::judge);
    assertEquals(invariant, violated.invariant());
    assertTrue(String.valueOf(violated.getMessage()).contains(how), violated::getMessage);
  }

  @Test
  void whoIsWellHasArrivedAndWhoIsNotWasNamedToTheLast() {
    end(HEALTHY, true, false, "").judge();
    end(BLOCKED, false, true, "no-kernel").judge();
    end(BLOCKED, false, true, "reinstall-loop").judge();
    // It was power-cycled, and is tried once more.
    end(BLOCKED, false, true, "").judge();
    end(BLOCKED, true, false, "").judge();
  }

  @Test
  void whoIsWellAndHasNotArrivedIsAViolation() {
    assertViolates(
        Invariant.HEALTHY_ARRIVE, "n1 has not arrived (off)", end(HEALTHY, false, false, ""));
  }

  @Test
  void whoIsWellAndIsSaidToBeIllAtTheEndIsAViolationHoweverShortlyItWasSaid() {
    End blamed =
        new End(
            "n1",
            HEALTHY,
            true,
            false,
            false,
            true,
            Set.of(),
            false,
            "no-handshake",
            "stuck at enrolled: no-handshake",
            "enrolled");
    assertViolates(
        Invariant.NO_FALSE_ALARM, "at the end the appliance says stuck at enrolled", blamed);
  }

  @Test
  void aFaultThatWasNeverNamedIsAViolation() {
    assertViolates(
        Invariant.DIAGNOSIS_NAMES_FAULT,
        "n1 has kernel-blocked (expected: ",
        end(BLOCKED, false, false, "no-script"));
  }

  @Test
  void aFaultThatWasNamedAndThenDeniedIsAViolation() {
    assertViolates(
        Invariant.LAST_WORD_NAMES_FAULT,
        "the last that the appliance said is no-script; now: held at script",
        end(BLOCKED, false, true, "no-script"));
  }

  @Test
  void aFaultThatShowsOnlyAtTheGoalIsNamedThere() {
    End cutOff =
        new End(
            "n1",
            Optional.of(Fault.HANDSHAKE_BLOCKED),
            true,
            true,
            false,
            false,
            Set.of("no-handshake"),
            false,
            "",
            "ok at enrolled",
            "enrolled");
    assertViolates(Invariant.DIAGNOSIS_NAMES_FAULT, "handshake-blocked", cutOff);
  }

  @Test
  void ofWhoWasSwitchedOnByHandAndSaysNothingNobodyKnows() {
    Optional<Fault> dead = Optional.of(Fault.DIES_IN_POST);
    Set<String> right = Set.of("no-discover");
    String said = "waiting at planned";
    new End("n1", dead, false, false, true, false, right, false, "", said, "off").judge();
    assertViolates(
        Invariant.DIAGNOSIS_NAMES_FAULT,
        "n1 has dies-in-post",
        new End("n1", dead, false, false, false, false, right, false, "", said, "off"));
  }
}
