// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.redfish.BootDevice;
import foundrybot.rig.bmc.PoweredMachine;
import java.net.URI;
import java.util.Optional;

/**
 * What a machine's firmware tries when the power comes.
 *
 * @param first what it tries first
 * @param cd the image in its CD drive, which QEMU reads where it lies, by HTTP with ranges; a
 *     machine without one has no drive
 */
record BootOrder(First first, Optional<URI> cd) {
  /** As existing racks are: the network, then the disk. */
  static final BootOrder NETWORK = new BootOrder(First.NETWORK, Optional.empty());

  /** The device before all others. */
  enum First {
    /** The network card, then the disk. */
    NETWORK,
    /** The same by UEFI HTTP Boot, where the firmware has it. */
    HTTP,
    /** The disk, and nothing else. */
    DISK,
    /** The CD drive, then the disk. */
    CD
  }

  BootOrder {
    if (first == First.CD && cd.isEmpty()) {
      throw new IllegalArgumentException("boot order: CD without an image (expected: one)");
    }
  }

  /**
   * What an override of the next boot means to QEMU's firmware.
   *
   * @param usual what comes first without an override
   */
  static BootOrder of(PoweredMachine.Start start, First usual) {
    BootDevice device = start.boot().device();
    First first =
        switch (device) {
          case PXE -> First.NETWORK;
          case HTTP -> First.HTTP;
          case DISK -> First.DISK;
          // An empty drive is passed over.
          case CD -> start.media().isPresent() ? First.CD : usual;
          case USUAL -> usual;
        };
    return new BootOrder(first, start.media());
  }

  /** The place of a device among those that are tried, as an option of it; empty for none. */
  String index(First device) {
    First tried = first == First.HTTP ? First.NETWORK : first;
    if (device == tried) {
      return ",bootindex=1";
    }
    return device == First.DISK ? ",bootindex=2" : "";
  }
}
