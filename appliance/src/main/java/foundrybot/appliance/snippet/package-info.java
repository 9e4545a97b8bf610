// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.snippet;

import org.jspecify.annotations.NullMarked;
