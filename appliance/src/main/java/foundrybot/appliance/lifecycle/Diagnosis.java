// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Why a node is stuck, by what that is known, and what to try.
 *
 * @param code of {@link Trouble}; stays as it is, for programs; empty: there is no trouble
 * @param why what the evidence says, in one sentence
 * @param evidence what was seen, each with its time
 * @param causes what may be behind it, the likeliest first
 * @param tries what to do, one after the other
 */
public record Diagnosis(
    String code, String why, List<String> evidence, List<String> causes, List<String> tries) {
  /** Of a node that is not stuck, nor waits for the operator. */
  public static final Diagnosis NONE = new Diagnosis("", "", List.of(), List.of(), List.of());

  public Diagnosis {
    evidence = List.copyOf(evidence);
    causes = List.copyOf(causes);
    tries = List.copyOf(tries);
  }

  /** The next thing to do, in words; empty where there is no trouble. */
  public String tryNext() {
    return tries.isEmpty() ? "" : tries.getFirst();
  }

  /** Empty unless the node of that name is stuck, or waits for the operator. */
  public static Optional<Diagnosis> of(String node, NodeState state, Instant now) {
    if (state.hold().isPresent()) {
      return state.hold().map(hold -> onHold(node, state, hold));
    }
    if (state.condition(now) != Condition.STUCK) {
      return state.isHeld() ? Optional.of(held(node, state)) : Optional.empty();
    }
    return Optional.of(
        state
            .mismatch()
            .map(mismatch -> mismatched(node, state, mismatch))
            .or(
                () ->
                    state
                        .quarantine()
                        .map(
                            why ->
                                of(node, state, Trouble.DUPLICATE_MACHINE, "quarantined, " + why)))
            .or(
                () ->
                    state
                        .refusal()
                        .map(
                            reason ->
                                of(node, state, Trouble.BMC_REFUSED, "BMC refused: " + reason)))
            .or(
                () ->
                    state
                        .failure()
                        .map(
                            reason ->
                                of(
                                    node,
                                    state,
                                    Trouble.REPORTED_FAILURE,
                                    "the machine reported: " + reason)))
            .or(() -> unarmed(node, state))
            .orElseGet(() -> silent(node, state)));
  }

  private static Diagnosis of(String node, NodeState state, Trouble trouble, String why) {
    return new Diagnosis(
        trouble.code(),
        why,
        List.of(state.evidenceAt() + " " + state.evidence()),
        trouble.causes(),
        trouble.tries(node, state.isInRescue()));
  }

  private static Diagnosis mismatched(String node, NodeState state, Identity.Mismatch mismatch) {
    Diagnosis plain = of(node, state, Trouble.OTHER_MACHINE, mismatch.why());
    return new Diagnosis(
        plain.code(),
        plain.why(),
        plain.evidence(),
        plain.causes(),
        List.of(mismatch.tryNext(node)));
  }

  private static Diagnosis onHold(String node, NodeState state, NodeHold hold) {
    Diagnosis plain = of(node, state, Trouble.HELD, hold.said());
    return new Diagnosis(
        plain.code(), plain.why(), plain.evidence(), plain.causes(), List.of(hold.tryNext(node)));
  }

  /** Also where it had its script already when its time was over. */
  private static Optional<Diagnosis> unarmed(String node, NodeState state) {
    return state.power().hold() == PowerRun.Hold.NOT_ARMED
        ? Optional.of(held(node, state))
        : Optional.empty();
  }

  private static Diagnosis held(String node, NodeState state) {
    if (state.power().hold() == PowerRun.Hold.NOT_ARMED) {
      return of(
          node,
          state,
          Trouble.NOT_ARMED,
          state
              .power()
              .armed()
              .map(end -> "it asked to boot, and was armed until " + end + " only")
              .orElse("it asked to boot, and waits to be armed"));
    }
    return of(
        node,
        state,
        Trouble.NOT_DEPLOYED,
        "it was switched on by hand and asked to boot, but nobody has deployed it");
  }

  private static Diagnosis silent(String node, NodeState state) {
    Trouble trouble = silence(state);
    return of(
        node,
        state,
        trouble,
        switch (trouble) {
          case POWER_UNKNOWN ->
              "no DISCOVER since it was told to switch on; " + state.power().said();
          case NO_DISCOVER -> "powered on, no DISCOVER since " + state.power().at();
          case NO_BOOT_PROGRAM_ASKED -> "it asked by DHCP but fetched no boot program";
          case NO_SCRIPT -> "the boot program was asked for, but iPXE never fetched its script";
          case NO_KERNEL -> "iPXE has its script but fetched no kernel";
          case NO_ANSWER_FILE ->
              state.isInRescue()
                  ? "kernel and initrd were fetched, but the rescue system has not reported"
                  : "kernel and initrd were fetched, but no answer file was asked for";
          case INSTALLER_SILENT -> "the installer went silent";
          case NO_FIRST_BOOT -> "the disk is finished, but the system on it never reported";
          default -> "it booted from its disk and reported, but did not enrol";
        });
  }

  /** What it is when nothing but silence tells. */
  private static Trouble silence(NodeState state) {
    return switch (state.stage()) {
      // Without a limit nobody is silent for too long there; PLANNED has none, either.
      case PLANNED, POWERING, POWERED_ON ->
          state.power().step() == PowerRun.Step.UNKNOWN
              ? Trouble.POWER_UNKNOWN
              : Trouble.NO_DISCOVER;
      case DHCP -> Trouble.NO_BOOT_PROGRAM_ASKED;
      case BOOTLOADER -> Trouble.NO_SCRIPT;
      case SCRIPT -> Trouble.NO_KERNEL;
      case KERNEL -> Trouble.NO_ANSWER_FILE;
      case RESCUE, INSTALLING -> Trouble.INSTALLER_SILENT;
      case INSTALLED -> Trouble.NO_FIRST_BOOT;
      case FIRST_BOOT, ENROLLED -> Trouble.NO_ENROLLMENT;
    };
  }
}
