// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.phases;

import java.time.Instant;

/**
 * What a node said last of one of its checks.
 *
 * @param said what it saw, in its words; may be empty
 * @param since when it began to pass, or to fail
 * @param heardAt when it said so last
 */
public record CheckResult(boolean passed, String said, Instant since, Instant heardAt) {}
