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
 * @param cd the image in its CD drive as its BMC plays it, by NBD; a machine without one has no
 *     drive
 * @param url what UEFI firmware fetches and starts before all that, once
 */
record BootOrder(First first, Optional<URI> cd, Optional<URI> url) {
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

  BootOrder(First first, Optional<URI> cd) {
    this(first, cd, Optional.empty());
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
          // Without a URL it is DHCP that tells what is fetched.
          case HTTP -> start.boot().url().isPresent() ? usual : First.HTTP;
          case DISK -> First.DISK;
          // An empty drive is passed over.
          case CD -> start.media().isPresent() ? First.CD : usual;
          case USUAL -> usual;
        };
    Optional<URI> url = start.boot().url().filter(_ -> device == BootDevice.HTTP);
    return new BootOrder(first, start.media(), url);
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
