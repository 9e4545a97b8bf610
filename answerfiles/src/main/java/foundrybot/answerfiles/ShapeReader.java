// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Broken;
import foundrybot.answerfiles.Tree.Leaf;
import foundrybot.answerfiles.Tree.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Holds YAML nodes against the shapes they should have and notes every fault.
 *
 * <p>It goes no deeper than the shapes do, so aliases that refer to themselves end here.
 */
final class ShapeReader {
  private static final String STANDARD_TAG = "tag:yaml.org,2002:";

  private final Faults faults;
  private int budget = YamlText.MOST_VALUES;

  ShapeReader(Faults faults) {
    this.faults = faults;
  }

  Tree read(Node node, Shape shape, String path) {
    return switch (shape) {
      case Shape.Scalar scalar -> scalar(node, scalar.rule(), path);
      case Shape.Text lines -> lines(node, lines.rule(), path);
      case Shape.Items items -> items(node, items, path);
      case Shape.Mapping mapping -> mapping(node, mapping, path);
      case Shape.Table table -> table(node, table, path);
      case Shape.Brief brief ->
          node instanceof MappingNode
              ? mapping(node, brief.full(), path)
              : brief(node, brief, path);
      case Shape.Document document ->
          node instanceof MappingNode mapping
              ? new Tree.Document(at(node), mapping)
              : node instanceof ScalarNode
                  ? scalar(node, document.file(), path)
                  : wrong(node, path, document.expected());
    };
  }

  private Tree brief(Node node, Shape.Brief brief, String path) {
    if (!(node instanceof ScalarNode)) {
      return wrong(node, path, "a " + brief.key() + ", or a mapping");
    }
    Position at = at(node);
    Tree value = scalar(node, brief.rule(), join(path, brief.key()));
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    entries.put(brief.key(), new Tree.Entry(at, value));
    return new Branch(at, entries);
  }

  private Tree scalar(Node node, Rule rule, String path) {
    Optional<String> text = text(node);
    if (text.isEmpty()) {
      return wrong(node, path, rule.expected());
    }
    if (Values.hasControl(text.get())) {
      return fault(at(node), path, text.get(), "no line break or control character");
    }
    return rule.accepts().test(text.get())
        ? new Leaf(at(node), text.get())
        : fault(at(node), path, text.get(), rule.expectedInsteadOf(text.get()));
  }

  private Tree lines(Node node, Rule rule, String path) {
    Optional<String> text = text(node);
    if (text.isEmpty()) {
      return wrong(node, path, rule.expected());
    }
    return rule.accepts().test(text.get())
        ? new Leaf(at(node), text.get())
        : fault(at(node), path, text.get().length() + " characters", rule.expected());
  }

  private Tree items(Node node, Shape.Items shape, String path) {
    if (!(node instanceof SequenceNode sequence)) {
      return wrong(node, path, "a list, such as [a, b]");
    }
    List<Node> nodes = sequence.getValue();
    if (nodes.size() < shape.least() || nodes.size() > shape.most()) {
      String expected = shape.least() + ".." + shape.most() + " of: " + shape.item().expected();
      return fault(at(node), path, nodes.size() + " items", expected);
    }
    List<Leaf> leaves = new ArrayList<>();
    boolean whole = true;
    for (int i = 0; i < nodes.size() && spend(node, path); i++) {
      if (scalar(nodes.get(i), shape.item(), path + "[" + i + "]") instanceof Leaf leaf) {
        leaves.add(leaf);
      } else {
        whole = false;
      }
    }
    return whole ? new Row(at(node), leaves) : new Broken(at(node));
  }

