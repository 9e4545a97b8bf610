// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.hardware;

import org.jspecify.annotations.NullMarked;
