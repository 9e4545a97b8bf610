// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * One line of the journal: what happened to which machine.
 *
 * @param at when the appliance saw it, to the microsecond: the journal keeps no more, and a state
 *     must be the same before and after a restart
 * @param mac canonical text ({@code 52:54:00:aa:00:01}); empty for the appliance as a whole
 * @param kind a stable token; those of {@link FactKind} move nodes, others are evidence
 * @param detail for people; never a secret
 */
public record Fact(Instant at, String mac, String kind, String detail) {
  /** Characters of a detail that are kept. */
  public static final int MAX_DETAIL = 500;

  /** Of a notice, which holds a diagnosis; with it a record of the journal is full. */
  public static final int MAX_NOTICE = 1000;

  public Fact {
    at = at.truncatedTo(ChronoUnit.MICROS);
    int most = NoticeKind.of(kind).isPresent() ? MAX_NOTICE : MAX_DETAIL;
    if (detail.length() > most) {
      detail = detail.substring(0, most - 1) + "…";
    }
  }

  /** The detail for people: the hash of a token helps nobody who reads a log. */
  public String shown() {
    if (kind.equals(FactKind.TOKEN_MINTED.text()) || kind.equals(FactKind.TOKEN_PREPARED.text())) {
      return "";
    }
    return kind.equals(FactKind.TOKEN_USED.text())
            || kind.equals(FactKind.TOKEN_CLAIMED.text())
            || kind.equals(FactKind.TOKEN_CONTESTED.text())
        ? detail.substring(detail.indexOf(' ') + 1)
        : detail;
  }
}
