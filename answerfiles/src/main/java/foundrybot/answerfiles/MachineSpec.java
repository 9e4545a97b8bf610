// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Optional;

/**
 * The virtual machine that a hypervisor is to make of a node.
 *
 * @param memoryMiB of memory
 * @param disksMiB the size of each disk, the one to install on first
 * @param network the hypervisor's bridge or network that the machine's card is on
 * @param storage the hypervisor's pool for disks; absent: its usual one
 * @param uefi whether the firmware is UEFI, not BIOS
 * @param tpm whether it has an emulated TPM 2.0
 */
public record MachineSpec(
    int cores,
    long memoryMiB,
    List<Long> disksMiB,
    Optional<String> network,
    Optional<String> storage,
    boolean uefi,
    boolean tpm) {
  public MachineSpec {
    disksMiB = List.copyOf(disksMiB);
  }
}
