// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.operator.Operator;
import foundrybot.bootserver.http.HttpRequestView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How much an operator asks: a program that runs wild with a token must not take the appliance from
 * the machines and from the other operators. Reads and changes have a budget each, so that who
 * looks too often can still act. One request is one of them, however many nodes it is about.
 */
final class OperatorLimits {
  /** More than there are tokens ({@link OperatorTokens}), so that nobody's budget is forgotten. */
  private static final int MOST = 1024;

  private static final Set<String> READING = Set.of("GET", "HEAD");

  /** What a request is counted as. */
  enum Kind {
    READS(Allowances.Source.OPERATOR_READS),
    CHANGES(Allowances.Source.OPERATOR_CHANGES);

    private final Allowances.Source source;

    Kind(Allowances.Source source) {
      this.source = source;
    }

    static Kind of(HttpRequestView request) {
      return READING.contains(request.method()) ? READS : CHANGES;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A budget that is spent.
   *
   * @param operator whose, by name
   * @param pause until one request is let through again, if nobody else comes with that token
   */
  record Spent(Kind kind, String operator, Duration pause) {
    /** As {@code Retry-After} has them (RFC 9110, section 10.2.3); never none at all. */
    String seconds() {
      return String.valueOf(Math.max(1, pause.plusMillis(999).toSeconds()));
    }

    /** What, the limit, and when; without a line end. */
    String text() {
      return ("%s: operator %s has spent its budget (expected: %d at once, and %d in a minute);"
              + " again in %s s")
          .formatted(kind, operator, kind.source.burst(), kind.source.perMinute(), seconds());
    }
  }

  private final Audit audit;
  private final Limits<String> reads;
  private final Limits<String> changes;

  /** Nobody has asked anything yet. */
  OperatorLimits(Audit audit, InstantSource clock) {
    this.audit = audit;
    this.reads = new Limits<>(Kind.READS.source, MOST, clock);
    this.changes = new Limits<>(Kind.CHANGES.source, MOST, clock);
  }

  /**
   * Takes one request from an operator's budget.
   *
   * @param from where it came from, for the audit log
   * @return why it is not to be answered; empty if it is
   */
  Optional<Spent> spend(Operator operator, String from, Kind kind) {
    Limits<String> of =
        switch (kind) {
          case READS -> reads;
          case CHANGES -> changes;
        };
    String name = operator.name();
    if (of.admits(name)) {
      return Optional.empty();
    }
    if (of.isNews(name)) {
      audit.refused(Audit.Attempt.BUDGET, Optional.empty(), name, from, kind.toString());
    } else {
      audit.counted(Audit.Attempt.BUDGET);
    }
    return Optional.of(new Spent(kind, name, of.untilNext(name)));
  }
}
