// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Profile.FileTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Renders what an installer or deployer asks for, for one node and one run.
 *
 * <p>What is rendered is parsed again before it is handed out: a broken answer file stops a machine
 * at a question, hours later and far away.
 */
public final class AnswerFiles {
  private AnswerFiles() {}

  /**
   * The main file of the node's profile, such as {@code preseed.cfg}.
   *
   * @throws RenderException if the template or the run's values cannot give a sound file
   */
  public static AnswerFile render(RackFile rack, Node node, RunContext run) {
    return render(rack, node, run, node.profile().files().keySet().iterator().next());
  }

  /**
   * One file of the node's profile.
   *
   * @param name of the file, as the machine asks for it
   * @throws RenderException if the template or the run's values cannot give a sound file
   */
  public static AnswerFile render(RackFile rack, Node node, RunContext run, String name) {
    return render(node, name, values(rack, node, run));
  }

  /** {@code rescue.conf}: what the rescue system needs to know, and nothing that is secret. */
  public static AnswerFile renderRescue(RackFile rack, Node node) {
    String text = DeployConf.rescueText(rack, node);
    DeployConf.check("rescue.conf", text);
    return new AnswerFile("rescue.conf", TextFormat.CONF.contentType(), text);
  }

  /**
   * {@code inspect.conf}: what the environment that inspects needs to know.
   *
   * @param then what the machine does behind it: {@code poweroff} or {@code wait}
   */
  public static AnswerFile renderInspect(Node node, String then) {
    String text = DeployConf.taskText(node) + DeployConf.line("THEN", then);
    DeployConf.check("inspect.conf", text);
    return new AnswerFile("inspect.conf", TextFormat.CONF.contentType(), text);
  }

  /**
   * {@code erase.conf}: the order to overwrite disks.
   *
   * @param disks {@code all}, or the kernel's names with a comma between
   * @param proof {@code whole} or {@code samples}
   * @param then as {@link #renderInspect}
   */
  public static AnswerFile renderErase(Node node, String disks, String proof, String then) {
    String text =
        DeployConf.taskText(node)
            + DeployConf.line("DISKS", disks)
            + DeployConf.line("PROOF", proof)
            + DeployConf.line("THEN", then);
    DeployConf.check("erase.conf", text);
    return new AnswerFile("erase.conf", TextFormat.CONF.contentType(), text);
  }

  /** Every file that this node may ask for below its URL. */
  public static List<AnswerFile> renderAll(RackFile rack, Node node, RunContext run) {
    Map<String, Object> values = values(rack, node, run);
    List<AnswerFile> files = new ArrayList<>();
    node.profile().files().keySet().forEach(name -> files.add(render(node, name, values)));
    return files;
  }

  private static Map<String, Object> values(RackFile rack, Node node, RunContext run) {
    if (node.profile().kind() == Profile.Kind.CAST && run.image().isEmpty()) {
      throw new RenderException(
          "no image for "
              + node.profile().name()
              + " (expected: one; build it with 'bootserver image build')");
    }
    return new AnswerValues(rack, node, run).map();
  }

  private static AnswerFile render(Node node, String name, Map<String, Object> values) {
    Profile profile = node.profile();
    FileTemplate file = profile.files().get(name);
    if (file == null) {
      String known = String.join(", ", profile.files().keySet());
      throw new RenderException(
          name + ": not of profile " + profile.name() + " (expected: one of " + known + ")");
    }
    String rendered = file.template().render(values);
    String text =
        file.butane()
            .map(variant -> ButaneFiles.merged(node, variant, name, rendered))
            .orElse(rendered);
    file.format().check(name, text);
    return new AnswerFile(
        name, file.format().contentType(), text, file.format() == TextFormat.APKOVL);
  }
}
