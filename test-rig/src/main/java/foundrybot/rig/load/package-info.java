// SPDX-License-Identifier: Apache-2.0
/**
 * Load for network-boot servers: many clients of DHCP, TFTP and HTTP on one thread, which say how
 * many exchanges came to their end, how long each took, and whether every byte was right.
 */
@NullMarked
package foundrybot.rig.load;

import org.jspecify.annotations.NullMarked;
