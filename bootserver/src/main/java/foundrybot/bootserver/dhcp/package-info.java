// SPDX-License-Identifier: Apache-2.0
/** DHCP for machines that boot: codec, ProxyDHCP and DHCP server; see README.md in this folder. */
@NullMarked
package foundrybot.bootserver.dhcp;

import org.jspecify.annotations.NullMarked;
