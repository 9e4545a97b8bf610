// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import foundrybot.answerfiles.butane.ButaneInput.Place;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Walks through one input along the table of keys and writes down what it comes to. It goes no
 * deeper than the table does, so aliases that refer to themselves end here; it notes every fault.
 */
final class Translator {
  private static final int MOST_VALUES = 100_000;
  private static final int MOST_ROWS = 1_000;
  private static final String STANDARD_TAG = "tag:yaml.org,2002:";

  private final LocalFiles files;
  private final int minor;
  private final List<Trouble> troubles = new ArrayList<>();
  private final Map<String, Place> places = new LinkedHashMap<>();
  private final List<MountUnit> mounts = new ArrayList<>();
  private int budget = MOST_VALUES;

  Translator(LocalFiles files, int minor) {
    this.files = files;
    this.minor = minor;
  }

  List<Trouble> troubles() {
    return troubles;
  }

  Map<String, Place> places() {
    return places;
  }

  /** The whole input as Ignition's configuration. */
  ObjectNode document(Node root, Version version) {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.putObject("ignition").put("version", version.ignition());
    ObjectNode rest = JsonMapper.shared().createObjectNode();
    struct(rest, root, Keys.ROOT, "");
    rest.remove(List.of("variant", "version"));
    Merging.into(config, rest);
    ObjectNode units = JsonMapper.shared().createObjectNode();
    ArrayNode made = units.putObject("systemd").putArray("units");
    mounts.forEach(mount -> mount.write(made.addObject()));
    if (!made.isEmpty()) {
      Merging.into(config, units);
    }
    return config;
  }

