// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * A thread that runs only while the simulation lets it, and never beside another one: it is let go
 * by an event of {@link VirtualTime}, and gives the word back where it waits. So code that blocks
 * runs on virtual time, and always in the same order.
 */
final class Strand {
  private static final ThreadLocal<Strand> CURRENT = new ThreadLocal<>();

  /** What it does; an interrupt is its end. */
  interface Body {
    void run() throws InterruptedException;
  }

  private final VirtualTime time;
  private final Thread thread;
  private final Semaphore word = new Semaphore(0);
  private final Semaphore givenBack = new Semaphore(0);

  /** Which of its waits it is in; a wake-up for an earlier one comes too late and does nothing. */
  private long wait;

  private boolean ended;
  private boolean over;

  /**
   * Begins with the next event.
   *
   * @param broken told what it did not catch
   */
  Strand(VirtualTime time, String name, Body body, Consumer<Throwable> broken) {
    this.time = time;
    this.thread =
        Thread.ofVirtual()
            .name(name)
            .unstarted(
                () -> {
                  word.acquireUninterruptibly();
                  CURRENT.set(this);
                  try {
                    if (!ended) {
                      body.run();
                    }
                  } catch (InterruptedException e) {
                    // Its end.
                    ended = true;
                  } catch (RuntimeException | Error e) {
                    broken.accept(e);
                  } finally {
                    over = true;
                    givenBack.release();
                  }
                });
    thread.start();
    time.after(Duration.ZERO, this::go);
  }

  /** The one that runs now; empty for the simulation itself. */
  static Optional<Strand> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  private void go() {
    if (!over) {
      word.release();
      givenBack.acquireUninterruptibly();
    }
  }

  private void wake(long which) {
    if (which == wait) {
      go();
    }
  }

  private void giveBack() throws InterruptedException {
    if (ended) {
      throw new InterruptedException("ended");
    }
    givenBack.release();
    word.acquireUninterruptibly();
    wait++;
    if (ended) {
      throw new InterruptedException("ended");
    }
  }

  /** From within: lets virtual time pass. */
  void sleep(Duration duration) throws InterruptedException {
    long which = wait;
    time.after(duration, () -> wake(which));
    giveBack();
  }

  /** From within: waits until it is done, whatever comes out. */
  void await(CompletionStage<?> stage) throws InterruptedException {
    if (stage.toCompletableFuture().isDone()) {
      return;
    }
    long which = wait;
    var _ = stage.whenComplete((_, _) -> time.after(Duration.ZERO, () -> wake(which)));
    giveBack();
  }

  /** From within: what another one calls to end the wait that begins with {@link #sleep} next. */
  Runnable waker() {
    long which = wait;
    return () -> time.after(Duration.ZERO, () -> wake(which));
  }

  /** From the simulation itself: ends it where it waits, before this returns. */
  void end() {
    ended = true;
    go();
  }

  boolean isOver() {
    return over;
  }
}
