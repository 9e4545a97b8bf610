// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningKeysTest {
  private static final Instant AT = Instant.ofEpochSecond(1614265330);
  private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
  private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  private static final String SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

  private static SigningKeys keys(String text) {
    return SigningKeys.of(new Secret(text), "secret-file: k");
  }

  /** The test vector of the libraries of Standard Webhooks. */
  @Test
  void theSignatureIsThatOfStandardWebhooks() {
    assertEquals(SIGNED, keys(Receiver.KEY).sign(ID, AT, BODY));
  }

  @Test
  void whileAKeyIsChangedBothSign() {
    String both = keys(Receiver.KEY + " whsec_" + "QUFB".repeat(8) + "\n").sign(ID, AT, BODY);
    assertTrue(both.startsWith(SIGNED + " v1,"), both);
    assertEquals(2, both.split(" ").length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2hunter2hunter2hunter2hunter2",
        "whsec_hunter2",
        "whsec_!!!!",
        "whsec_",
        "whsec_QUFBQUFBQUFB",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw hunter2"
      })
  void whatIsNoKeyIsRefusedAndNotRepeated(String text) {
    String said =
        String.valueOf(assertThrows(IllegalArgumentException.class, () -> keys(text)).getMessage());
    assertTrue(said.startsWith("secret-file: k: ") && said.contains("(expected: whsec_"), said);
    assertFalse(said.contains("hunter2") || said.contains("QUFB"), said);
  }
}
