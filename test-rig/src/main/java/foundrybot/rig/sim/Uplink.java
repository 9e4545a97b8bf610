// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

/**
 * How machines reach the appliance: the relay, and the ports that firmware has built in.
 *
 * @param proxyPort instead of 4011
 * @param tftpPort instead of 69
 */
record Uplink(SimulatedRelay relay, int proxyPort, int tftpPort) {}
