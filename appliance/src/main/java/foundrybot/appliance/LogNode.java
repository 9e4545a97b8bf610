// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

/**
 * Whose line of the appliance's own log it is.
 *
 * @param mac canonical text
 * @param name in the rack file
 * @param run its present one
 * @param command the id of what an operator last asked about it since the start; else empty
 */
public record LogNode(String mac, String name, int run, String command) {}
