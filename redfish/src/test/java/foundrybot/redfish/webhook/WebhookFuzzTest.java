// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.redfish.PowerState;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Whatever a device answers: on, off, or neither. */
final class WebhookFuzzTest {
  @FuzzTest
  void state(byte[] bytes) {
    String answer = new String(bytes, StandardCharsets.UTF_8);
    for (Optional<String> pointer :
        java.util.List.of(Optional.of("/a/0"), Optional.<String>empty())) {
      Webhook.Reading reading = new Webhook.Reading(pointer, "on", "off");
      Webhook.Reading reversed = new Webhook.Reading(pointer, "off", "on");
      PowerState state = StateWords.read(answer, reading);
      PowerState other = StateWords.read(answer, reversed);
      assertTrue(
          state == PowerState.UNKNOWN ? other == PowerState.UNKNOWN : other != state, answer);
    }
  }
}
