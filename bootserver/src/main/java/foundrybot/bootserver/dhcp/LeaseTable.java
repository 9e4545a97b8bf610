// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which address of one network is whose, now. At most one entry per address of the pool or
 * reservation, so its size is bounded whatever comes in; used by one thread.
 *
 * <p>An address is first held for a machine (offered), then bound (its lease is saved), then free
 * again but remembered. A hold is not saved: after a restart the machine simply asks again.
 */
final class LeaseTable {
  /** How long an offered address waits for its REQUEST. */
  static final Duration HOLD = Duration.ofSeconds(60);

  /** A machine that asks again keeps the hold that it has, as long as that lasts this long. */
  private static final Duration HOLD_STAYS = Duration.ofSeconds(50);

  /** How long an address that somebody else answers on is given to nobody. */
  static final Duration QUARANTINE = Duration.ofMinutes(10);

  /**
   * A machine whose lease ended so long ago is not suspected of having lost its address; with what
   * a lease lasts beyond its promise, an hour.
   */
  private static final Duration RECENT = Duration.ofMinutes(45);

  /** How long an address is left alone that somebody had a while ago. */
  static final Duration DOUBT = Duration.ofSeconds(10);

  private enum State {
    /** Held, but not yet known to be free of others. */
    PROBED,
    HELD,
    BOUND,
    DECLINED,
    FREE
  }

  private record Entry(MacAddress mac, State state, Instant until) {
    boolean taken(Instant now) {
      return state != State.FREE && until.isAfter(now);
    }

    /** Neither leased nor set aside: its machine has not taken it. */
    boolean isOnlyAsked() {
      return state == State.HELD || state == State.PROBED;
    }
  }

  private record Expiry(Instant at, Inet4Address address) {}

  private final long first;
  private final int size;
  private final Set<Inet4Address> excluded = new HashSet<>();
  private final Reservations reservations;
  private final Map<Inet4Address, Entry> entries = new HashMap<>();
  private final Map<MacAddress, Inet4Address> lastOf = new HashMap<>();

  /** How many leases of an address are on their way to the store. */
  private final Map<Inet4Address, Integer> writes = new HashMap<>();

  /** Pool addresses that nobody ever had, and those that are free again, by index. */
  private final BitSet fresh = new BitSet();

  private final BitSet used = new BitSet();

  /** One element per address of the pool that is taken, and not yet seen as expired. */
  private final TreeSet<Expiry> expiries =
      new TreeSet<>(
          Comparator.comparing(Expiry::at)
              .thenComparingLong(expiry -> Ipv4.bits(expiry.address())));

  /**
   * An empty table.
   *
   * @param ours addresses of our own, which are not leased
   */
  LeaseTable(DhcpNetwork network, Set<Inet4Address> ours, Reservations reservations) {
    this.first = network.pool().map(pool -> Ipv4.bits(pool.first())).orElse(0L);
    this.size = network.pool().map(DhcpNetwork.Pool::size).orElse(0);
    this.reservations = reservations;
    long mask = Ipv4.mask(network.prefixLength());
    long lowest = Ipv4.bits(network.subnet()) & mask;
    excluded.add(Ipv4.of(lowest));
    excluded.add(Ipv4.of(lowest | (~mask & 0xffff_ffffL)));
    excluded.addAll(ours);
    excluded.addAll(network.routers());
    excluded.addAll(network.dnsServers());
    fresh.set(0, size);
    excluded.stream().filter(this::isOfPool).forEach(address -> fresh.clear(index(address)));
  }

  /** A lease is on its way to the store: what the store holds of its address is not known now. */
  void saving(Inet4Address address) {
    writes.merge(address, 1, Integer::sum);
  }

  /** Takes over a lease that is saved. */
  void saved(Lease lease) {
    ended(lease.address());
    take(lease);
  }

  /** The store failed, and may hold the old lease or the new one: neither is counted on. */
  void notSaved(Inet4Address address) {
    ended(address);
    Entry entry = entries.get(address);
    if (entry != null && entry.state() == State.BOUND) {
      put(address, new Entry(entry.mac(), State.HELD, entry.until()));
    }
  }

