// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What certificates a machine was given, as it is kept.
 *
 * @param identity whose requests they were for: another installation has another one
 * @param closed whether that identity gets no more
 * @param entries those that have not expired yet
 */
record IssuedCard(String identity, boolean closed, List<Entry> entries) {
  /** RFC 5280, section 5.3.1: a newer installation took its place. */
  static final int SUPERSEDED = 4;

  /** RFC 5280, section 5.3.1: the operator trusts the machine no more. */
  static final int PRIVILEGE_WITHDRAWN = 9;

  private static final String GOOD = "";

  /**
   * One certificate.
   *
   * @param serial hexadecimal
   * @param until ISO 8601 with Z
   * @param revoked likewise; empty as long as it is good
   * @param reason of RFC 5280; 0 as long as it is good
   */
  record Entry(String serial, String until, String revoked, int reason) {
    static Entry good(String serial, Instant until) {
      return new Entry(serial, until.toString(), GOOD, 0);
    }

    boolean isGood() {
      return revoked.equals(GOOD);
    }
  }

  IssuedCard {
    entries = List.copyOf(entries);
  }

  /** Of a machine that has been given none. */
  static IssuedCard blank(String identity) {
    return new IssuedCard(identity, false, List.of());
  }

  /** The same without what nobody takes any more. */
  IssuedCard at(Instant now) {
    Predicate<Entry> lives = entry -> Instant.parse(entry.until()).isAfter(now);
    return new IssuedCard(identity, closed, entries.stream().filter(lives).toList());
  }

  /** The machine as it came back with another identity, if it has. */
  IssuedCard of(String other, Instant now) {
    return other.equals(identity)
        ? this
        : new IssuedCard(other, false, revoked(SUPERSEDED, now).entries());
  }

  IssuedCard with(Entry entry) {
    List<Entry> all = new ArrayList<>(entries);
    all.add(entry);
    return new IssuedCard(identity, closed, all);
  }

  /** Nothing of it is good any more, and nothing new comes. */
  IssuedCard revoked(int reason, Instant now) {
    return new IssuedCard(
        identity,
        true,
        entries.stream()
            .map(
                one ->
                    one.isGood()
                        ? new Entry(one.serial(), one.until(), now.toString(), reason)
                        : one)
            .toList());
  }

  long good() {
    return entries.stream().filter(Entry::isGood).count();
  }
}
