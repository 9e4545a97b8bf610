// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"52:54:00:AA:00:01", "52-54-00-aa-00-01", "5254.00aa.0001", "525400AA0001"})
  void everySpellingIsTheSameAddress(String text) {
    assertEquals(Optional.of("52:54:00:aa:00:01"), Mac.parse(text).map(Mac::toString));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "52:54:00:aa:00",
        "52:54:00:aa:00:01:02",
        "52:54-00:aa:00:01",
        "52:54:00:aa:00:0g",
        "5254.00aa.00",
        "0x525400aa0001",
        "52:54:00:aa:00:01 ",
        "\u0665254.00aa.0001"
      })
  void otherTextIsNoAddress(String text) {
    assertEquals(Optional.empty(), Mac.parse(text));
  }

  @Test
  void groupAddressesAreTold() {
    assertTrue(Mac.parse("01:00:5e:00:00:01").orElseThrow().isMulticast());
    assertThrows(IllegalArgumentException.class, () -> new Mac(1L << 48));
  }

  @Test
  void theBootInterfaceFormHasTheHardwareType() {
    assertEquals(
        "01-52-54-00-aa-00-01", Mac.parse("52:54:00:aa:00:01").map(Mac::bootif).orElseThrow());
  }
}
