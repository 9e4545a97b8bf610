// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The facts that move a node, with the stage that each one proves. All other facts of the journal
 * are evidence for people and never change where a node stands.
 */
public enum FactKind {
  RUN_STARTED("run.started", Stage.PLANNED, Effect.NEW_RUN),
  /** The operator wants to look at the machine; its run waits meanwhile. */
  RESCUE_STARTED("rescue.started", Stage.PLANNED, Effect.RESCUE),
  /** Enough was seen; the node is where its run waits. */
  RESCUE_ENDED("rescue.ended", Stage.PLANNED, Effect.RESCUE_END),
  /** The operator wants to know what the machine is made of; its run waits meanwhile. */
  INSPECTION_STARTED("inspection.started", Stage.PLANNED, Effect.RESCUE),
  /** The machine has said what it is made of, and that is kept; its run goes on. */
  INVENTORY_TAKEN("inventory.taken", Stage.PLANNED, Effect.RESCUE_END),
  /** The operator wants its disks empty; the detail is read by {@link EraseOrder}. */
  ERASURE_STARTED("erasure.started", Stage.PLANNED, Effect.RESCUE),
  /** The very next thing is the order to overwrite: no disk of it counts as finished any more. */
  ERASURE_BEGUN("erasure.begun", Stage.ERASING, Effect.ERASING),
  /** All disks of the order were read back, and were nothing but zeroes. */
  ERASURE_DONE("erasure.done", Stage.ERASED, Effect.ERASED),
  /** The machine has reported, and that is no proof. */
  ERASURE_FAILED("erasure.failed", Stage.PLANNED, Effect.FAIL),
  /** Our offer, not its DISCOVER: an old system on the disk asks by DHCP as well. */
  DHCP_OFFER("dhcp.offer", Stage.DHCP, Effect.REACH),
  /** It asked to boot, and there is nothing for its architecture. */
  NO_PROGRAM("dhcp.no-program", Stage.DHCP, Effect.REACH),
  TFTP_REQUEST("tftp.rrq", Stage.BOOTLOADER, Effect.REACH),
  LOADER_FETCHED("loader.fetched", Stage.BOOTLOADER, Effect.REACH),
  /** The detail is what {@link RunToken} keeps, so that the journal itself tells no secret. */
  TOKEN_MINTED("token.minted", Stage.SCRIPT, Effect.MINT),
  /** As {@link #TOKEN_MINTED}, for a boot medium: the machine may be off for a while yet. */
  TOKEN_PREPARED("token.prepared", Stage.PLANNED, Effect.PREPARE),
  /** Who fetched its script has come with the token in it, for the first time. */
  TOKEN_USED("token.used", Stage.SCRIPT, Effect.USE),
  /** An address asks for what may be had once with a token; {@link RunTokens}. */
  TOKEN_CLAIMED("token.claimed", Stage.PLANNED, Effect.CLAIM),
  /** Two machines have said by one token who they are; {@link RunTokens}. */
  TOKEN_CONTESTED("token.contested", Stage.PLANNED, Effect.CONTEST),
  KERNEL_REQUESTED("kernel.requested", Stage.KERNEL, Effect.REACH),
  BYTES_SENT("http.progress", Stage.PLANNED, Effect.PROGRESS),
  PACKAGES_FETCHED("mirror.request", Stage.PLANNED, Effect.PROGRESS),
  ANSWER_SERVED("answer.served", Stage.INSTALLING, Effect.REACH),
  INSTALLER_STARTED("report.installer-started", Stage.INSTALLING, Effect.REACH),
  PROGRESS("report.progress", Stage.INSTALLING, Effect.PROGRESS),
  STEP("report.step", Stage.INSTALLING, Effect.PROGRESS),
  FAILED("report.failed", Stage.PLANNED, Effect.FAIL),
  /** The rescue system runs; the detail says how it is reached. */
  RESCUE_READY("report.rescue", Stage.RESCUE, Effect.RESCUE_READY),
  /** The environment that inspects runs. */
  INSPECTING("report.inspecting", Stage.INSPECTING, Effect.REACH),
  /** What the node's BMC says of its machine; the detail is read by {@link Identity}. */
  BMC_IDENTITY("bmc.identity", Stage.PLANNED, Effect.IDENTITY),
  /** The UUID by which the node asks in DHCP. */
  BOOT_IDENTITY("dhcp.identity", Stage.PLANNED, Effect.IDENTITY),
  /** The operator knows that these two differ. */
  IDENTITY_ACCEPTED("identity.accepted", Stage.PLANNED, Effect.IDENTITY),
  /** The operator wants it switched on; the detail says how. */
  POWER_WANTED("power.wanted", Stage.POWERING, Effect.POWER),
  /** The very next thing is the command that switches on. */
  POWER_ASKED("power.asked", Stage.POWERING, Effect.POWER),
  POWER_TOLD("power.told", Stage.POWERED_ON, Effect.POWER),
  /** It was asked once, and neither whether that arrived nor whether it is on can be known. */
  POWER_UNKNOWN("power.unknown", Stage.POWERED_ON, Effect.POWER),
  /** Stuck, it is switched off and on for the next attempt; the detail is of {@link Handling}. */
  POWER_AGAIN("power.again", Stage.POWERING, Effect.AGAIN),
  POWER_BY_HAND("power.by-hand", Stage.PLANNED, Effect.POWER),
  POWER_REFUSED("power.refused", Stage.PLANNED, Effect.POWER),
  /** It asked for its script, and nobody has deployed it. */
  BOOT_HELD("boot.held", Stage.PLANNED, Effect.HELD),
  /** It asked for its script, and nobody has armed it. */
  BOOT_UNARMED("boot.unarmed", Stage.PLANNED, Effect.HELD),
  /** The operator lets it in for a while; the detail begins with the instant when that ends. */
  WINDOW_ARMED("window.armed", Stage.PLANNED, Effect.HELD),
  /** With a finished disk it came to boot from the network, and was sent to that. */
  SENT_TO_DISK("boot.local", Stage.PLANNED, Effect.TO_DISK),
  /** Too many nodes fail at one stage: it is none of them; {@link Brake}. */
  FLEET_BRAKED("fleet.braked", Stage.PLANNED, Effect.FLEET),
  FLEET_RELEASED("fleet.released", Stage.PLANNED, Effect.FLEET),
  /** The journal could be written again; the detail is read by {@link Outages}. */
  FLEET_OUTAGE("fleet.outage", Stage.PLANNED, Effect.FLEET),
  /** Nobody is to touch it; the detail is read by {@link NodeHold}. */
  NODE_HELD("node.held", Stage.PLANNED, Effect.HANDLING),
  NODE_RESUMED("node.resumed", Stage.PLANNED, Effect.HANDLING),
  /** The operator takes it out of the cluster; what it was given opens nothing any more. */
  NODE_RELEASED("node.released", Stage.RELEASED, Effect.RELEASE),
  INSTALLED("report.installed", Stage.INSTALLED, Effect.REACH),
  FIRST_BOOT("report.first-boot", Stage.FIRST_BOOT, Effect.REACH),
  ENROLLED("enrolled", Stage.ENROLLED, Effect.REACH);

