// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * When the journal could not be written, as on a full disk, so that no node got on: what is given a
 * node for a while from its last progress on is not used up by that. The latest count.
 *
 * @param spans in their order
 */
public record Outages(List<Span> spans) {
  /** There was none. */
  public static final Outages NONE = new Outages(List.of());

  private static final int MOST = 16;
  private static final String SINCE = "since ";

  /** From the fact that could not be written to the first one that could. */
  public record Span(Instant from, Instant to) {}

  public Outages {
    spans = List.copyOf(spans);
  }

  /** The detail of the fact that it is over. */
  public static String detail(Instant from) {
    return SINCE + from + " nothing could be written";
  }

  /** The same after one more fact of the fleet. */
  public Outages after(Fact fact) {
    if (!fact.kind().equals(FactKind.FLEET_OUTAGE.text()) || !fact.detail().startsWith(SINCE)) {
      return this;
    }
    try {
      String from = fact.detail().substring(SINCE.length()).split(" ", 2)[0];
      return with(Instant.parse(from), fact.at());
    } catch (DateTimeParseException e) {
      return this;
    }
  }

  /** The same with one more; a clock that was set back makes none. */
  public Outages with(Instant from, Instant to) {
    if (!from.isBefore(to)) {
      return this;
    }
    List<Span> more = new ArrayList<>(spans);
    more.add(new Span(from, to));
    more.sort(Comparator.comparing(Span::from));
    return new Outages(more.subList(Math.max(0, more.size() - MOST), more.size()));
  }

  /**
   * From when a time counts that is given since then: from the end of an outage that began in it.
   *
   * @param time how long it is
   */
  Instant counted(Instant since, Duration time) {
    Instant from = since;
    for (Span span : spans) {
      boolean within = !span.from().isAfter(from.plus(time));
      if (within && span.to().isAfter(from)) {
        from = span.to();
      }
    }
    return from;
  }
}