  private void ended(Inet4Address address) {
    writes.computeIfPresent(address, (_, number) -> number == 1 ? null : number - 1);
  }

  /**
   * Whether the store holds that the address is the machine's until then: an acknowledgement that
   * promises no more can leave at once.
   */
  boolean isSaved(MacAddress mac, Inet4Address address, Instant until) {
    Entry entry = entries.get(address);
    return entry != null
        && entry.state() == State.BOUND
        && entry.mac().equals(mac)
        && !entry.until().isBefore(until)
        && !writes.containsKey(address);
  }

  /** Takes over what a lease says, whether or not it is saved; only a saved one is bound. */
  void take(Lease lease) {
    State state =
        switch (lease.state()) {
          case BOUND -> State.BOUND;
          case RELEASED -> State.FREE;
          case DECLINED -> State.DECLINED;
        };
    put(lease.address(), new Entry(lease.mac(), state, lease.until()));
  }

  /** The address this machine was last given or offered, whether or not that still holds. */
  Optional<Inet4Address> lastOf(MacAddress mac) {
    return Optional.ofNullable(lastOf.get(mac));
  }

  /** Whether this machine has the address now, offered or leased. */
  boolean has(MacAddress mac, Inet4Address address, Instant now) {
    Entry entry = entries.get(address);
    return entry != null
        && entry.mac().equals(mac)
        && (entry.state() == State.HELD || entry.state() == State.BOUND)
        && entry.until().isAfter(now);
  }

  /** What keeps a machine from its reserved address now: another's lease, or the quarantine. */
  Optional<String> obstacle(MacAddress mac, Inet4Address address, Instant now) {
    Entry entry = entries.get(address);
    if (entry == null || !entry.taken(now)) {
      return Optional.empty();
    }
    if (entry.state() == State.DECLINED) {
      return Optional.of("left out until " + entry.until() + ": somebody else was found on it");
    }
    return entry.state() == State.BOUND && !entry.mac().equals(mac)
        ? Optional.of("leased to " + entry.mac() + " until " + entry.until())
        : Optional.empty();
  }

  /**
   * Whether the address that is reserved for this machine has to be probed all the same: its lease
   * is one of a machine that is known no more, perhaps this one before its board was replaced; or
   * somebody was found on it.
   */
  boolean isSuspect(MacAddress mac, Inet4Address address, Instant now) {
    Entry entry = entries.get(address);
    return entry != null
        && switch (entry.state()) {
          case PROBED -> entry.mac().equals(mac);
          case BOUND ->
              entry.taken(now) && !entry.mac().equals(mac) && !reservations.isKnown(entry.mac());
          case DECLINED -> !entry.taken(now);
          case HELD, FREE -> false;
        };
  }

  /** Keeps the address for the machine until it has had time to ask for it. */
  void hold(MacAddress mac, Inet4Address address, Instant now) {
    Entry entry = entries.get(address);
    boolean stays =
        entry != null
            && entry.mac().equals(mac)
            && (entry.state() == State.BOUND || entry.state() == State.HELD)
            && entry.until().isAfter(now.plus(HOLD_STAYS));
    if (!stays) {
      put(address, new Entry(mac, State.HELD, now.plus(HOLD)));
    }
  }

  /** Whether somebody else may be on the address: this machine was not there lately. */
  boolean needsProbe(MacAddress mac, Inet4Address address, Instant now) {
    Entry entry = entries.get(address);
    return isOfPool(address)
        && (entry == null
            || !entry.mac().equals(mac)
            || entry.state() == State.PROBED
            || entry.state() == State.DECLINED
            || !entry.until().plus(RECENT).isAfter(now));
  }

  /** Keeps the address for the machine while it is probed. */
  void probe(MacAddress mac, Inet4Address address, Instant now) {
    put(address, new Entry(mac, State.PROBED, now.plus(HOLD)));
  }

