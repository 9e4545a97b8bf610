// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.AddressProber.Finding;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The addresses that are being probed: so many at one time, each for so long and no longer. Used by
 * one thread, that of {@code loop}.
 */
final class Probes {
  /** More at one time are not begun, and the address is offered as it is: boots do not wait. */
  static final int MAX_IN_FLIGHT = 256;

  /** After that the address counts as free; firmware waits four seconds for its first offer. */
  static final Duration LIMIT = Duration.ofMillis(500);

  /** Runs a task later, on the loop. */
  interface Timer {
    void after(Duration delay, Runnable task);
  }

  private static final class Flight {
    private Consumer<Finding> done;

    Flight(Consumer<Finding> done) {
      this.done = done;
    }
  }

  private final AddressProber prober;
  private final Executor loop;
  private final Timer timer;
  private final Map<Inet4Address, Flight> flights = new HashMap<>();

  Probes(AddressProber prober, Executor loop, Timer timer) {
    this.prober = prober;
    this.loop = loop;
    this.timer = timer;
  }

  boolean isFull() {
    return flights.size() >= MAX_IN_FLIGHT;
  }

  /** Whether the address is being probed now. */
  boolean isAsked(Inet4Address address) {
    return flights.containsKey(address);
  }

  /**
   * Asks, and tells {@code done} once, on the loop. Who asks about the same address again takes the
   * place of the one before: a client that repeats itself waits for the answer to its last message.
   */
  void ask(Inet4Address address, MacAddress candidate, boolean onLink, Consumer<Finding> done) {
    Flight known = flights.get(address);
    if (known != null) {
      known.done = done;
      return;
    }
    Flight flight = new Flight(done);
    flights.put(address, flight);
    timer.after(LIMIT, () -> land(address, flight, new Finding.Free()));
    prober
        .probe(address, candidate, onLink)
        .whenComplete(
            (finding, failure) ->
                loop.execute(
                    () -> land(address, flight, failure == null ? finding : new Finding.Free())));
  }

  /** Whoever comes first, the finding or the limit. */
  private void land(Inet4Address address, Flight flight, Finding finding) {
    if (flights.remove(address, flight)) {
      flight.done.accept(finding);
    }
  }
}
