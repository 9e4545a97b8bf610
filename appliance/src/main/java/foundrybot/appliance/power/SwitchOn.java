// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.Outcome.Unsupported;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * One attempt to bring a machine from whatever it is in to "on, and booting from the network": who
 * is it, is it on, off if so, what it boots next, on. What was told to switch on before is looked
 * at and never told again while it is on; where nothing can be looked at it is told again only if
 * the command surely did not arrive.
 */
final class SwitchOn {
  /** Who cannot even be compared for these reasons is not switched, either. */
  private static final Set<Kind> HOPELESS =
      Set.of(
          Kind.WRONG_PASSWORD,
          Kind.NO_PRIVILEGE,
          Kind.NOT_TRUSTED,
          Kind.NO_SUCH_SYSTEM,
          Kind.UNREACHABLE,
          Kind.UNKNOWN_OUTCOME);

  /** Another log-in would count towards the lock of the account, or reach the wrong one. */
  private static final Set<Kind> SHUT_OUT =
      Set.of(Kind.WRONG_PASSWORD, Kind.NO_PRIVILEGE, Kind.NOT_TRUSTED, Kind.NO_SUCH_SYSTEM);

  /** What came of it. */
  sealed interface Result {
    /** It is on, as far as can be known. */
    record On(String said) implements Result {}

    /** It was told, and nothing can ever tell what came of it. */
    record Unknown(String told) implements Result {
      String said() {
        return told + "; nothing tells whether it is on; it is not told again";
      }
    }

    /** The node is held: nothing was told, and its deployment waits where it is. */
    record Held() implements Result {}

    /**
     * It is not.
     *
     * @param mayPass whether a later attempt makes sense
     * @param asked whether the machine may be on all the same
     * @param shutOut whether the BMC let nobody in, so that it is not spoken to again
     */
    record Not(String why, boolean mayPass, boolean asked, boolean shutOut) implements Result {
      Not(String why, boolean mayPass, boolean asked) {
        this(why, mayPass, asked, false);
      }
    }
  }

  private final Means means;
  private final Node node;
  private final Bmc bmc;

  SwitchOn(Means means, Node node, Bmc bmc) {
    this.means = means;
    this.node = node;
    this.bmc = bmc;
  }

  /**
   * Takes as long as the BMC's calls and the machine take.
   *
   * @param asked whether it was told to switch on before, with an outcome that nobody knows
   * @param compared what earlier attempts have found out
   * @param place where the BMC is
   * @throws InterruptedException if the appliance ends
   */
  Result run(boolean asked, Compared compared, Optional<URI> place) throws InterruptedException {
    Outcome<?> who = say("who it is", bmc::identify);
    if (who instanceof Failed(BmcFault fault)) {
      return not(fault, asked);
    }
    note("power.identity", who);
    if (!compared.isWith(place)) {
      Outcome<Inventory> inventory = say("inventory", bmc::inventory);
      if (!(inventory instanceof Failed<Inventory>(BmcFault fault))) {
        compared.with(place);
      } else if (HOPELESS.contains(fault.kind())) {
        return not(fault, asked);
      }
      identified(inventory);
    }
    return switch (say("power state", bmc::power)) {
      case Failed<PowerState>(BmcFault fault) -> not(fault, asked);
      case Unsupported<PowerState> _ ->
          asked
              ? new Result.Unknown("told '" + means.log().state(node.mac()).power().said() + "'")
              : switchOn(isAgain() ? PowerAction.CYCLE : PowerAction.ON, true);
      case Done<PowerState>(PowerState state, String evidence, List<String> _) ->
          switch (state) {
            case OFF -> switchOn(PowerAction.ON, false);
            case ON -> asked ? new Result.On("told before; " + evidence) : restart();
            case CHANGING, UNKNOWN ->
                new Result.Not(evidence + "; expected: On or Off", true, asked);
          };
    };
  }

  /** What the BMC says of its machine, for the comparison with what that one says in DHCP. */
  private void identified(Outcome<Inventory> inventory) {
    if (inventory instanceof Done<Inventory>(Inventory known, String _, List<String> _)) {
      List<String> macs = known.nics().stream().map(nic -> nic.mac().text()).toList();
      String mac = node.mac().toString();
      means
          .log()
          .note(
              node.mac(), FactKind.BMC_IDENTITY.text(), Identity.reported(mac, known.uuid(), macs));
    } else {
      note("power.identity", inventory);
    }
  }

