// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** One listener of {@link Marks}: the mark that it was told last, and nothing else. */
final class MarkListener implements Audience.Member {
  /** How often it is asked whether it may hear at all. */
  private static final long ASKING_NANOS = Duration.ofSeconds(1).toNanos();

  private static final byte[] NOT_ALLOWED = Frames.event("dropped", Live.json("logged-out"));

  private final Marks marks;
  private final String thing;
  private final BooleanSupplier mayHear;
  private String told;
  private boolean begun;
  private boolean shutOut;
  private long askedAt = System.nanoTime();
  private volatile Runnable ready = () -> {};

  MarkListener(Marks marks, String thing, String have, BooleanSupplier mayHear) {
    this.marks = marks;
    this.thing = thing;
    this.told = have;
    this.mayHear = mayHear;
  }

  String thing() {
    return thing;
  }

  @Override
  public void wake() {
    ready.run();
  }

  @Override
  public void begin(Runnable ready) {
    this.ready = ready;
  }

  @Override
  public Next next() {
    if (shutOut) {
      return new Next.End("not-allowed");
    }
    if (!begun) {
      begun = true;
      return new Next.Bytes(Frames.begin());
    }
    if (System.nanoTime() - askedAt >= ASKING_NANOS) {
      askedAt = System.nanoTime();
      shutOut = !mayHear.getAsBoolean();
      if (shutOut) {
        return new Next.Bytes(NOT_ALLOWED);
      }
    }
    Optional<String> mark = marks.newest(thing).filter(now -> !now.equals(told));
    if (mark.isEmpty()) {
      return new Next.Nothing();
    }
    told = mark.get();
    return new Next.Bytes(Frames.mark(told));
  }

  @Override
  public byte[] pulse() {
    return Frames.ALIVE;
  }

  @Override
  public void ended() {
    marks.left(this, shutOut ? "not-allowed" : "client-gone");
  }
}
