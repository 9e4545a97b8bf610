// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import java.util.regex.Pattern;

/**
 * Where a machine is now; it may move to another node at any time.
 *
 * @param kind {@code qemu}, or {@code lxc} for a container
 */
record Place(String node, String kind, int vmid) {
  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,62}");

  static boolean isNode(String text) {
    return NODE.matcher(text).matches();
  }

  /** {@code /nodes/pve1/qemu/105/config}. */
  String path(String below) {
    return "/nodes/" + node + "/" + kind + "/" + vmid + below;
  }

  /** For people. */
  @Override
  public String toString() {
    return (kind.equals("lxc") ? "container " : "VM ") + vmid + " on " + node;
  }
}