  /** Off first, so that what it boots next is set while nothing can use it up. */
  private Result restart() throws InterruptedException {
    if (isHeld()) {
      return new Result.Held();
    }
    await(means.log().record(node.mac(), FactKind.POWER_WANTED, "it is on: forced off first"));
    var mismatch = means.log().state(node.mac()).mismatch();
    if (mismatch.isPresent()) {
      return new Result.Not(
          mismatch.get().why()
              + "; it is on, and a machine that may be another is not switched off",
          false,
          false);
    }
    Optional<Outcome<PowerState>> off = send(PowerAction.OFF, means.patience().off());
    if (off.isEmpty()) {
      return new Result.Held();
    }
    return switch (off.get()) {
      case Failed<PowerState>(BmcFault fault) -> not(fault, false);
      case Unsupported<PowerState> _ -> switchOn(PowerAction.CYCLE, false);
      case Done<PowerState> done -> {
        note("power.off", done);
        means.pause().pause(means.patience().rest());
        yield switchOn(PowerAction.ON, false);
      }
    };
  }

  /**
   * Tells it.
   *
   * @param blind whether nothing tells the power state, now or later
   */
  private Result switchOn(PowerAction action, boolean blind) throws InterruptedException {
    means.awaitSlot();
    if (isHeld()) {
      return new Result.Held();
    }
    // Only behind a rescue is one switched on that has a finished disk; its own order leads there,
    // and a BMC that can clear no override had none to clear.
    boolean toDisk = means.log().state(node.mac()).bootsFromDisk();
    NextBoot nextBoot = new NextBoot(means, node, bmc);
    Outcome<BootSetting> boot = toDisk ? nextBoot.clear() : nextBoot.set();
    if (boot instanceof Failed<BootSetting>(BmcFault fault) && !toDisk) {
      return not(fault, false);
    }
    note("power.boot", boot);
    String next = boot.result().map(BootSetting::text).orElse("its own order of boot devices");
    String how = action == PowerAction.ON ? "on" : "power cycle";
    await(means.log().record(node.mac(), FactKind.POWER_ASKED, how + "; boots " + next));
    Optional<Outcome<PowerState>> on = send(action, means.patience().on());
    if (on.isEmpty()) {
      await(means.log().record(node.mac(), FactKind.POWER_WANTED, "not switched on: held"));
      return new Result.Held();
    }
    return switch (on.get()) {
      case Done<PowerState> done -> new Result.On(text(done));
      case Unsupported<PowerState> unable -> new Result.Not(unable.evidence(), false, false);
      case Failed<PowerState>(BmcFault fault) -> failed(fault, action, blind);
    };
  }

  /**
   * One that is blind has read nothing, so what it says is said of the command itself. The journal
   * takes the command back that surely was not carried out: the next appliance may send it, too.
   */
  private Result failed(BmcFault fault, PowerAction action, boolean blind)
      throws InterruptedException {
    if (fault.kind() == Kind.NOT_SENT || (blind && fault.kind() == Kind.BUSY)) {
      String said = "not switched on: " + fault.evidence();
      await(means.log().record(node.mac(), FactKind.POWER_WANTED, said));
      return not(fault, false);
    }
    if (blind && fault.kind().mayPass()) {
      return new Result.Unknown(fault.evidence());
    }
    return not(fault, action == PowerAction.ON || fault.kind() == Kind.UNKNOWN_OUTCOME);
  }

  /** Whether it was switched on before in this run, and is likely to be on. */
  private boolean isAgain() {
    return means.log().state(node.mac()).handling().cycles() > 0;
  }

  private boolean isHeld() {
    return means.log().state(node.mac()).hold().isPresent();
  }

  /**
   * Sends it unless the node is held by now: whoever holds it may switch it while this waits for
   * its turn, and would be undone.
   */
  private Optional<Outcome<PowerState>> send(PowerAction action, Duration patience)
      throws InterruptedException {
    return say(
        "power " + action.name().toLowerCase(Locale.ROOT),
        () -> isHeld() ? Optional.empty() : Optional.of(bmc.power(action, patience)));
  }

  private void note(String kind, Outcome<?> outcome) {
    means
        .log()
        .note(node.mac(), kind, outcome instanceof Done<?> done ? text(done) : outcome.evidence());
  }

  private static String text(Done<?> done) {
    return done.warnings().isEmpty()
        ? done.evidence()
        : done.evidence() + " (" + String.join(" ", done.warnings()) + ")";
  }

  private static Result.Not not(BmcFault fault, boolean asked) {
    boolean shutOut = SHUT_OUT.contains(fault.kind());
    return new Result.Not(fault.evidence(), fault.kind().mayPass(), asked, shutOut);
  }

  private <T> T say(String what, Supplier<T> command) throws InterruptedException {
    return means.turns().say(node, what, command);
  }

  private static void await(CompletableFuture<Void> durable) throws InterruptedException {
    try {
      durable.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("journal: " + e.getCause(), e);
    }
  }
}
