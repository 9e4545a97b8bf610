// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/**
 * Who hears what a machine says on its serial console ({@link Bmc#console}). Its methods are called
 * by the thread that follows, one after the other, and must return soon: what is not taken in time
 * the other side drops.
 */
public interface ConsoleListener {

  /**
   * From now on it hears.
   *
   * @param how one line for the flight recorder, without secrets
   */
  void opened(String how);

  /** What the machine sent, in order; any bytes, of a line or of half of one. */
  void heard(byte[] bytes);

  /**
   * Something is missing here, or the line was broken.
   *
   * @param why in the form "characters lost: the BMC's buffer overran"
   */
  void missed(String why);

  /** Whether to go on; asked several times a second, and false is for good. */
  boolean wanted();
}