  /** Whether the probe is still about this machine: another may have needed the address more. */
  boolean isProbed(MacAddress mac, Inet4Address address) {
    Entry entry = entries.get(address);
    return entry != null && entry.mac().equals(mac) && entry.state() == State.PROBED;
  }

  /** Whether the machine may go on with this address of the pool: its own, and not given away. */
  boolean mayKeep(MacAddress mac, Inet4Address address, Instant now) {
    Entry entry = entries.get(address);
    return address.equals(lastOf.get(mac))
        && usable(mac, address, now)
        && (entry == null || entry.state() != State.PROBED);
  }

  /** Another server was chosen: what was only offered is free. */
  void withdraw(MacAddress mac) {
    lastOf(mac)
        .ifPresent(
            address -> {
              Entry entry = entries.get(address);
              if (entry != null && entry.mac().equals(mac) && entry.isOnlyAsked()) {
                put(address, new Entry(mac, State.FREE, entry.until()));
              }
            });
  }

  /**
   * An address of the pool: the one the machine had, the one it asks for, one that nobody ever had,
   * or one that is free again.
   */
  Optional<Inet4Address> choose(
      MacAddress mac, Optional<Inet4Address> wanted, boolean known, Instant now) {
    expire(now);
    Optional<Inet4Address> own = lastOf(mac).filter(address -> usable(mac, address, now));
    if (own.isPresent()) {
      return own;
    }
    return wanted
        .filter(address -> usable(mac, address, now))
        .or(() -> firstUsable(fresh, mac, now))
        .or(() -> firstUsable(used, mac, now))
        .or(() -> known ? oldestHold(mac) : Optional.empty());
  }

  private Optional<Inet4Address> firstUsable(BitSet set, MacAddress mac, Instant now) {
    for (int i = set.nextSetBit(0); i >= 0; i = set.nextSetBit(i + 1)) {
      Inet4Address address = Ipv4.of(first + i);
      if (usable(mac, address, now)) {
        return Optional.of(address);
      }
    }
    return Optional.empty();
  }

  /** So that strangers who only ask, and never take, cannot keep known machines from an address. */
  private Optional<Inet4Address> oldestHold(MacAddress mac) {
    return expiries.stream()
        .filter(
            expiry -> {
              Entry entry = entries.get(expiry.address());
              return entry != null
                  && entry.isOnlyAsked()
                  && !reservations.isKnown(entry.mac())
                  && ownerAllows(mac, expiry.address());
            })
        .findFirst()
        .map(Expiry::address);
  }

  private boolean usable(MacAddress mac, Inet4Address address, Instant now) {
    Entry entry = entries.get(address);
    return isOfPool(address)
        && !excluded.contains(address)
        && ownerAllows(mac, address)
        && (entry == null
            || !entry.taken(now)
            || (entry.mac().equals(mac) && entry.state() != State.DECLINED));
  }

  private boolean ownerAllows(MacAddress mac, Inet4Address address) {
    return reservations.owner(address).map(mac::equals).orElse(true);
  }

  private int index(Inet4Address address) {
    return (int) (Ipv4.bits(address) - first);
  }

  private boolean isOfPool(Inet4Address address) {
    long offset = Ipv4.bits(address) - first;
    return offset >= 0 && offset < size;
  }

  private void put(Inet4Address address, Entry entry) {
    Entry before = entries.put(address, entry);
    if (before != null && !before.mac().equals(entry.mac())) {
      lastOf.remove(before.mac(), address);
    }
    if (entry.state() == State.DECLINED) {
      lastOf.remove(entry.mac(), address);
    } else {
      lastOf.put(entry.mac(), address);
    }
    if (!isOfPool(address)) {
      return;
    }
    if (before != null) {
      expiries.remove(new Expiry(before.until(), address));
    }
    fresh.clear(index(address));
    used.set(index(address), entry.state() == State.FREE);
    if (entry.state() != State.FREE) {
      expiries.add(new Expiry(entry.until(), address));
    }
  }

  private void expire(Instant now) {
    while (!expiries.isEmpty() && !expiries.first().at().isAfter(now)) {
      used.set(index(expiries.removeFirst().address()));
    }
  }
}
