// SPDX-License-Identifier: Apache-2.0
/** Finds BMCs in a network, without logging in to any. */
@NullMarked
package foundrybot.redfish.discover;

import org.jspecify.annotations.NullMarked;
