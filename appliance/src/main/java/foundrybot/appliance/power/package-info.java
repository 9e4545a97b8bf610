// SPDX-License-Identifier: Apache-2.0
/** Opens the BMC that the rack file names for a node. */
@NullMarked
package foundrybot.appliance.power;

import org.jspecify.annotations.NullMarked;
