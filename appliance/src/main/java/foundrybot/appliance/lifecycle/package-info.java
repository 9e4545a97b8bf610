// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.lifecycle;

import org.jspecify.annotations.NullMarked;
