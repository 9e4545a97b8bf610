// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * The hand on one machine, whatever holds it: a BMC, a hypervisor, a smart plug, a magic packet.
 *
 * <p>Calls block, up to the time the implementation names, so callers use a virtual thread per
 * machine and not an event loop; an interrupt ends a call soon. One call at a time. A machine that
 * does not obey is an expected outcome, not an exception. What an implementation cannot do it says
 * ({@link Outcome.Unsupported}); nothing is pretended.
 */
public interface Bmc extends AutoCloseable {

  /** Kind and address for logs and people, without secrets: {@code redfish https://10.0.0.11}. */
  String describe();

  /** Who answers there. */
  default Outcome<Identity> identify() {
    return unsupported("telling who it is");
  }

  default Outcome<PowerState> power() {
    return unsupported("reading the power state");
  }

  /**
   * Carries out the action and waits until the power state confirms it, where it can be read.
   *
   * @param patience how long the machine may take to reach the state
   * @return the state that was read last; UNKNOWN where the command left and nothing can confirm it
   */
  Outcome<PowerState> power(PowerAction action, Duration patience);

  default Outcome<BootSetting> nextBoot() {
    return unsupported("reading the next boot");
  }

  /**
   * Sets what the machine boots next and reads it back.
   *
   * @return what was read back; a difference that matters is a failure that names the property
   */
  default Outcome<BootSetting> setNextBoot(BootSetting wanted) {
    return unsupported("setting the next boot");
  }

  default Outcome<List<MediaSlot>> media() {
    return unsupported("virtual media");
  }

  /** Inserts an image into the first slot that takes a CD, after ejecting what is in there. */
  default Outcome<MediaSlot> insertMedia(URI image) {
    return unsupported("virtual media");
  }

  /** Ejects what is in the slots for CDs. */
  default Outcome<List<MediaSlot>> ejectMedia() {
    return unsupported("virtual media");
  }

  default Outcome<Inventory> inventory() {
    return unsupported("an inventory");
  }

  /** The newest entries of the event log, oldest first. */
  default Outcome<List<LogEntry>> log(int most) {
    return unsupported("an event log");
  }

  /** How far the machine's firmware is, in the BMC's words: {@code OSRunning}. */
  default Outcome<String> bootProgress() {
    return unsupported("boot progress");
  }

  /**
   * Follows what the machine says on its serial console, until the listener wants no more, the
   * other side ends it, or the thread is interrupted. Nothing is ever typed. It is a conversation
   * of its own: power commands of another {@code Bmc} for the same machine go on beside it.
   *
   * @return why it ended, where nothing failed
   */
  default Outcome<String> console(ConsoleListener listener) {
    return unsupported("reading the serial console");
  }

  /** Logs out where that matters; never throws. */
  @Override
  void close();

  private <T> Outcome<T> unsupported(String what) {
    return new Outcome.Unsupported<>(describe(), what);
  }
}
