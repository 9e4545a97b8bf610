// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.rig.bmc.Personality.Oddity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The vendors that can be played: {@code personalities.json}, in which the first one is whole and
 * the others name what differs from it.
 */
public final class Personalities {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private static final List<Personality> ALL = load();

  private Personalities() {}

  public static List<Personality> all() {
    return ALL;
  }

  /** One without oddities. */
  public static Personality plain() {
    return ALL.getFirst();
  }

  /** By its name: {@code dell-idrac9}. */
  public static Personality of(String name) {
    return ALL.stream()
        .filter(personality -> personality.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "personality: " + name + " (expected: one of " + names() + ")"));
  }

  /** One that has these oddities as well. */
  static Personality of(String name, Set<Oddity> more) {
    ObjectNode whole = MAPPER.valueToTree(of(name));
    ArrayNode oddities = (ArrayNode) whole.get("oddities");
    more.forEach(oddity -> oddities.add(oddity.name()));
    return MAPPER.treeToValue(whole, Personality.class);
  }

  /** An oddity by its name on the command line: {@code eject-lags}. */
  static Oddity oddity(String text) {
    return Arrays.stream(Oddity.values())
        .filter(oddity -> text(oddity).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "oddity: " + text + " (expected: one of " + oddities() + ")"));
  }

  static String text(Oddity oddity) {
    return oddity.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String oddities() {
    return Arrays.stream(Oddity.values())
        .map(Personalities::text)
        .collect(Collectors.joining(", "));
  }

  /**
   * One of nobody's, for tests.
   *
   * @param json what differs from {@link #plain}
   */
  static Personality differing(String json) {
    ObjectNode plain = MAPPER.valueToTree(plain());
    return MAPPER.treeToValue(plain.setAll((ObjectNode) MAPPER.readTree(json)), Personality.class);
  }

  /** All names, for help texts. */
  public static String names() {
    return ALL.stream().map(Personality::name).collect(Collectors.joining(", "));
  }

  private static List<Personality> load() {
    try (InputStream in = Personalities.class.getResourceAsStream("personalities.json")) {
      if (in == null) {
        throw new IllegalStateException("personalities.json: not beside its class");
      }
      ArrayNode array = (ArrayNode) MAPPER.readTree(in);
      ObjectNode plain = (ObjectNode) array.get(0);
      List<Personality> all = new ArrayList<>();
      for (JsonNode one : array) {
        all.add(MAPPER.treeToValue(plain.deepCopy().setAll((ObjectNode) one), Personality.class));
      }
      return List.copyOf(all);
    } catch (IOException e) {
      throw new UncheckedIOException("personalities.json", e);
    }
  }
}
