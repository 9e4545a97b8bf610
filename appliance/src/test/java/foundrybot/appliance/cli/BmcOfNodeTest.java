// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BmcOfNodeTest {
  @Test
  void whatABmcSaysCannotSteerTheTerminalNorTurnTheReadingAround() {
    assertEquals("iLO  [31m 5", BmcOfNode.shown("iLO\r\u001b[31m\u009b5\n"));
    assertEquals("Dell  Inc.", BmcOfNode.shown("Dell\u202e\u2028Inc."));
    assertEquals("Gerät №1", BmcOfNode.shown("Gerät №1"));
  }
}
