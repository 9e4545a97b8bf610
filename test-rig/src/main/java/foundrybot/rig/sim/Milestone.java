// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

/** How far a simulated machine has come by its own account, in the order of its way. */
public enum Milestone {
  OFF,
  /** Its firmware has an offer that says what to boot. */
  OFFERED,
  /** It has the whole boot program. */
  PROGRAM,
  /** iPXE runs and has its script. */
  SCRIPT,
  /** It has kernel and initrd and starts them. */
  KERNEL,
  /** The installer or deployer has its answer file. */
  ANSWER,
  /** The disk is finished, and the appliance has said that it knows. */
  INSTALLED,
  /** It was told to boot from its disk, and did. */
  FROM_DISK,
  /** The installed system has reported. */
  FIRST_BOOT,
  ENROLLED
}
