// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** What the reader found in the file, after every scalar's own rule has been checked. */
sealed interface Tree {
  Position at();

  /** A value that its rule accepts. */
  record Leaf(Position at, String text) implements Tree {}

  /** A list; items that broke their rule are left out. */
  record Row(Position at, List<Leaf> items) implements Tree {
    List<String> texts() {
      return items.stream().map(Leaf::text).toList();
    }
  }

  /** A mapping; values that broke their rule are {@link Broken}. */
  record Branch(Position at, Map<String, Entry> entries) implements Tree {
    public Branch {
      entries = java.util.Collections.unmodifiableMap(entries);
    }

    boolean has(String key) {
      return entries.containsKey(key);
    }

    Optional<Leaf> leaf(String key) {
      return entry(key, Leaf.class);
    }

    Optional<Document> document(String key) {
      return entry(key, Document.class);
    }

    Optional<String> text(String key) {
      return leaf(key).map(Leaf::text);
    }

    List<String> texts(String key) {
      return entry(key, Row.class).map(Row::texts).orElse(List.of());
    }

    /** A list's items with their places; those that broke their rule are left out. */
    List<Leaf> leaves(String key) {
      return entry(key, Row.class).map(Row::items).orElse(List.of());
    }

    Optional<Branch> branch(String key) {
      return entry(key, Branch.class);
    }

    /** A table's entries that are mappings themselves, by their keys in the order of the file. */
    Map<String, Branch> branches(String table) {
      return entries(table, Branch.class);
    }

    /** A table's entries that are single values, likewise. */
    Map<String, Leaf> values(String table) {
      return entries(table, Leaf.class);
    }

    /** The same as text. */
    Map<String, String> table(String table) {
      Map<String, String> texts = new LinkedHashMap<>();
      values(table).forEach((key, leaf) -> texts.put(key, leaf.text()));
      return texts;
    }

    private <T extends Tree> Map<String, T> entries(String table, Class<T> type) {
      Map<String, T> found = new LinkedHashMap<>();
      branch(table)
          .ifPresent(
              of ->
                  of.entries()
                      .keySet()
                      .forEach(key -> of.entry(key, type).ifPresent(one -> found.put(key, one))));
      return found;
    }

    /** Where the value of the key is; where the mapping is, if the key is absent. */
    Position at(String key) {
      Entry entry = entries.get(key);
      return entry == null ? at : entry.value().at();
    }

    private <T extends Tree> Optional<T> entry(String key, Class<T> type) {
      Entry entry = entries.get(key);
      return entry != null && type.isInstance(entry.value())
          ? Optional.of(type.cast(entry.value()))
          : Optional.empty();
    }
  }

  /** A mapping as it stands in the file, for a reader of its own. */
  record Document(Position at, MappingNode root) implements Tree {}

  /** Something for which a fault has been recorded already. */
  record Broken(Position at) implements Tree {}

  /** One key's place, and its value. */
  record Entry(Position keyAt, Tree value) {}
}
