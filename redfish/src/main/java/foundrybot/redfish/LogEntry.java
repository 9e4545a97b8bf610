// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/**
 * A line of a BMC's event log.
 *
 * @param at as the BMC writes it, since many have no right clock: {@code 2026-11-24T10:00:00Z}
 * @param severity {@code OK}, {@code Warning}, {@code Critical}, or empty
 */
public record LogEntry(String at, String severity, String message) {}
