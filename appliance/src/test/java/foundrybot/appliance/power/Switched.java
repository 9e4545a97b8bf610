// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A machine with a power button that remembers what it was told, and whose BMC can be made to say
 * something else than what it did.
 */
class Switched implements Bmc {
  final List<String> told = new ArrayList<>();
  final Deque<Answer> answers = new ArrayDeque<>();
  PowerState state = PowerState.OFF;
  int switchedOn;
  int inventories;
  Optional<String> card = Optional.empty();
  volatile Optional<URI> media = Optional.empty();
  BootSetting next = BootSetting.NONE;

  /**
   * What is said to the next calls of that name in place of the truth.
   *
   * @param call such as {@code power ON}
   * @param carriedOut whether it is done all the same
   */
  record Answer(String call, Kind kind, boolean carriedOut) {}

  final void says(Kind kind, String call, int times) {
    for (int i = 0; i < times; i++) {
      answers.add(new Answer(call, kind, false));
    }
  }

  final synchronized int toldSoFar() {
    return told.size();
  }

  @Override
  public String describe() {
    return "switch";
  }

  private <T> Outcome<T> done(String call, T value) {
    return new Outcome.Done<>(value, "switch: " + call + ": " + value);
  }

  /** The lie that is due for a call, if one is. */
  private synchronized Optional<Answer> due(String call) {
    told.add(call);
    Answer next = answers.peek();
    return next != null && next.call().equals(call)
        ? Optional.of(answers.remove())
        : Optional.empty();
  }

  private static <T> Outcome<T> fault(Answer answer) {
    return new Outcome.Failed<>(
        new BmcFault(answer.kind(), "switch", answer.call(), "no", "look at it"));
  }

  @Override
  public Outcome<Identity> identify() {
    return due("identify")
        .map(Switched::<Identity>fault)
        .orElseGet(() -> done("identify", new Identity("Switch 1", "Acme", "S", "1")));
  }

  @Override
  public Outcome<Inventory> inventory() {
    inventories++;
    if (card.isEmpty()) {
      return new Outcome.Unsupported<>(describe(), "an inventory");
    }
    List<Inventory.Nic> nics =
        List.of(new Inventory.Nic("1", new HardwareAddress(card.get()), "", ""));
    return done(
        "inventory", new Inventory("", "", "", "", "", "", List.of(), 0, nics, List.of(), ""));
  }

  @Override
  public Outcome<PowerState> power() {
    return due("power").map(Switched::<PowerState>fault).orElseGet(() -> done("power", state));
  }

  @Override
  public Outcome<PowerState> power(PowerAction action, Duration patience) {
    Optional<Answer> lie = due("power " + action);
    if (lie.isEmpty() || lie.get().carriedOut()) {
      if (action.leadsTo() == PowerState.ON && state != PowerState.ON) {
        switchedOn++;
      }
      state = action.leadsTo();
    }
    return lie.map(Switched::<PowerState>fault).orElseGet(() -> done("power " + action, state));
  }

  @Override
  public Outcome<MediaSlot> insertMedia(URI image) {
    media = Optional.of(image);
    MediaSlot slot = new MediaSlot("CD1", List.of("CD"), true, image.toString());
    return due("insert").map(Switched::<MediaSlot>fault).orElseGet(() -> done("insert", slot));
  }

  @Override
  public Outcome<List<MediaSlot>> ejectMedia() {
    media = Optional.empty();
    return due("eject")
        .map(Switched::<List<MediaSlot>>fault)
        .orElseGet(() -> done("eject", List.of()));
  }

  @Override
  public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
    next = wanted;
    return due("boot").map(Switched::<BootSetting>fault).orElseGet(() -> done("boot", wanted));
  }

  @Override
  public void close() {}
}
