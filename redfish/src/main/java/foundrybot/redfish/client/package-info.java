// SPDX-License-Identifier: Apache-2.0
@NullMarked
package foundrybot.redfish.client;

import org.jspecify.annotations.NullMarked;
