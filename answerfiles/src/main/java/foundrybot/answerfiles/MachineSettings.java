// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Optional;

/**
 * The virtual machine that a node is to be, made on the hypervisor of its BMC's URL.
 *
 * @param disks in the order in which the machine finds them
 * @param nics the first one is the node's own
 * @param tpm whether it has an emulated TPM 2.0
 */
public record MachineSettings(
    int cores, long memoryMiB, List<Disk> disks, List<Nic> nics, Firmware firmware, boolean tpm) {
  public MachineSettings {
    disks = List.copyOf(disks);
    nics = List.copyOf(nics);
  }

  /**
   * An empty disk.
   *
   * @param pool the hypervisor's storage that it lies in; absent: the usual one
   * @param format how it lies there; absent: what that storage usually has
   */
  public record Disk(long mebibytes, Optional<String> pool, Optional<Format> format) {}

  /** How a disk lies in its storage. */
  public enum Format {
    QCOW2,
    RAW
  }

  /** A network card. */
  public record Nic(Mac mac, Link link) {}

  /** What a card is plugged into. */
  public sealed interface Link {
    /** A bridge of the hypervisor's system. */
    record Bridge(String name) implements Link {}

    /** A network that the hypervisor keeps under this name. */
    record Network(String name) implements Link {}
  }

  /** What starts it. */
  public enum Firmware {
    BIOS,
    UEFI,
    SECURE_BOOT
  }
}
