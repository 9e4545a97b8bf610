// SPDX-License-Identifier: Apache-2.0
/** BMCs that are real servers on loopback, each in front of a {@link Machine}. */
@NullMarked
package foundrybot.rig.bmc;

import org.jspecify.annotations.NullMarked;
