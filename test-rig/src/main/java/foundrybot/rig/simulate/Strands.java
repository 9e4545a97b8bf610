// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A {@link Strand} for each task; what runs ends with it. */
final class Strands extends AbstractExecutorService {
  private final VirtualTime time;
  private final String name;
  private final Consumer<Throwable> broken;
  private final List<Strand> running = new ArrayList<>();
  private boolean closed;

  Strands(VirtualTime time, String name, Consumer<Throwable> broken) {
    this.time = time;
    this.name = name;
    this.broken = broken;
  }

  @Override
  public void execute(Runnable task) {
    if (closed) {
      throw new RejectedExecutionException(name + ": ended");
    }
    running.removeIf(Strand::isOver);
    running.add(new Strand(time, name, task::run, broken));
  }

  @Override
  public void shutdown() {
    closed = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    closed = true;
    running.forEach(Strand::end);
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return closed;
  }

  @Override
  public boolean isTerminated() {
    return closed && running.stream().allMatch(Strand::isOver);
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return isTerminated();
  }
}
