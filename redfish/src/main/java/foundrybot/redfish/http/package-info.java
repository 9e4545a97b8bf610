// SPDX-License-Identifier: Apache-2.0
/** One HTTP request, sent once, and whose certificate is trusted: for all that speak HTTP here. */
@NullMarked
package foundrybot.redfish.http;

import org.jspecify.annotations.NullMarked;
