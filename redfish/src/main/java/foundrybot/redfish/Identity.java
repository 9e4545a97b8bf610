// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/**
 * Who answers. Any text may be empty, as many BMCs leave it out.
 *
 * @param service kind and version: {@code Redfish 1.14.0}, {@code IPMI 2.0}
 * @param vendor of the machine or its BMC: {@code Dell Inc.}
 * @param firmware the BMC's own version
 */
public record Identity(String service, String vendor, String model, String firmware) {}
