// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

/** What came of a power command. */
public sealed interface PowerOutcome {

  /** What was done or what went wrong, one line for the flight recorder. */
  String evidence();

  /**
   * The command left this host, and nothing can confirm it; only the machine's DHCP request can.
   */
  record Sent(String evidence) implements PowerOutcome {}

  /** The command was not carried out. */
  record Failed(String evidence) implements PowerOutcome {}
}
