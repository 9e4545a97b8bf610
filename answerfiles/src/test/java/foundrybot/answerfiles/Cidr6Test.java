// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Cidr6Test {
  private static Cidr6 cidr(String text) {
    return Cidr6.parse(text).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:0:0:1:0:0:1/64, 2001:db8::1:0:0:1/64",
    "2001:DB8:0:1:1:1:1:1/128, 2001:db8:0:1:1:1:1:1/128",
    "0:0:0:0:0:0:0:0/0, ::/0",
    "0:0:0:0:0:0:0:1/128, ::1/128",
    "fd77:0:0:1:0:0:0:0/64, fd77:0:0:1::/64",
    "1:0:0:2:0:0:0:3/9, 1:0:0:2::3/9"
  })
  void textIsThatOfRfc5952(String given, String canonical) {
    assertEquals(canonical, cidr(given).toString());
    assertEquals(cidr(given), cidr(canonical));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8",
    "::ffff:10.0.0.1/128",
    "fd77::",
    "fd77::/129",
    "fd77::/064",
    "fe80::1%1/64"
  })
  void othersAreNone(String text) {
    assertEquals(Optional.empty(), Cidr6.parse(text));
  }

  @Test
  void numbersCarryIntoTheNextOctet() {
    assertEquals("fd77::1:0/64", cidr("fd77::ffff/64").plus(1).toString());
    assertEquals("fd77::5/64", cidr("fd77::/64").plus(5).toString());
  }

  @Test
  void subnetsOverlapWhereOneHoldsTheOther() {
    assertTrue(cidr("fd77::/48").overlaps(cidr("fd77:0:0:2::/64")));
    assertTrue(cidr("fd77:0:0:2::/64").overlaps(cidr("fd77::/48")));
    assertFalse(cidr("fd77:0:0:1::/64").overlaps(cidr("fd77:0:0:2::/64")));
    assertTrue(cidr("fd77::/48").isNetwork());
    assertFalse(cidr("fd77:0:0:8000::/48").isNetwork());
    assertTrue(cidr("fd00::/8").isUniqueLocal());
    assertFalse(cidr("fc00::/8").isUniqueLocal());
  }
}
