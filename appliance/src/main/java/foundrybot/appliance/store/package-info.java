// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.store;

import org.jspecify.annotations.NullMarked;
