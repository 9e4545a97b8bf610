// SPDX-License-Identifier: Apache-2.0
/** What listeners are told as it happens: see README.md in this folder. */
@NullMarked
package foundrybot.appliance.live;

import org.jspecify.annotations.NullMarked;
