// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.Subnet;
import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Values of options that are more than numbers, addresses and text. */
public final class OptionValues {
  private static final int LONGEST_LABEL = 63;
  private static final int POINTER = 0xc000;

  private OptionValues() {}

  /**
   * One route.
   *
   * @param destination IPv4; its bits beyond the prefix do not count
   */
  public record Route(Subnet destination, Inet4Address router) {}

  /** Option 121 or 249 (RFC 3442): width, the bytes of the subnet that count, router. */
  public static DhcpOption routes(int code, List<Route> routes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Route route : routes) {
      int width = route.destination().prefixLength();
      byte[] subnet =
          Ipv4.of(
                  Ipv4.bits((Inet4Address) route.destination().address())
                      & (width == 0 ? 0 : Ipv4.mask(width)))
              .getAddress();
      out.write(width);
      out.write(subnet, 0, (width + 7) / 8);
      out.writeBytes(route.router().getAddress());
    }
    return new DhcpOption(code, Octets.of(out.toByteArray()));
  }

  /**
   * Option 119 (RFC 3397): names as in DNS, each ending that stood before replaced by a pointer to
   * it (RFC 1035 section 4.1.4).
   *
   * @param domains without a dot at the end; labels of 1..63 characters
   */
  public static DhcpOption domainSearch(List<String> domains) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Map<String, Integer> written = new HashMap<>();
    for (String domain : domains) {
      name(out, domain, written);
    }
    return new DhcpOption(DhcpOption.DOMAIN_SEARCH, Octets.of(out.toByteArray()));
  }

  private static void name(ByteArrayOutputStream out, String domain, Map<String, Integer> written) {
    String rest = domain;
    while (!rest.isEmpty()) {
      Integer at = written.putIfAbsent(rest, out.size());
      if (at != null && at < 0x4000) {
        out.write((POINTER | at) >>> 8);
        out.write(at);
        return;
      }
      int dot = rest.indexOf('.');
      String label = dot < 0 ? rest : rest.substring(0, dot);
      if (label.isEmpty() || label.length() > LONGEST_LABEL) {
        throw new IllegalArgumentException(
            "domain: " + domain + " (expected: labels of 1..63 characters)");
      }
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
      rest = dot < 0 ? "" : rest.substring(dot + 1);
    }
    out.write(0);
  }
}
