// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A deadline that moves all the time: one task for many, which moves on when it is too early. */
final class Deadline {
  private final EventExecutor loop;
  private final Runnable missed;
  private @Nullable ScheduledFuture<?> timer;
  private long timerAt;
  private long at;

  Deadline(EventExecutor loop, Runnable missed) {
    this.loop = loop;
    this.missed = missed;
  }

  /** In so much time from now, and no longer when it was. */
  void in(Duration time) {
    at = loop.ticker().nanoTime() + time.toNanos();
    arm();
  }

  void cancel() {
    ScheduledFuture<?> armed = timer;
    if (armed != null) {
      armed.cancel(false);
      timer = null;
    }
  }

  private void arm() {
    ScheduledFuture<?> armed = timer;
    if (armed != null) {
      if (timerAt - at <= 0) {
        return;
      }
      armed.cancel(false);
    }
    timerAt = at;
    long delay = at - loop.ticker().nanoTime();
    timer = loop.schedule(this::due, Math.max(0, delay), TimeUnit.NANOSECONDS);
  }

  private void due() {
    timer = null;
    if (loop.ticker().nanoTime() - at < 0) {
      arm();
    } else {
      missed.run();
    }
  }
}
