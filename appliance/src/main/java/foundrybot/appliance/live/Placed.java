// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

/**
 * One thing to be told.
 *
 * @param order grows from one to the next
 * @param mac whose it is; empty for the appliance's
 * @param frame as it is sent
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Placed(long order, String mac, byte[] frame) {}
