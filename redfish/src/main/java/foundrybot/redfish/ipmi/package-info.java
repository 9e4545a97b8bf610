// SPDX-License-Identifier: Apache-2.0
/** IPMI 2.0 over LAN (RMCP+): {@link foundrybot.redfish.ipmi.Ipmi} opens the hand on a machine. */
@NullMarked
package foundrybot.redfish.ipmi;

import org.jspecify.annotations.NullMarked;
