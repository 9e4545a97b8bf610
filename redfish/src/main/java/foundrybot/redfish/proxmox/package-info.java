// SPDX-License-Identifier: Apache-2.0
/** Virtual machines of Proxmox VE, by its own HTTP API. */
@NullMarked
package foundrybot.redfish.proxmox;

import org.jspecify.annotations.NullMarked;
