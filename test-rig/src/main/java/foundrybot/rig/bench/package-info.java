// SPDX-License-Identifier: Apache-2.0
/**
 * The benchmark behind {@code bin/bench}: this appliance and other network-boot servers, one after
 * the other under the same load, on the same machine, in one run.
 */
@NullMarked
package foundrybot.rig.bench;

import org.jspecify.annotations.NullMarked;
