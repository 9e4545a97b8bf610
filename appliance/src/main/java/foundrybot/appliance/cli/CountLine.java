// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

/** One line on a terminal that is written over; nothing where there is none. */
final class CountLine implements AutoCloseable {
  private static final long PACE_NANOS = 200_000_000;

  private final boolean terminal = PasswordOption.terminal().isPresent();
  private long shown = System.nanoTime() - PACE_NANOS;

  /** Shows it, unless another one was shown just now. */
  synchronized void show(String text) {
    long now = System.nanoTime();
    if (terminal && now - shown >= PACE_NANOS) {
      shown = now;
      System.err.print("\r\u001b[K" + text);
      System.err.flush();
    }
  }

  @Override
  public synchronized void close() {
    if (terminal) {
      System.err.print("\r\u001b[K");
      System.err.flush();
    }
  }
}
