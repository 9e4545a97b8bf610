// SPDX-License-Identifier: Apache-2.0
/** A whole rack's way on a virtual clock, with faults: the appliance's own code, no network. */
@NullMarked
package foundrybot.rig.simulate;

import org.jspecify.annotations.NullMarked;
