// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.redfish;

import org.jspecify.annotations.NullMarked;
