// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.logs;

import org.jspecify.annotations.NullMarked;
