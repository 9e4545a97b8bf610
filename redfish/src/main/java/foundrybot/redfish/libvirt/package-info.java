// SPDX-License-Identifier: Apache-2.0
/** Virtual machines of libvirt, switched by its own program, virsh. */
@NullMarked
package foundrybot.redfish.libvirt;

import org.jspecify.annotations.NullMarked;
