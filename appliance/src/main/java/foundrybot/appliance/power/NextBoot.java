// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.PowerRun;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** What a machine boots next, by the way that the rack file names for it. */
final class NextBoot {
  /** How often is looked whether a machine has come from its medium. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final Means means;
  private final Node node;
  private final Bmc bmc;

  NextBoot(Means means, Node node, Bmc bmc) {
    this.means = means;
    this.node = node;
    this.bmc = bmc;
  }

  /**
   * Sets it, once; a medium is inserted before.
   *
   * @throws foundrybot.images.BuildException if there is nothing to boot
   */
  Outcome<BootSetting> set() throws InterruptedException {
    BootSetting wanted = Bmcs.nextBoot(node, means.programs());
    if (node.isByMedium()) {
      URI image = means.media().medium(node);
      Outcome<MediaSlot> inserted = say("insert its medium", () -> bmc.insertMedia(image));
      if (!(inserted instanceof Outcome.Done)) {
        return needed(inserted.then(_ -> new Outcome.Unsupported<>(bmc.describe(), "")));
      }
    }
    Outcome<BootSetting> outcome = say("next boot", () -> bmc.setNextBoot(wanted));
    return wanted.device() == BootDevice.PXE ? outcome : needed(outcome);
  }

  /** Leaves it to the firmware's own order. */
  Outcome<BootSetting> clear() throws InterruptedException {
    return say("next boot", () -> bmc.setNextBoot(BootSetting.NONE));
  }

  /** By its own order a machine would come to the network, but never to a medium or to a URL. */
  private static Outcome<BootSetting> needed(Outcome<BootSetting> outcome) {
    return outcome instanceof Outcome.Unsupported<BootSetting>(String who, String what)
        ? new Outcome.Failed<>(
            new BmcFault(
                BmcFault.Kind.REFUSED,
                who,
                what,
                "not supported",
                "write boot: pxe under the node's bmc"))
        : outcome;
  }

  /** Takes the medium out, if the BMC lets it. */
  void eject() throws InterruptedException {
    Outcome<List<MediaSlot>> ejected = say("eject its medium", bmc::ejectMedia);
    means.log().note(node.mac(), "power.media", "eject: " + ejected.evidence());
  }

  /**
   * Waits until the machine needs its medium no more: it has fetched its kernel, it is another
   * machine, or the window of its run is over.
   *
   * @return false if somebody has begun to switch it anew, and with it decides about the medium
   */
  static boolean awaitUse(Means means, Mac mac) throws InterruptedException {
    Instant begun = means.log().state(mac).power().at();
    Instant end = means.clock().instant().plus(PowerRun.WINDOW);
    while (true) {
      NodeState state = means.log().state(mac);
      // Its medium is of no use to it any more.
      if (state.isReleased()) {
        return true;
      }
      if (!state.power().at().equals(begun)) {
        return false;
      }
      boolean started = !state.stage().isBefore(Stage.KERNEL) && state.tokens().waiting().isEmpty();
      if (started || state.mismatch().isPresent() || !means.clock().instant().isBefore(end)) {
        return true;
      }
      means.pause().pause(LOOK);
    }
  }

  private <T> Outcome<T> say(String what, Supplier<Outcome<T>> command)
      throws InterruptedException {
    return means.turns().say(node, what, command);
  }
}
