// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LeaseTableTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<Lease.State> STATES = List.of(Lease.State.values());

  private static LeaseTable table(String first, String last, Reservations reservations) {
    DhcpNetwork network =
        DhcpNetwork.on(Optional.empty(), Messages.ip("10.77.0.1"), 24)
            .leasing(
                Messages.ip(first),
                Messages.ip(last),
                List.of(Messages.ip("10.77.0.3")),
                List.of());
    return new LeaseTable(network, Set.of(Messages.ip("10.77.0.1")), reservations);
  }

  @Test
  void addressesOfTheNetworkItselfAndReservedOnesAreNotInThePool() {
    MacAddress owner = new MacAddress(99);
    LeaseTable table =
        table("10.77.0.0", "10.77.0.5", Reservations.of(Map.of(owner, Messages.ip("10.77.0.4"))));
    Set<Inet4Address> given = new HashSet<>();
    for (int i = 1; i <= 6; i++) {
      MacAddress mac = new MacAddress(i);
      table
          .choose(mac, Optional.empty(), false, START)
          .ifPresent(
              address -> {
                table.hold(mac, address, START);
                given.add(address);
              });
    }
    assertEquals(Set.of(Messages.ip("10.77.0.2"), Messages.ip("10.77.0.5")), given);
  }

  @Test
  void strangersWhoOnlyAskDoNotKeepAKnownMachineFromAnAddress() {
    MacAddress known = new MacAddress(0x525400000001L);
    LeaseTable table =
        table("10.77.0.10", "10.77.0.13", Reservations.of(Map.of(known, Messages.ip("10.77.0.9"))));
    for (int i = 0; i < 100_000; i++) {
      MacAddress stranger = new MacAddress(0x020000000000L + i);
      table
          .choose(stranger, Optional.empty(), false, START)
          .ifPresent(address -> table.hold(stranger, address, START));
    }
    assertTrue(
        table.choose(new MacAddress(7), Optional.empty(), false, START).isEmpty(), "pool is full");
    assertTrue(table.choose(known, Optional.empty(), true, START).isPresent());
  }

  /** A seeded run of a small model: no address is ever two machines' at once. */
  @Test
  void noAddressIsEverLeasedToTwoMachines() {
    Random random = new Random(7);
    LeaseTable table = table("10.77.0.10", "10.77.0.29", Reservations.of(Map.of()));
    Map<Inet4Address, Lease> model = new HashMap<>();
    Instant now = START;
    for (int i = 0; i < 20_000; i++) {
      now = now.plusSeconds(random.nextInt(60));
      MacAddress mac = new MacAddress(1 + random.nextInt(40));
      Optional<Inet4Address> chosen = table.choose(mac, Optional.empty(), false, now);
      if (chosen.isEmpty()) {
        Instant at = now;
        long taken = model.values().stream().filter(l -> l.until().isAfter(at)).count();
        assertTrue(taken > 0, "refused although nothing is leased");
        continue;
      }
      Inet4Address address = chosen.get();
      Lease before = model.get(address);
      assertTrue(
          before == null
              || !before.until().isAfter(now)
              || (before.mac().equals(mac) && before.state() == Lease.State.BOUND),
          "given twice: " + before + " to " + mac + " at " + now);
      table.hold(mac, address, now);
      Lease.State state = STATES.get(random.nextInt(STATES.size()));
      if (random.nextBoolean()) {
        Duration time = state == Lease.State.RELEASED ? Duration.ZERO : Duration.ofMinutes(10);
        Lease lease = new Lease(address, mac, state, now.plus(time));
        table.saved(lease);
        model.put(address, lease);
      }
    }
  }
}
