// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a Redfish service says of itself to everybody (DSP0266: the service root needs no log-in).
 * Texts may be empty; they have no control characters.
 */
record ServiceRoot(String version, String vendor, String product, String uuid) {
  static final ServiceRoot UNTOLD = new ServiceRoot("", "", "", "");
  static final int MAX_BYTES = 64 << 10;

  private static final int MAX_TEXT = 100;

  /** In front of a text in UTF-8, where some write it. */
  private static final String MARK = "\uFEFF";

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxStringLength(MAX_BYTES)
                          .maxNumberLength(100)
                          .build())
                  .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                  .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                  .build())
          // As the client, which is to find whom this found.
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Reads a body; empty for what is no service root. */
  static Optional<ServiceRoot> decode(byte[] body) {
    if (body.length > MAX_BYTES) {
      return Optional.empty();
    }
    try {
      JsonNode root = JSON.readTree(new String(body, StandardCharsets.UTF_8).replace(MARK, ""));
      boolean own =
          text(root, "@odata.type").startsWith("#ServiceRoot.")
              || !text(root, "RedfishVersion").isEmpty();
      return own
          ? Optional.of(
              new ServiceRoot(
                  text(root, "RedfishVersion"),
                  text(root, "Vendor"),
                  text(root, "Product"),
                  text(root, "UUID")))
          : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static String text(JsonNode root, String name) {
    JsonNode value = root.path(name);
    String text = value.isString() ? value.stringValue() : "";
    String plain = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " ").strip();
    return plain.substring(0, Math.min(plain.length(), MAX_TEXT));
  }
}
