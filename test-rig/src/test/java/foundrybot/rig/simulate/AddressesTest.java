// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import foundrybot.answerfiles.Mac;
import java.net.Inet4Address;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class AddressesTest {
  private static final Mac ONE = Mac.parse("52:54:00:aa:00:01").orElseThrow();
  private static final Mac OTHER = Mac.parse("52:54:00:aa:00:02").orElseThrow();
  private static final Inet4Address ADDRESS = Inet4Address.ofLiteral("10.77.0.100");
  private static final Duration HOUR = Duration.ofHours(1);

  private final Addresses addresses = new Addresses();

  private void acknowledged(Mac mac, int minutes) {
    addresses.acknowledged(mac, ADDRESS, HOUR, Duration.ofMinutes(minutes));
  }

  @Test
  void whoHasAnAddressMayRenewItAndAnotherOneHasItAfterwards() {
    acknowledged(ONE, 0);
    acknowledged(ONE, 30);
    acknowledged(OTHER, 90);
  }

  @Test
  void anAddressThatWasDeclinedIsNobodys() {
    acknowledged(ONE, 0);
    addresses.declined(OTHER, ADDRESS);
    addresses.declined(ONE, ADDRESS);
    acknowledged(OTHER, 1);
  }

  @Test
  void oneThatWasPromisedToAnotherMachineIsAViolation() {
    acknowledged(ONE, 0);
    addresses.declined(OTHER, ADDRESS);
    Invariant.Violated violated =
        assertThrows(Invariant.Violated.class, () -> acknowledged(OTHER, 59));
    assertEquals(Invariant.ADDRESS_TO_ONE, violated.invariant());
    assertEquals(
        "address-to-one: 10.77.0.100 was acknowledged to 52:54:00:aa:00:01 until 1 h 00 min, and"
            + " to 52:54:00:aa:00:02 now",
        violated.getMessage());
  }
}