  private Tree mapping(Node node, Shape.Mapping shape, String path) {
    if (!(node instanceof MappingNode mapping)) {
      return wrong(node, path, "a mapping with " + String.join(", ", shape.names()));
    }
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Position keyAt = at(tuple.getKeyNode());
      Optional<String> name = key(tuple.getKeyNode(), path);
      if (name.isEmpty() || !spend(node, path)) {
        continue;
      }
      String keyPath = join(path, Values.shown(name.get()));
      Optional<Shape.Key> key =
          shape.keys().stream().filter(k -> k.name().equals(name.get())).findAny();
      if (key.isEmpty()) {
        String expected = "one of " + String.join(", ", shape.names());
        String hint = Suggestion.append(expected, name.get(), shape.names());
        faults.add(keyAt, keyPath, "unknown key", hint);
      } else if (entries.containsKey(name.get())) {
        duplicate(keyAt, keyPath, entries.get(name.get()));
      } else {
        Tree value = read(tuple.getValueNode(), key.get().shape(), keyPath);
        entries.put(name.get(), new Tree.Entry(keyAt, value));
      }
    }
    for (Shape.Key key : shape.keys()) {
      if (key.required() && !entries.containsKey(key.name())) {
        faults.add(at(node), join(path, key.name()), "missing", expected(key.shape()));
      }
    }
    return new Branch(at(node), entries);
  }

  /** Keys are compared as written; that two spellings mean one MAC is found later. */
  private Tree table(Node node, Shape.Table shape, String path) {
    if (!(node instanceof MappingNode mapping)) {
      return wrong(node, path, "a mapping; each key " + shape.key().expected());
    }
    int size = mapping.getValue().size();
    if (size < shape.least() || size > shape.most()) {
      String expected = shape.least() + ".." + shape.most() + ", each " + shape.key().expected();
      return fault(at(node), path, size + " entries", expected);
    }
    Map<String, Tree.Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Position keyAt = at(tuple.getKeyNode());
      Optional<String> name = key(tuple.getKeyNode(), path);
      if (name.isEmpty() || !spend(node, path)) {
        continue;
      }
      String keyPath = join(path, Values.shown(name.get()));
      if (!shape.key().accepts().test(name.get())) {
        faults.add(keyAt, path, name.get(), shape.key().expected());
        read(tuple.getValueNode(), shape.value(), keyPath);
      } else if (entries.containsKey(name.get())) {
        duplicate(keyAt, keyPath, entries.get(name.get()));
      } else {
        Tree value = read(tuple.getValueNode(), shape.value(), keyPath);
        entries.put(name.get(), new Tree.Entry(keyAt, value));
      }
    }
    return new Branch(at(node), entries);
  }

  private void duplicate(Position at, String path, Tree.@Nullable Entry first) {
    int line = first == null ? at.line() : first.keyAt().line();
    faults.add(at, path, "a second time", "once; it is in line " + line + " already");
  }

  private Optional<String> key(Node node, String path) {
    Optional<String> text = text(node);
    if (text.isEmpty()) {
      wrong(node, path, "a key that is text");
    } else if (Values.hasControl(text.get())) {
      faults.add(at(node), path, text.get(), "a key without line break or control character");
      return Optional.empty();
    }
    return text;
  }

  /** What a plain scalar would be in YAML's own types does not matter: here all is text. */
  private static Optional<String> text(Node node) {
    boolean isText =
        node instanceof ScalarNode
            && !node.getTag().equals(Tag.NULL)
            && node.getTag().getValue().startsWith(STANDARD_TAG);
    return isText ? Optional.of(((ScalarNode) node).getValue()) : Optional.empty();
  }

  private Broken wrong(Node node, String path, String expected) {
    String value =
        switch (node) {
          case MappingNode _ -> "a mapping";
          case SequenceNode _ -> "a list";
          case ScalarNode _ when node.getTag().equals(Tag.NULL) -> "empty";
          case ScalarNode scalar when text(node).isPresent() -> scalar.getValue();
          default -> "tagged " + node.getTag().getValue();
        };
    return fault(at(node), path, value, expected);
  }

  private Broken fault(Position at, String path, String value, String expected) {
    faults.add(at, path, value, expected);
    return new Broken(at);
  }

  /** Aliases make a small file large; this bounds the work. */
  private boolean spend(Node node, String path) {
    if (budget == 0) {
      faults.add(at(node), path, "values", "at most " + YamlText.MOST_VALUES + " with aliases");
    }
    budget--;
    return budget >= 0;
  }

  private static String expected(Shape shape) {
    return switch (shape) {
      case Shape.Scalar scalar -> scalar.rule().expected();
      case Shape.Text text -> text.rule().expected();
      case Shape.Items items -> "a list of: " + items.item().expected();
      case Shape.Mapping mapping -> "a mapping with " + String.join(", ", mapping.names());
      case Shape.Table table -> "a mapping; each key " + table.key().expected();
      case Shape.Brief brief -> brief.rule().expected();
      case Shape.Document document -> document.expected();
    };
  }

  private static Position at(Node node) {
    return Position.of(node.getStartMark());
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