  private void struct(ObjectNode into, Node node, Form.Struct form, String path) {
    if (!(node instanceof MappingNode mapping)) {
      trouble(node, path, shown(node), "a mapping with " + String.join(", ", form.names()));
      return;
    }
    Map<String, Integer> seen = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Node keyNode = tuple.getKeyNode();
      String name = text(keyNode).orElse("");
      String at = path.isEmpty() ? name : path + "." + name;
      Optional<Form.Field> key =
          form.keys().stream()
              .filter(it -> it.name().equals(name) && it.since() <= minor)
              .findFirst();
      Integer earlier = seen.putIfAbsent(name, ButaneInput.place(keyNode).line());
      if (earlier != null) {
        trouble(keyNode, at, "a second time", "once; it is in line " + earlier + " already");
      } else if (key.isEmpty()) {
        trouble(keyNode, at, "unknown key", expected(form, name));
      } else if (spend(keyNode, at)) {
        put(into, key.get(), tuple.getValueNode(), at);
      }
    }
    for (Form.Field key : form.keys()) {
      if (key.required() && !seen.containsKey(key.name())) {
        trouble(node, path.isEmpty() ? key.name() : path + "." + key.name(), "missing", "given");
      }
    }
  }

  private String expected(Form.Struct form, String name) {
    Optional<Form.Field> later =
        form.keys().stream().filter(key -> key.name().equals(name)).findFirst();
    return later
        .map(key -> "a version of Butane's specification for Ignition 3." + key.since() + ".0")
        .orElse("one of " + String.join(", ", form.names()));
  }

  private void put(ObjectNode into, Form.Field key, Node node, String path) {
    String name = key.ignition();
    switch (key.form()) {
      case Form.Text form -> scalar(node, form, path).ifPresent(it -> into.put(name, it));
      case Form.Whole form -> whole(node, form, path).ifPresent(it -> into.put(name, it));
      case Form.Mode _ -> mode(node, path).ifPresent(it -> into.put(name, it));
      case Form.Flag _ ->
          scalar(node, FLAG, path).ifPresent(it -> into.put(name, it.equals("true")));
      case Form.Texts form -> texts(into, name, node, form.each(), path);
      case Form.Struct form -> struct(into.putObject(name), node, form, path);
      case Form.Rows form -> rows(into.putArray(name), node, form, path);
      case Form.Resource _ -> resource(into.putObject(name), node, path);
      case Form.Resources _ -> {
        ArrayNode list = into.putArray(name);
        each(node, path, (item, at) -> resource(list.addObject(), item, at));
      }
      case Form.LocalText form -> localText(into, form.target(), node, path);
      case Form.LocalLines form -> localLines(into, form, node, path);
      case Form.NotTaken form -> trouble(node, path, "not taken here", form.why());
    }
  }

  private static final Form.Text FLAG = Form.Text.of("true or false", "true|false");
  private static final Form.Text OCTAL =
      Form.Text.of("permissions in octal with a leading 0, such as 0644", "0o?[0-7]{1,4}");

  private interface Item {
    void at(Node node, String path);
  }

  private void each(Node node, String path, Item item) {
    if (!(node instanceof SequenceNode sequence)) {
      trouble(node, path, shown(node), "a list");
      return;
    }
    List<Node> nodes = sequence.getValue();
    if (nodes.size() > MOST_ROWS) {
      trouble(node, path, nodes.size() + " items", "at most " + MOST_ROWS);
      return;
    }
    for (int i = 0; i < nodes.size(); i++) {
      String at = path + "[" + i + "]";
      if (spend(nodes.get(i), at)) {
        item.at(nodes.get(i), at);
      }
    }
  }

  private void texts(ObjectNode into, String name, Node node, Form.Text form, String path) {
    Set<String> seen = new HashSet<>();
    each(
        node,
        path,
        (item, at) ->
            scalar(item, form, at)
                .ifPresent(
                    text -> {
                      if (seen.add(text)) {
                        into.withArray("/" + name).add(text);
                      } else {
                        trouble(item, at, text, "each once");
                      }
                    }));
  }

  private void rows(ArrayNode list, Node node, Form.Rows form, String path) {
    Map<String, Place> inList = new HashMap<>();
    each(
        node,
        path,
        (item, at) -> {
          ObjectNode row = list.addObject();
          struct(row, item, form.row(), at);
          if (row.has(form.key())) {
            String name = row.path(form.key()).asString("");
            Map<String, Place> known = form.what().isEmpty() ? inList : places;
            String what = form.what().isEmpty() ? name : form.what() + " " + name;
            Place earlier = known.putIfAbsent(what, ButaneInput.place(item));
            if (earlier != null) {
              String expected = "once; it is in line " + earlier.line() + " already";
              trouble(item, at + "." + form.key(), name, expected);
            }
          }
          if (form.what().equals("filesystem")) {
            mount(row, item, at);
          } else if (form.what().equals("path")) {
            checkOverwrite(row, item, at);
          }
        });
  }

  private void mount(ObjectNode row, Node node, String path) {
    boolean wanted = row.path(MountUnit.IN_IGNITION).asBoolean(false);
    row.remove(MountUnit.IN_IGNITION);
    String format = row.path("format").asString("");
    if (!wanted || !row.has("device")) {
      return;
    }
    if (!format.equals("swap") && !row.has("path")) {
      trouble(node, path + ".path", "missing", "where " + MountUnit.KEY + " is to mount it");
    } else if (format.equals("none")) {
      trouble(node, path + ".format", format, "what " + MountUnit.KEY + " can mount");
    } else {
      MountUnit unit = MountUnit.of(row);
      if (places.putIfAbsent("unit " + unit.name(), ButaneInput.place(node)) != null) {
        trouble(node, path + "." + MountUnit.KEY, unit.name(), "no other unit of that name");
      } else {
        mounts.add(unit);
      }
    }
  }

  /** As Ignition has it: there must be something to write in place of what is there. */
  private void checkOverwrite(ObjectNode row, Node node, String path) {
    boolean isFile = path.startsWith("storage.files");
    if (isFile && row.path("overwrite").asBoolean(false) && !row.has("contents")) {
      trouble(node, path + ".contents", "missing", "contents, as overwrite is true");
    }
  }

  private void resource(ObjectNode into, Node node, String path) {
    struct(into, node, Keys.RESOURCE, path);
    List<String> given = List.of("source", "inline", "local").stream().filter(into::has).toList();
    if (given.size() > 1) {
      trouble(node, path, String.join(" and ", given), "one of source, inline, local");
      return;
    }
    String hash = into.path("verification").path("hash").asString("");
    if (into.has("source")) {
      boolean inside = into.path("source").asString("").startsWith("data:");
      if (!inside && hash.isEmpty()) {
        String expected = "verification.hash, as nobody else looks at what comes from there";
        trouble(node, path + ".verification", "missing", expected);
      }
      return;
    }
    Optional<byte[]> bytes = Optional.empty();
    if (into.has("inline")) {
      bytes = Optional.of(into.path("inline").asString("").getBytes(StandardCharsets.UTF_8));
    } else if (into.has("local")) {
      bytes = local(node, into.path("local").asString(""), path + ".local");
    }
    into.remove(List.of("inline", "local"));
    if (into.has("compression") && bytes.isPresent()) {
      trouble(node, path + ".compression", "gzip", "none but with source");
    }
    bytes.ifPresent(
        found -> {
          if (!hash.isEmpty() && !hash.equals(DataUrl.hash(hash, found))) {
            trouble(node, path + ".verification.hash", hash, DataUrl.hash(hash, found));
          }
          into.put("source", DataUrl.of(found));
        });
  }

  private Optional<byte[]> local(Node node, String name, String path) {
    Optional<byte[]> bytes = files.bytes(name);
    if (bytes.isEmpty()) {
      trouble(node, path, name, "a file that is there, below this one's folder, at most 1 MiB");
    }
    return bytes;
  }

  private Optional<String> localText(Node node, String path) {
    return scalar(node, Keys.LOCAL, path)
        .flatMap(name -> local(node, name, path))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private void localText(ObjectNode into, String target, Node node, String path) {
    if (into.has(target)) {
      trouble(node, path, "beside " + target, "one of them");
      return;
    }
    localText(node, path).ifPresent(text -> into.put(target, text));
  }

  private void localLines(ObjectNode into, Form.LocalLines form, Node node, String path) {
    each(
        node,
        path,
        (item, at) ->
            localText(item, at)
                .ifPresent(
                    text ->
                        text.lines()
                            .filter(line -> !line.isBlank() && !line.startsWith("#"))
                            .forEach(
                                line -> {
                                  if (form.each().accepts(line)) {
                                    into.withArray("/" + form.target()).add(line);
                                  } else {
                                    trouble(item, at, line, form.each().expected());
                                  }
                                })));
  }

  private Optional<Integer> whole(Node node, Form.Whole form, String path) {
    String expected = "0.." + form.most();
    Optional<String> text = text(node).filter(it -> it.matches("[0-9]{1,10}"));
    Optional<Integer> number =
        text.map(Long::parseLong).filter(it -> it <= form.most()).map(Long::intValue);
    if (number.isEmpty()) {
      trouble(node, path, shown(node), expected);
    }
    return number;
  }

  /** Decimal numbers are refused: whoever writes 644 means something else than 01204. */
  private Optional<Integer> mode(Node node, String path) {
    return scalar(node, OCTAL, path).map(text -> Integer.parseInt(text.replace("o", ""), 8));
  }

  private Optional<String> scalar(Node node, Form.Text form, String path) {
    Optional<String> text = text(node);
    Optional<String> good = text.filter(form::accepts);
    if (good.isEmpty()) {
      // It is shown, and logged.
      String value = path.endsWith("password_hash") ? "malformed" : shown(node);
      trouble(node, path, value, form.expected());
    }
    return good;
  }

  /** What YAML's own types would make of it does not matter: the table says what it is. */
  private static Optional<String> text(Node node) {
    boolean isText =
        node instanceof ScalarNode
            && !node.getTag().equals(Tag.NULL)
            && node.getTag().getValue().startsWith(STANDARD_TAG);
    return isText ? Optional.of(((ScalarNode) node).getValue()) : Optional.empty();
  }

  private static String shown(Node node) {
    return switch (node) {
      case MappingNode _ -> "a mapping";
      case SequenceNode _ -> "a list";
      default -> text(node).orElse("empty");
    };
  }

  /** Aliases make a small file large; this bounds the work. */
  private boolean spend(Node node, String path) {
    if (budget == 0) {
      trouble(node, path, "values", "at most " + MOST_VALUES + " with aliases");
    }
    budget--;
    return budget >= 0;
  }

  private void trouble(Node node, String path, String value, String expected) {
    if (troubles.size() < MOST_ROWS) {
      Place at = ButaneInput.place(node);
      troubles.add(new Trouble(at.line(), at.column(), path, value, expected));
    }
  }
}
