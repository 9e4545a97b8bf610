// SPDX-License-Identifier: Apache-2.0
/**
 * Racks of QEMU machines with real firmware, in network namespaces of their own: the site's DHCP
 * server in one, the appliance and the machines' switch in the other. Needs root and Linux.
 */
@NullMarked
package foundrybot.rig.qemu;

import org.jspecify.annotations.NullMarked;
