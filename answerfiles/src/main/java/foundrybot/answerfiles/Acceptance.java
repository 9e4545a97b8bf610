// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/** When machines of the rack file are given their secrets that have no BMC to switch them on. */
public enum Acceptance {
  /** Whenever they ask, by their MAC, which anybody can copy. */
  AUTO,
  /** In the time for which the operator lets each in by name: what holds if nothing is said. */
  ARMED
}
