// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import foundrybot.redfish.PowerState;
import foundrybot.redfish.webhook.Webhook.Reading;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds in an answer which of two words it says. */
final class StateWords {
  private static final int MAX_DEPTH = 64;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .build();

  private StateWords() {}

  /** UNKNOWN where the answer says neither of the words, or both. */
  static PowerState read(String answer, Reading reading) {
    Optional<String> value = value(answer, reading);
    boolean on;
    boolean off;
    if (reading.pointer().isPresent()) {
      on = value.equals(Optional.of(reading.on()));
      off = value.equals(Optional.of(reading.off()));
    } else {
      on = says(answer, reading.on());
      off = says(answer, reading.off());
    }
    return on == off ? PowerState.UNKNOWN : on ? PowerState.ON : PowerState.OFF;
  }

  /** What the pointer leads to; empty where it leads nowhere or to no single value. */
  static Optional<String> value(String answer, Reading reading) {
    if (reading.pointer().isEmpty()) {
      return Optional.empty();
    }
    try {
      JsonNode node = JSON.readTree(answer).at(JsonPointer.compile(reading.pointer().get()));
      return node.isValueNode() ? Optional.of(node.asString()) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** Whether the word is there and is no part of a longer one: "on" is not in "none". */
  private static boolean says(String text, String word) {
    return Pattern.compile("(?<![\\p{L}\\p{N}_])" + Pattern.quote(word) + "(?![\\p{L}\\p{N}_])")
        .matcher(text)
        .find();
  }
}
