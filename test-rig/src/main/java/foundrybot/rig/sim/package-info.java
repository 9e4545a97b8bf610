// SPDX-License-Identifier: Apache-2.0
/** Simulated machines that speak the real protocols over real sockets of this host. */
@NullMarked
package foundrybot.rig.sim;

import org.jspecify.annotations.NullMarked;
