// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Map;

/**
 * Renders what an installer or deployer asks for, for one node and one run.
 *
 * <p>What is rendered is parsed again before it is handed out: a broken answer file stops a machine
 * at a question, hours later and far away.
 */
public final class AnswerFiles {
  private static final String PLAIN = "text/plain; charset=utf-8";

  private AnswerFiles() {}

  /**
   * {@code preseed.cfg} for an installer profile, {@code deploy.conf} for a cast profile.
   *
   * @throws RenderException if the template or the run's values cannot give a sound file
   */
  public static AnswerFile render(RackFile rack, Node node, RunContext run) {
    return switch (node.profile().kind()) {
      case INSTALLER -> preseed(rack, node, run);
      case CAST -> deployConf(rack, node, run);
    };
  }

  /** {@code late.sh}: what the installer runs at its end; only for installer profiles. */
  public static AnswerFile renderLateScript(RackFile rack, Node node, RunContext run) {
    if (node.profile().kind() != Profile.Kind.INSTALLER) {
      throw new RenderException("late.sh: " + node.profile().name() + " (expected: an installer)");
    }
    Map<String, Object> values = new LateValues(rack, node, run).map();
    String text = Templates.render("late.sh", values, Escapers.SHELL);
    ShellText.check("late.sh", text);
    return new AnswerFile("late.sh", "text/x-shellscript; charset=utf-8", text);
  }

  /** {@code rescue.conf}: what the rescue system needs to know, and nothing that is secret. */
  public static AnswerFile renderRescue(RackFile rack, Node node) {
    String text = DeployConf.rescueText(rack, node);
    DeployConf.check(text);
    return new AnswerFile("rescue.conf", PLAIN, text);
  }

  /** Every file that this node may ask for below its URL. */
  public static List<AnswerFile> renderAll(RackFile rack, Node node, RunContext run) {
    AnswerFile main = render(rack, node, run);
    return node.profile().kind() == Profile.Kind.INSTALLER
        ? List.of(main, renderLateScript(rack, node, run))
        : List.of(main);
  }

  private static AnswerFile preseed(RackFile rack, Node node, RunContext run) {
    String template = node.profile().name() + ".preseed";
    Map<String, Object> values = new PreseedValues(rack, node, run).map();
    String text = Templates.render(template, values, Escapers.PRESEED);
    PreseedText.check(template, text);
    return new AnswerFile("preseed.cfg", PLAIN, text);
  }

  private static AnswerFile deployConf(RackFile rack, Node node, RunContext run) {
    String text = DeployConf.text(rack, node, run);
    DeployConf.check(text);
    return new AnswerFile("deploy.conf", PLAIN, text);
  }
}
