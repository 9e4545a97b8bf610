// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.time.Duration;

/**
 * What is wrong with one machine.
 *
 * @param from it makes itself felt only from then on, after the start
 */
record Ailment(Fault fault, Duration from) {}
