// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.AnswerFile;
import foundrybot.answerfiles.AnswerFiles;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.Profiles;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RunContext;
import foundrybot.images.BuildException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What an installation gives a node, as far as it is the same in each of its runs: {@code TOKEN}
 * stands for a run's token, and zeros for the digest of an image. Nothing in it opens anything.
 *
 * @param mac of the node, in canonical text
 * @param system for people, such as {@code Debian 12}
 * @param texts by name: {@link #ARGUMENTS}, then each answer file, then {@link #SETTINGS} if there
 *     are any, then {@link #BOOT_FILES}
 */
public record NodePlan(
    String name,
    String mac,
    String role,
    String profile,
    String system,
    Map<String, String> texts) {
  /** The kernel's arguments, one in a line. */
  public static final String ARGUMENTS = "kernel-arguments";

  /** What role and node ask of the system beside packages; {@link SettingsText}. */
  public static final String SETTINGS = "settings";

  /** Kernel, initrds and image with their digests, as {@code sha256sum} writes them. */
  public static final String BOOT_FILES = "boot-files";

  public NodePlan {
    texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
  }

  /**
   * What the nodes of a rack file would be given now, in its order.
   *
   * @param data the appliance's folder, with the boot files
   * @param missing told of each profile whose boot files are not there, with the cure; its nodes'
   *     plans are without them
   * @throws foundrybot.answerfiles.RenderException if a template cannot give a sound file
   */
  public static List<NodePlan> all(
      RackFile rack, List<Node> nodes, Path data, Consumer<String> missing) {
    ArtifactLibrary artifacts = ArtifactLibrary.load(data, List.of());
    for (Profile profile : nodes.stream().map(Node::profile).distinct().toList()) {
      try {
        artifacts.add(data, List.of(profile));
      } catch (StartException | BuildException e) {
        missing.accept(String.valueOf(e.getMessage()));
      }
    }
    return nodes.stream().map(node -> of(rack, node, artifacts)).toList();
  }

  /**
   * What a node of the rack file would be given now.
   *
   * @param artifacts where its boot files are looked up
   * @throws foundrybot.answerfiles.RenderException if its templates cannot give sound files
   */
  static NodePlan of(RackFile rack, Node node, ArtifactLibrary artifacts) {
    Map<String, String> texts = texts(rack, node);
    texts.put(BOOT_FILES, artifacts.digests(node.profile()));
    return new NodePlan(
        node.name(),
        node.mac().toString(),
        node.role().name(),
        node.profile().name(),
        node.profile().system() + " " + node.profile().version(),
        texts);
  }

  /** Its kernel's arguments, its answer files and what role and node ask for, by name. */
  public static Map<String, String> texts(RackFile rack, Node node) {
    RunContext run = Rehearsals.run(rack);
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(
        ARGUMENTS, shown(String.join("\n", Profiles.kernelArguments(rack, node, run)) + "\n"));
    for (AnswerFile each : AnswerFiles.renderAll(rack, node, run)) {
      texts.put(each.name(), shown(each.text()));
    }
    String settings = SettingsText.of(node);
    if (!settings.isEmpty()) {
      texts.put(SETTINGS, settings);
    }
    return texts;
  }

  private static String shown(String text) {
    return text.replace(Rehearsals.TOKEN, "TOKEN");
  }

  /** SHA-256 over all that it gives, in hex: the same exactly where nothing differs. */
  public String digest() {
    StringBuilder all = new StringBuilder();
    texts.forEach(
        (name, text) ->
            all.append(name).append(' ').append(text.length()).append('\n').append(text));
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(sha256.digest(all.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
