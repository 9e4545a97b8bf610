// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code deploy.conf}, the cast deployer's answer file: lines {@code KEY='value'}.
 *
 * <p>Both sides take printable ASCII without the single quote and nothing else, so that the file
 * means the same to any reader and nothing ever has to be escaped.
 */
final class DeployConf {
  /** What the deployer takes at most. */
  static final int LONGEST = 64 << 10;

  private static final Pattern LINE = Pattern.compile("([A-Z][A-Z0-9_]{0,31})='[ -&(-~]*'");
  private static final Pattern VALUE = Pattern.compile("[ -&(-~]*");

  private DeployConf() {}

  /** What the deployer's rescue mode asks for: whom it is for, and who may log in. */
  static String rescueText(RackFile rack, Node node) {
    return taskText(node) + line("SSH_KEYS_B64", sshKeys(rack));
  }

  /** What all modes beside the installation ask for: whom it is for. */
  static String taskText(Node node) {
    return line("NODE", node.name()) + line("MAC", node.mac().toString());
  }

  static String sshKeys(RackFile rack) {
    return base64(String.join("\n", rack.admin().sshKeys()) + "\n");
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static String line(String key, String value) {
    try {
      return key + "=" + Escapers.conf(value) + "\n";
    } catch (RenderException e) {
      throw new RenderException("deploy.conf: " + key + ": " + e.getMessage(), e);
    }
  }

  /** The value, if it can stand between single quotes. */
  static String value(String value) {
    if (!VALUE.matcher(value).matches()) {
      throw new RenderException(
          Values.shown(value) + " (expected: printable ASCII without single quotes)");
    }
    return value;
  }

  /** The deployer's own rules, before it finds out. */
  static void check(String name, String text) {
    if (text.length() > LONGEST || !text.endsWith("\n")) {
      throw new RenderException(
          name + ": " + text.length() + " characters (expected: whole lines, <= " + LONGEST + ")");
    }
    Set<String> keys = new HashSet<>();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length - 1; i++) {
      Matcher matcher = LINE.matcher(lines[i]);
      if (!matcher.matches() || !keys.add(matcher.group(1))) {
        throw new RenderException(name + ":" + (i + 1) + ": not KEY='value', or a key twice");
      }
    }
  }
}
