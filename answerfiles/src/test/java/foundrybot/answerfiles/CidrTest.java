// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.77.0.12/24, 255.255.255.0, 10.77.0.0, 10.77.0.255",
    "10.77.5.12/22, 255.255.252.0, 10.77.4.0, 10.77.7.255",
    "200.1.2.3/0, 0.0.0.0, 0.0.0.0, 255.255.255.255",
    "200.1.2.3/32, 255.255.255.255, 200.1.2.3, 200.1.2.3"
  })
  void maskAndEdgesFollowFromTheLength(String text, String mask, String network, String last) {
    Cidr cidr = Cidr.parse(text).orElseThrow();
    assertEquals(mask, cidr.mask().getHostAddress());
    assertEquals(network, cidr.network().getHostAddress());
    assertEquals(last, cidr.broadcast().getHostAddress());
    assertEquals(text, cidr.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "10.0.0.1/33", "10.0.0.1/", "010.0.0.1/8", "10.0.0.256/8"})
  void otherTextIsNoSubnet(String text) {
    assertTrue(Cidr.parse(text).isEmpty());
  }

  @Test
  void aSubnetKnowsItsOwn() {
    Cidr cidr = Cidr.parse("10.77.0.1/25").orElseThrow();
    assertTrue(cidr.contains(Ipv4.parse("10.77.0.127").orElseThrow()));
    assertFalse(cidr.contains(Ipv4.parse("10.77.0.128").orElseThrow()));
  }
}
