// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Document;
import foundrybot.answerfiles.Tree.Leaf;
import foundrybot.answerfiles.butane.ButaneInput;
import foundrybot.answerfiles.butane.ButaneReading;
import foundrybot.answerfiles.butane.LocalFiles;
import foundrybot.answerfiles.butane.Merging;
import foundrybot.answerfiles.butane.Trouble;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The files with Butane's keys that one file of the user's names, each read once. */
final class ButaneFiles {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final String folder;
  private final LocalFiles files;
  private final Map<String, Optional<ButaneInput>> known = new HashMap<>();
  private final Map<Position, Optional<ButaneInput>> inline = new HashMap<>();
  private final List<Fault> faults = new ArrayList<>();

  /**
   * @param folder with its slash, for messages; empty: the working directory
   */
  ButaneFiles(String folder, LocalFiles files) {
    this.folder = folder;
    this.files = files;
  }

  /** Those inside of the files that were read, in the order of the reading. */
  List<Fault> faults() {
    return faults;
  }

  /**
   * Empty if that was found fault with.
   *
   * @param path of the key, for messages
   * @param of the file that has the key
   */
  Optional<ButaneInput> read(Leaf leaf, String path, Faults of) {
    String name = leaf.text();
    if (known.containsKey(name)) {
      return known.getOrDefault(name, Optional.empty());
    }
    Optional<byte[]> bytes = files.bytes(name);
    if (bytes.isEmpty()) {
      String expected =
          "a file of at most 1 MiB that is there and can be read, in the folder of this one or"
              + " below; see docs/answer-files.md";
      of.add(leaf.at(), path, name, expected);
    }
    Optional<ButaneInput> input = bytes.flatMap(found -> input(name, found));
    known.put(name, input);
    return input;
  }

  /**
   * What stands in the file itself; empty if that was found fault with.
   *
   * @param path of the key, for messages
   * @param of the file
   */
  Optional<ButaneInput> read(Document document, String path, Faults of) {
    // Not computeIfAbsent: reading it reads files.
    if (!inline.containsKey(document.at())) {
      inline.put(
          document.at(),
          valid(of.source(), path + ".", ButaneInput.read(document.root(), of.source(), files)));
    }
    return inline.getOrDefault(document.at(), Optional.empty());
  }

  private Optional<ButaneInput> input(String name, byte[] bytes) {
    String source = folder + name;
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.isBlank()) {
      faults.add(new Fault(source, 1, 1, "", "an empty file", "variant and version, and more"));
      return Optional.empty();
    }
    Faults ofText = new Faults(source);
    Optional<ButaneReading> reading =
        YamlText.compose(text, source, ofText).map(root -> ButaneInput.read(root, source, files));
    if (!ofText.isEmpty()) {
      faults.addAll(ofText.sorted());
    }
    return reading.flatMap(it -> valid(source, "", it));
  }

  private Optional<ButaneInput> valid(String source, String path, ButaneReading reading) {
    return switch (reading) {
      case ButaneReading.Valid(ButaneInput input) -> Optional.of(input);
      case ButaneReading.Invalid(List<Trouble> troubles) -> {
        troubles.forEach(each -> faults.add(fault(source, path, each)));
        yield Optional.empty();
      }
    };
  }

  private static Fault fault(String source, String path, Trouble trouble) {
    return new Fault(
        source,
        trouble.line(),
        trouble.column(),
        path + Values.shown(trouble.path()),
        Values.shown(trouble.value()),
        trouble.expected());
  }

  /**
   * A file of the node's profile with all that is to be merged into it.
   *
   * @param rendered Ignition's JSON; where nothing is merged it stays as it is
   * @throws RenderException if an input says again what the profile says
   */
  static String merged(Node node, String variant, String name, String rendered) {
    List<ButaneInput> inputs =
        Stream.concat(node.profile().butane().stream(), node.butane().stream())
            .filter(input -> input.variant().equals(variant))
            .toList();
    if (inputs.isEmpty() || !(DataText.json(name, rendered) instanceof ObjectNode own)) {
      return rendered;
    }
    ObjectNode all = own.deepCopy();
    for (ButaneInput input : inputs) {
      Merging.conflicts(own, input).stream()
          .findFirst()
          .ifPresent(
              trouble -> {
                String what =
                    Values.shown(trouble.value()) + " (expected: " + trouble.expected() + ")";
                throw new RenderException(input.source(), trouble.line(), what);
              });
      Merging.into(all, input.config());
    }
    return JSON.writeValueAsString(all).replace("\r\n", "\n") + "\n";
  }
}
