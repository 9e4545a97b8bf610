// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubnetTest {
  private static List<String> hosts(String cidr) {
    return Subnet.parse(cidr).hosts().map(Inet4Address::getHostAddress).toList();
  }

  @Test
  void aRangeHasAllAddressesOfMachinesAndNotItsOwnNorItsBroadcastAddress() {
    assertEquals(List.of("10.0.0.1", "10.0.0.2"), hosts("10.0.0.0/30"));
    assertEquals(List.of("10.0.0.4", "10.0.0.5"), hosts("10.0.0.4/31"));
    assertEquals(List.of("200.1.2.3"), hosts("200.1.2.3"));
    assertEquals(254, hosts("192.168.5.77/24").size());
    assertEquals("192.168.5.1", hosts("192.168.5.77/24").getFirst());
    assertEquals(65534, hosts("172.16.0.0/16").size());
  }

  @Test
  void whatIsNoRangeOrTooWideIsRefusedWithWhatIsExpected() {
    for (String text :
        List.of(
            "10.0.0.0/15",
            "10.0.0.0/33",
            "10.0.0.256",
            "10.0.0",
            "224.0.0.1",
            "0.0.0.0/24",
            "fe80::/64",
            "10.0.0.0/",
            "host",
            "")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> Subnet.parse(text), text);
      assertTrue(
          String.valueOf(refused.getMessage()).startsWith("range: " + text + " (expected: "));
    }
  }

  @Test
  void anInterfaceReachesARangeThatItsNetworkSharesAddressesWith() {
    Inet4Address own = Inet4Address.ofLiteral("10.1.2.3");
    assertTrue(Subnet.parse("10.1.2.128/25").touches(own, 24));
    assertTrue(Subnet.parse("10.1.0.0/16").touches(own, 24));
    assertFalse(Subnet.parse("10.1.3.0/24").touches(own, 24));
    assertTrue(Subnet.parse("10.1.3.0/24").touches(own, 16));
  }
}
