// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.appliance.cli;

import org.jspecify.annotations.NullMarked;
