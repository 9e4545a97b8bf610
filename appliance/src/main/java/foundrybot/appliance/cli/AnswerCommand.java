// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.NodePlan;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a node would be given, without an appliance and without a token. */
@Command(
    name = "answer",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what a node would be given: its kernel's arguments and its answer files, and in"
          + " 'settings' what its role and itself ask of the system beside packages.",
      "TOKEN stands for the token of a run, and zeros for the digest of an image; nothing that is",
      "shown opens anything."
    })
final class AnswerCommand implements Callable<Integer> {
  @Mixin private RackOption rack = new RackOption();

  @Parameters(paramLabel = "NODE", description = "A name of the rack file.")
  private String name = "";

  @Option(
      names = "--file",
      paramLabel = "NAME",
      description = "Only this file, as it is; 'kernel-arguments' for these, one in a line.")
  private String file = "";

  @Option(
      names = "--diff",
      description =
          "What differs from a built-in profile: that of the same name, or the one whose artifacts"
              + " the node's profile boots.")
  private boolean diff;

  @Override
  public Integer call() {
    RackSource source = rack.source();
    RackFile whole = source.requireRehearsed();
    Node node = source.node(whole, name);
    Map<String, String> texts = chosen(NodePlan.texts(whole, node));
    if (diff) {
      Profile model = model(node.profile());
      Map<String, String> before = NodePlan.texts(whole, node.with(model));
      texts.forEach(
          (each, text) ->
              System.out.print(
                  LineDiff.between(
                      before.getOrDefault(each, ""),
                      text,
                      model.name() + "/" + each,
                      node.profile().folder() + "/" + each)));
      return 0;
    }
    texts.forEach(
        (each, text) -> System.out.print(file.isEmpty() ? "==> " + each + "\n" + text : text));
    return 0;
  }

  private Map<String, String> chosen(Map<String, String> texts) {
    if (file.isEmpty()) {
      return texts;
    }
    return Map.of(
        file,
        Optional.ofNullable(texts.get(file))
            .orElseThrow(
                () ->
                    new UserException(
                        Main.FAILED,
                        "--file: "
                            + file
                            + " (expected: one of "
                            + String.join(", ", texts.keySet())
                            + ")")));
  }

  private static Profile model(Profile profile) {
    Map<String, Profile> builtIn = Profile.builtIn();
    return Optional.ofNullable(builtIn.get(profile.name()))
        .or(() -> Optional.ofNullable(builtIn.get(profile.artifacts())))
        .orElseThrow(
            () ->
                new UserException(
                    Main.FAILED,
                    "--diff: profile "
                        + profile.name()
                        + " (expected: one that boots the artifacts of a built-in profile)"));
  }
}
