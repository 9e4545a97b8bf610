// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

/**
 * What a machine was made of when it was looked at.
 *
 * @param at ISO-8601 instant at which it said so
 */
public record Inspection(String at, Inventory inventory) {}
