// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.redfish.WakeOnLan;
import java.time.InstantSource;

/** What all attempts share. */
record Means(
    PowerLog log,
    MediumSource media,
    ProgramSource programs,
    Patience patience,
    Turns turns,
    Inrush inrush,
    InstantSource clock,
    WakeOnLan.Pause pause) {

  /** Waits until one more machine may be switched on. */
  void awaitSlot() throws InterruptedException {
    pause.pause(inrush.take(clock.instant(), log.limits().onPerSecond()));
  }
}
