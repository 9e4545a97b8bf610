// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/** Whether the appliance tells the time, and what it says of its clock. */
public enum TimeServer {
  /** It says what the operating system knows of the clock: set by a time server, or not. */
  ON,
  /** The user vouches for the clock. */
  SYNCHRONISED,
  /** Nobody is told. */
  OFF
}
