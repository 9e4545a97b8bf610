// SPDX-License-Identifier: Apache-2.0
/** Power switches of any kind by URLs of the user's: smart plugs, PDUs, relays. */
@NullMarked
package foundrybot.redfish.webhook;

import org.jspecify.annotations.NullMarked;
