// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.BootDevice;
import java.time.Duration;
import java.util.Optional;

/**
 * What runs as a virtual thread while there is power: a simulated node. Power off is an interrupt.
 */
public final class ThreadLoad implements PoweredMachine.Load {
  private static final Duration ENDING = Duration.ofSeconds(10);

  private final String name;
  private volatile Runnable program;
  private final boolean networkFirst;
  private volatile Optional<Thread> thread = Optional.empty();

  /**
   * Nothing runs yet.
   *
   * @param program started again with each start of the machine; ends soon when interrupted
   * @param networkFirst whether the usual order begins with the network; if not, the machine waits
   *     before an empty disk unless its next boot is set to PXE or HTTP
   */
  public ThreadLoad(String name, Runnable program, boolean networkFirst) {
    this.name = name;
    this.program = program;
    this.networkFirst = networkFirst;
  }

  /** Another program, from the next start on: for a machine that is there later than its BMC. */
  public void plugIn(Runnable other) {
    program = other;
  }

  @Override
  public void start(PoweredMachine.Start how) {
    BootDevice device = how.boot().device();
    boolean network =
        device == BootDevice.PXE
            || device == BootDevice.HTTP
            || (networkFirst && device == BootDevice.USUAL);
    thread = network ? Optional.of(Thread.ofVirtual().name(name).start(program)) : Optional.empty();
  }

  /** Whether the program runs now; a machine before an empty disk runs none. */
  public boolean isRunning() {
    return thread.filter(Thread::isAlive).isPresent();
  }

  @Override
  public void stop() {
    if (thread.isEmpty()) {
      return;
    }
    thread.get().interrupt();
    try {
      if (!thread.get().join(ENDING)) {
        throw new IllegalStateException(name + ": still runs without power");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread = Optional.empty();
  }
}
