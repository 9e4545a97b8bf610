// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.List;

/**
 * A machine of a hypervisor, as its list has it.
 *
 * @param id how the hypervisor tells it from others of the same name: libvirt's UUID, Proxmox VE's
 *     VMID
 * @param cores 0: not told
 * @param memoryMiB 0: not told
 * @param ours whether it carries the mark of {@link Hypervisor#create}
 */
public record VirtualMachine(
    String name,
    String id,
    PowerState power,
    List<HardwareAddress> macs,
    int cores,
    long memoryMiB,
    boolean ours) {
  public VirtualMachine {
    macs = List.copyOf(macs);
  }
}
