// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/** Whether a machine is on. */
public enum PowerState {
  ON,
  OFF,
  /** Between the two; a BMC may say so for a minute. */
  CHANGING,
  /** Nothing can be read, or nothing that makes sense. */
  UNKNOWN
}
