// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** One conversation with a device at a time; one that ends in {@link Trouble} has its outcome. */
public final class Conversations {
  private final ReentrantLock oneAtATime = new ReentrantLock();

  public <T> Outcome<T> hold(Supplier<Outcome<T>> conversation) {
    oneAtATime.lock();
    try {
      return conversation.get();
    } catch (Trouble e) {
      return e.outcome();
    } finally {
      oneAtATime.unlock();
    }
  }
}
