// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import org.junit.jupiter.api.Test;

final class SharedKeysTest {
  private static final String BUNDLE =
      "[Interface]\nListenPort = 51821\n[Peer]\nPublicKey = p\nPresharedKey = %s\n";

  private final SharedKeys keys = new SharedKeys();

  private static Mac mac(int number) {
    return Mac.parse("52:54:00:aa:00:0" + number).orElseThrow();
  }

  @Test
  void aKeyIsInTheBundlesOfTwoAsOftenAsTheyAsk() {
    for (int i = 0; i < 3; i++) {
      keys.given(mac(1), BUNDLE.formatted("one="));
      keys.given(mac(2), BUNDLE.formatted("one="));
    }
    keys.given(mac(3), BUNDLE.formatted("other="));
  }

  @Test
  void inTheBundleOfAThirdItIsAViolation() {
    keys.given(mac(1), BUNDLE.formatted("one=") + BUNDLE.formatted("two="));
    keys.given(mac(2), BUNDLE.formatted("two="));
    Invariant.Violated violated =
        assertThrows(
            Invariant.Violated.class,
            () -> keys.given(mac(3), BUNDLE.formatted("three=") + BUNDLE.formatted("two=")));
    assertEquals(Invariant.SECRET_TO_ONE, violated.invariant());
    assertTrue(
        String.valueOf(violated.getMessage())
            .endsWith("is in the bundles of [" + mac(1) + ", " + mac(2) + ", " + mac(3) + "]"),
        violated::getMessage);
  }
}
