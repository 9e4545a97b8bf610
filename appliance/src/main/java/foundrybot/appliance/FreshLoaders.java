// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.WireObserver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Machines that have just fetched a boot program and have not come to their script yet: the iPXE
 * that asks for such a machine is the one we gave it, and not the one that its network card was
 * sold with. Nothing in the packets of the two tells them apart for sure.
 *
 * <p>Anybody can fetch a program under another machine's name. That makes the machine's own iPXE go
 * on to its script directly, once, as it would without a row of the firmware table.
 */
final class FreshLoaders implements WireObserver {
  /** From the last byte of the program to its script; some wait 16 s for an IPv6 router alone. */
  static final Duration LIFETIME = Duration.ofMinutes(2);

  private final Clock clock;
  private final Predicate<MacAddress> known;
  // Only machines of the rack file: bounded by it.
  private final Map<MacAddress, Instant> since = new ConcurrentHashMap<>();

  FreshLoaders(Clock clock, Predicate<MacAddress> known) {
    this.clock = clock;
    this.known = known;
  }

  @Override
  public void observed(WireEvent event) {
    Optional<MacAddress> mac = event.mac().filter(known);
    if (mac.isEmpty()) {
      return;
    }
    if (event.kind().equals("tftp.done")) {
      since.put(mac.get(), clock.instant());
    } else if (event.protocol() == WireEvent.Protocol.HTTP) {
      // Its script, or what follows it; the next iPXE is that of a new start.
      since.remove(mac.get());
    }
  }

  boolean isRunningOn(MacAddress mac) {
    Instant at = since.get(mac);
    return at != null && clock.instant().isBefore(at.plus(LIFETIME));
  }
}
