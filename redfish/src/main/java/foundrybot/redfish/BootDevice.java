// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/** Where a machine boots from (Redfish BootSource, IPMI 2.0 table 28-14). */
public enum BootDevice {
  PXE,
  /** UEFI HTTP Boot. */
  HTTP,
  DISK,
  CD,
  /** The firmware's own order: no override. */
  USUAL
}
