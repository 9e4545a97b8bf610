// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets Ctrl-C end a long work early and in order: the thread that works is interrupted, and the
 * program ends when it has closed this, or after ten seconds.
 */
final class CtrlC implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final Thread worker = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "ctrl-c");

  CtrlC() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stop() {
    worker.interrupt();
    try {
      var _ = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It has been pressed: the hook runs already.
      worker.interrupt();
    }
  }
}
