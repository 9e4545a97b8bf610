// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.io.IOException;

/** What can be read at any place, as a disk can. */
interface Disk {

  /** In bytes. */
  long size();

  /**
   * Reads so many bytes, no fewer.
   *
   * @param offset in bytes; with the length within the size
   * @throws IOException if they cannot be had; what is elsewhere may still be there
   */
  byte[] read(long offset, int length) throws IOException;
}
