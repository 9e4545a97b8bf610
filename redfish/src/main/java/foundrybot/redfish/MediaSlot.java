// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.List;

/**
 * A drive that a BMC plays to its machine.
 *
 * @param name as the BMC names it: {@code Managers/1/VirtualMedia/CD1}
 * @param types {@code CD}, {@code DVD}, {@code USBStick}, {@code Floppy}; may be empty
 * @param image what is in it; empty for nothing
 */
public record MediaSlot(String name, List<String> types, boolean inserted, String image) {
  public MediaSlot {
    types = List.copyOf(types);
  }
}
