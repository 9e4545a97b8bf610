// SPDX-License-Identifier: Apache-2.0
/** The demo: an appliance and a simulated rack on loopback, without rights. */
@NullMarked
package foundrybot.rig.demo;

import org.jspecify.annotations.NullMarked;
