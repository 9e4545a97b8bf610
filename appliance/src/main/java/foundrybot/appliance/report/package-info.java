// SPDX-License-Identifier: Apache-2.0
/** What became of a cluster, as a signed record. */
@NullMarked
package foundrybot.appliance.report;

import org.jspecify.annotations.NullMarked;
