// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.phases;

import org.jspecify.annotations.NullMarked;
