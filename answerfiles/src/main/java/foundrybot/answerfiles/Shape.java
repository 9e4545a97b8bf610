// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;

/**
 * What may stand at one place of the rack file: the one table that both the reader and the JSON
 * Schema follow, so that they cannot disagree.
 */
sealed interface Shape {
  /** One value. */
  record Scalar(Rule rule) implements Shape {}

  /** One value that may have several lines, and whose text no fault shows. */
  record Text(Rule rule) implements Shape {}

  /** A mapping with a fixed set of keys. */
  record Mapping(List<Key> keys) implements Shape {
    List<String> names() {
      return keys.stream().map(Key::name).toList();
    }
  }

  /** A mapping whose keys are the user's: names, MACs. */
  record Table(Rule key, Shape value, int least, int most) implements Shape {}

  /** A list of values. */
  record Items(Rule item, int least, int most) implements Shape {}

  /** A mapping, or in its place only the value of its one important key. */
  record Brief(String key, Rule rule, Mapping full) implements Shape {}

  /** A mapping that a reader of its own takes, or the name of a file in which that stands. */
  record Document(Rule file, String what) implements Shape {
    String expected() {
      return file.expected() + "; or " + what;
    }
  }

  /**
   * One key of a mapping.
   *
   * @param fallback what holds when the key is absent, in words; empty for required keys
   */
  record Key(String name, boolean required, Shape shape, String fallback, String meaning) {
    static Key required(String name, Shape shape, String meaning) {
      return new Key(name, true, shape, "", meaning);
    }

    static Key optional(String name, Shape shape, String fallback, String meaning) {
      return new Key(name, false, shape, fallback, meaning);
    }
  }
}
