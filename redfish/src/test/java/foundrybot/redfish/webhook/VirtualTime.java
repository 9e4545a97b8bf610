// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import foundrybot.redfish.WakeOnLan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Time that passes only where somebody waits. */
final class VirtualTime implements InstantSource, WakeOnLan.Pause {
  final List<Duration> pauses = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public void pause(Duration time) {
    pauses.add(time);
    now = now.plus(time);
  }
}
