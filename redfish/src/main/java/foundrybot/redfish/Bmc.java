// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/**
 * The hand on one machine's power switch, whatever it is made of.
 *
 * <p>Calls block, up to the time the implementation names, so callers use a thread per machine and
 * not an event loop. A machine that does not obey is an expected outcome, not an exception.
 */
public interface Bmc {

  /** Kind and address for logs and people, without secrets: {@code wol 52:54:00:aa:00:01}. */
  String describe();

  /** Switches the machine on. What a machine that is on already makes of it is its own affair. */
  PowerOutcome powerOn();
}
