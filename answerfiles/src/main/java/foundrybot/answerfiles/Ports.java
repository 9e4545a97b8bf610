// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/** The UDP and TCP ports of the appliance; the defaults are the protocols' own. */
public record Ports(
    int dhcp, int dhcpClient, int relay, int proxyDhcp, int tftp, int http, int dns, int ntp) {
  /** Where name servers and time servers are asked by everybody. */
  static final int DNS = 53;

  static final int NTP = 123;

  /** The ports that firmware uses; all but {@code http} and {@code proxyDhcp} are fixed in it. */
  public static final Ports STANDARD = new Ports(67, 68, 67, 4011, 69, 80, DNS, NTP);
}
