// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One input, translated.
 *
 * @param source where it was read, for messages
 * @param variant {@code fcos} or {@code flatcar}
 * @param config Ignition's, with {@code ignition.version}; not to be changed
 * @param places where the input says each thing that has a name: a word for what it is, a blank,
 *     and the name
 */
public record ButaneInput(
    String source, String variant, ObjectNode config, Map<String, Place> places) {
  /** A place in the input, counted from 1. */
  public record Place(int line, int column) {}

  public ButaneInput {
    places = Collections.unmodifiableMap(new LinkedHashMap<>(places));
  }

  /** The variants that are known here. */
  public static List<String> variants() {
    return Version.variants();
  }

  /**
   * Translates a document.
   *
   * @param root its one mapping
   * @param source where it was read, for messages
   * @param files what it may name as {@code local}
   */
  public static ButaneReading read(Node root, String source, LocalFiles files) {
    if (!(root instanceof MappingNode mapping)) {
      return invalid(
          new Trouble(1, 1, "", "no mapping", "variant, version, storage, systemd, ..."));
    }
    String variant = text(mapping, "variant");
    String number = text(mapping, "version");
    Optional<Version> version = Version.of(variant, number);
    if (version.isEmpty()) {
      Place at = place(root);
      String value = "variant " + variant + ", version " + number;
      return invalid(new Trouble(at.line(), at.column(), "version", value, Version.expected()));
    }
    Translator translator = new Translator(files, version.get().minor());
    ObjectNode config = translator.document(mapping, version.get());
    if (!translator.troubles().isEmpty()) {
      List<Trouble> sorted = new ArrayList<>(translator.troubles());
      sorted.sort(Comparator.comparingInt(Trouble::line).thenComparingInt(Trouble::column));
      return new ButaneReading.Invalid(sorted);
    }
    return new ButaneReading.Valid(new ButaneInput(source, variant, config, translator.places()));
  }

  private static ButaneReading invalid(Trouble trouble) {
    return new ButaneReading.Invalid(List.of(trouble));
  }

  /** The text of a key of the first level; empty if there is none. */
  private static String text(MappingNode mapping, String key) {
    for (NodeTuple tuple : mapping.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode name
          && name.getValue().equals(key)
          && tuple.getValueNode() instanceof ScalarNode value) {
        return value.getValue();
      }
    }
    return "";
  }

  static Place place(Node node) {
    return node.getStartMark()
        .map(mark -> new Place(mark.getLine() + 1, mark.getColumn() + 1))
        .orElse(new Place(1, 1));
  }

  /** Leaves out what it holds, which may be a password's hash. */
  @Override
  public String toString() {
    return "ButaneInput[" + source + ", " + variant + ", " + places.size() + " things]";
  }
}
