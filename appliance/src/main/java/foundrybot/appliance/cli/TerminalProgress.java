// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.images.Progress;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Shows a build's steps as lines, with the seconds since its start. */
final class TerminalProgress implements Progress {
  private static final Duration PACE = Duration.ofSeconds(5);

  private final PrintStream out;
  private final Clock clock;
  private final Instant start;
  private Instant lastShown = Instant.EPOCH;

  TerminalProgress(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
    this.start = clock.instant();
  }

  @Override
  public synchronized void step(String what) {
    lastShown = clock.instant();
    show(what);
  }

  @Override
  public synchronized void advance(long done, long total) {
    if (lastShown.plus(PACE).isAfter(clock.instant())) {
      return;
    }
    lastShown = clock.instant();
    show(
        total > 0 ? "  " + done + " of " + total + " (" + 100 * done / total + " %)" : "  " + done);
  }

  @Override
  public synchronized void warn(String what) {
    show("warning: " + what);
  }

  private void show(String line) {
    out.printf("%5d s  %s%n", Duration.between(start, clock.instant()).toSeconds(), line);
  }
}
