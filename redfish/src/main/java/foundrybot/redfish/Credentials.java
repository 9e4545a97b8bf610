// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/** Who logs in at a BMC. */
public record Credentials(String user, Secret password) {}
