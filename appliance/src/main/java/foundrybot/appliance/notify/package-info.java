// SPDX-License-Identifier: Apache-2.0
/** Tells receivers outside what happens: see README.md in this folder. */
@NullMarked
package foundrybot.appliance.notify;

import org.jspecify.annotations.NullMarked;
