// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * The UDP and TCP ports of the appliance; the defaults are the protocols' own.
 *
 * @param https {@link #OFF} for none
 */
public record Ports(
    int dhcp,
    int dhcpClient,
    int relay,
    int proxyDhcp,
    int tftp,
    int http,
    int https,
    int dns,
    int ntp,
    int syslog) {
  /** No port: the service is not offered. */
  public static final int OFF = 0;

  /** Where name servers and time servers are asked by everybody. */
  static final int DNS = 53;

  static final int NTP = 123;

  /** Where logs are sent to by programs that are told no port. */
  static final int SYSLOG = 514;

  /** The ports that firmware uses; all but {@code http} and {@code proxyDhcp} are fixed in it. */
  public static final Ports STANDARD = new Ports(67, 68, 67, 4011, 69, 80, 443, DNS, NTP, SYSLOG);
}