  /** What a fact does to a node's state. */
  enum Effect {
    /** The node is at least at the stage; going back is not believed. */
    REACH,
    /** There is a token for the next attempt; that attempt begins here if none is under way. */
    MINT,
    /** There is a token for the next attempt, and no other one waits; nothing begins yet. */
    PREPARE,
    /** The attempt of that token is the one under way now, whatever was before. */
    USE,
    /** What one machine has had is another one's no more; nothing else moves. */
    CLAIM,
    /** Which of two machines the node is, people have to find out; nothing else moves. */
    CONTEST,
    /** The deadline moves; the stage does not. */
    PROGRESS,
    /** Firmware that tries the network first is on its way to the disk: so far all goes well. */
    TO_DISK,
    FAIL,
    NEW_RUN,
    /** The run is put aside, and the machine starts over for another purpose. */
    RESCUE,
    /** The machine is where it can be looked at. */
    RESCUE_READY,
    /** The run is taken up again, if there was a rescue; {@link Rescue}. */
    RESCUE_END,
    /** Its disks are being overwritten, and no other token is good. */
    ERASING,
    /** Its disks are empty, and its run is over. */
    ERASED,
    /** More is known of who the machine is; how far it is stays. */
    IDENTITY,
    /** Its BMC was told something, or has answered; {@link PowerRun}. */
    POWER,
    /** The same run starts over, with other tokens; or its finished disk does. */
    AGAIN,
    /** It is of no machine. */
    FLEET,
    /** Its window was found closed, or is to be open for a while; nothing moves. */
    HELD,
    /** Something is decided about it beside its way; {@link Handling}. */
    HANDLING,
    /** It is of the cluster no more; only a new run changes that. */
    RELEASE
  }

  private static final Map<String, FactKind> BY_TEXT =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(FactKind::text, kind -> kind));

  private final String text;
  private final Stage stage;
  private final Effect effect;

  FactKind(String text, Stage stage, Effect effect) {
    this.text = text;
    this.stage = stage;
    this.effect = effect;
  }

  public static Optional<FactKind> of(String text) {
    return Optional.ofNullable(BY_TEXT.get(text));
  }

  /** The texts of all kinds. */
  public static Set<String> texts() {
    return BY_TEXT.keySet();
  }

  /**
   * Whether only the appliance's own decision about a machine of the rack file makes such a fact;
   * all others may follow from what anybody sends.
   */
  public boolean ofPlannedOnly() {
    return switch (this) {
      case RUN_STARTED, RESCUE_STARTED, RESCUE_ENDED -> true;
      case INSPECTION_STARTED, INVENTORY_TAKEN -> true;
      case ERASURE_STARTED, ERASURE_BEGUN, ERASURE_DONE, ERASURE_FAILED -> true;
      case TOKEN_MINTED, TOKEN_PREPARED, TOKEN_USED, TOKEN_CLAIMED, TOKEN_CONTESTED -> true;
      case BMC_IDENTITY, IDENTITY_ACCEPTED -> true;
      case WINDOW_ARMED, NODE_HELD, NODE_RESUMED, NODE_RELEASED -> true;
      case POWER_WANTED, POWER_ASKED, POWER_TOLD, POWER_UNKNOWN -> true;
      case POWER_AGAIN, POWER_BY_HAND, POWER_REFUSED -> true;
      default -> false;
    };
  }

  /** Whether it is of the fleet as a whole, and of no machine. */
  boolean ofFleet() {
    return effect == Effect.FLEET;
  }

  public String text() {
    return text;
  }

  Stage stage() {
    return stage;
  }

  Effect effect() {
    return effect;
  }
}
