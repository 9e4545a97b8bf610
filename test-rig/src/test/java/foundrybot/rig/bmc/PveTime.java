// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.WakeOnLan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** One time for client and emulator; it passes where the client waits. */
final class PveTime implements InstantSource, WakeOnLan.Pause {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public synchronized void pause(Duration time) {
    now = now.plus(time);
  }
}
