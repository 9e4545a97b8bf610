// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

/**
 * What came of a machine's last erasure.
 *
 * @param at ISO-8601 instant at which it reported
 * @param fault why it is no proof; empty if it is one
 */
public record Erased(String at, String fault, Erasure report) {}
