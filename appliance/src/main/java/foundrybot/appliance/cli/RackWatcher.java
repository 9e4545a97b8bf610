// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;

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

  static RackWatcher start(Path file, Runnable changed) {
    String first = mark(file);
    return new RackWatcher(
        Thread.ofVirtual().name("rack-watcher").start(() -> watch(file, first, changed)));
  }

  private static void watch(Path file, String first, Runnable changed) {
    String seen = first;
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        String now = mark(file);
        if (!now.equals(seen)) {
          seen = now;
          changed.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String mark(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
    } catch (IOException e) {
      return "gone";
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
