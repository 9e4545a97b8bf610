// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a machine says is shown as text, and moves nothing around it. */
class PrintableTest {
  /** A control, an override of direction, separators, a soft hyphen, a tag beyond 16 bits. */
  @ParameterizedTest
  @ValueSource(ints = {0x1b, 0x0a, 0x202e, 0x2066, 0x2028, 0x2029, 0xad, 0xe0041})
  void whatMovesTextIsABlank(int character) {
    String said = "vendor=" + Character.toString(character) + "x";
    assertEquals("vendor= x", FlightRecorder.printable(said));
  }

  @ParameterizedTest
  @ValueSource(strings = {"arch=7 address=192.0.2.9", "Gerät 漢字 \uD83D\uDE00"})
  void whatIsTextStays(String said) {
    assertEquals(said, FlightRecorder.printable(said));
  }
}
