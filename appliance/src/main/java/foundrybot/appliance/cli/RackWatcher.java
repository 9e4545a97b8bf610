// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FileMark;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Notices that a file has changed. It looks once a second: editors replace files in so many ways,
 * and file systems report it in so few, that looking is the reliable form.
 */
final class RackWatcher implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Thread thread;

  private RackWatcher(Thread thread) {
    this.thread = thread;
  }

  /**
   * Watches from now on.
   *
   * @param first the file's {@link FileMark} before it was read, so that a change while the
   *     appliance was starting is not missed
   */
  static RackWatcher start(Path file, String first, Runnable changed) {
    return start(() -> FileMark.of(file), first, changed);
  }

  /**
   * The same for several files.
   *
   * @param mark differs whenever one of them has changed
   */
  static RackWatcher start(Supplier<String> mark, String first, Runnable changed) {
    return new RackWatcher(
        Thread.ofVirtual().name("rack-watcher").start(() -> watch(mark, first, changed)));
  }

  private static void watch(Supplier<String> mark, String first, Runnable changed) {
    String seen = first;
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        String now = mark.get();
        if (!now.equals(seen)) {
          seen = now;
          changed.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
