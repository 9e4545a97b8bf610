// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Renders all that the nodes of a rack would be given, before a machine is touched: what a template
 * lacks for one node of many is found at a desk and not at an installer's question.
 */
public final class Rehearsal {
  private static final Pattern EXPECTED = Pattern.compile("(?s)(.*) \\(expected: (.*)\\)");

  /** One fault, whichever nodes have it. */
  private record What(String source, int line, String value, String expected) {}

  private record Found(Node node, What what) {}

  private Rehearsal() {}

  /**
   * The faults of all nodes; one that several nodes have is told once, with the first of them.
   *
   * @param runs what rendering needs to know of a node's run; its token must be made up
   * @param boot refuses by {@link IllegalArgumentException} what a boot program cannot be told: a
   *     node and its kernel's arguments
   */
  public static List<Fault> faults(
      RackFile rack, Function<Node, RunContext> runs, BiConsumer<Node, List<String>> boot) {
    Map<What, List<Node>> found = new LinkedHashMap<>();
    rack.nodes().parallelStream()
        .flatMap(node -> faults(rack, node, runs.apply(node), boot))
        .forEachOrdered(
            each -> found.computeIfAbsent(each.what(), _ -> new ArrayList<>()).add(each.node()));
    List<Fault> faults = new ArrayList<>();
    found.forEach((what, nodes) -> faults.add(fault(what, nodes)));
    return List.copyOf(faults);
  }

  private static Fault fault(What what, List<Node> nodes) {
    String others = nodes.size() == 1 ? "" : " and " + (nodes.size() - 1) + " more";
    return new Fault(
        what.source(),
        what.line(),
        1,
        "node " + nodes.getFirst().name() + others,
        what.value(),
        what.expected());
  }

  private static Stream<Found> faults(
      RackFile rack, Node node, RunContext run, BiConsumer<Node, List<String>> boot) {
    Profile profile = node.profile();
    List<What> found = new ArrayList<>();
    String yaml = profile.folder() + "/" + ProfileFiles.FILE;
    attempt(
        found,
        yaml,
        () -> {
          boot.accept(node, Profiles.kernelArguments(rack, node, run));
          return "";
        });
    profile
        .files()
        .forEach(
            (name, file) ->
                attempt(
                    found,
                    file.templateFile(),
                    () -> AnswerFiles.render(rack, node, run, name).text()));
    return found.stream().distinct().map(what -> new Found(node, what));
  }

  private static void attempt(List<What> found, String source, Supplier<String> work) {
    try {
      var _ = work.get();
    } catch (RenderException e) {
      String file = e.file().isEmpty() ? source : e.file();
      found.add(what(file, e.line(), String.valueOf(e.getMessage())));
    } catch (IllegalArgumentException e) {
      found.add(what(source, 1, String.valueOf(e.getMessage())));
    }
  }

  private static What what(String source, int line, String message) {
    String text =
        message.startsWith(source + ":" + line + ": ")
            ? message.substring((source + ":" + line + ": ").length())
            : message.startsWith(source + ": ") ? message.substring(source.length() + 2) : message;
    Matcher parts = EXPECTED.matcher(text);
    return parts.matches()
        ? new What(source, line, parts.group(1), parts.group(2))
        : new What(source, line, text, "a template that gives a sound file");
  }
}
