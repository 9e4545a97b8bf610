// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
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

  static String text(RackFile rack, Node node, RunContext run) {
    ImageRef image =
        run.image()
            .orElseThrow(
                () ->
                    new RenderException(
                        "deploy.conf: no image for "
                            + node.profile().name()
                            + " (expected: one; build it with 'bootserver image build')"));
    Map<String, String> values = new LinkedHashMap<>();
    values.put("NODE", node.name());
    values.put("FQDN", rack.fqdn(node));
    values.put("MAC", node.mac().toString());
    values.put("URL", NodeValues.url("nodeUrl", run.nodeUrl()));
    values.put("IMAGE_URL", NodeValues.url("image", image.url()));
    values.put("IMAGE_SHA256", image.sha256());
    values.put("IMAGE_SIZE", Long.toString(image.size()));
    values.put("DISK", node.disk());
    values.put("ADDRESS", node.address().map(Cidr::toString).orElse(""));
    values.put(
        "GATEWAY",
        node.address()
            .flatMap(_ -> NodeValues.gateway(rack, node))
            .map(gateway -> gateway.getHostAddress())
            .orElse(""));
    values.put("DNS", String.join(" ", NodeValues.dns(rack, node, run)));
    values.put("NTP", String.join(" ", NodeValues.ntp(rack, node, run)));
    values.put("ADMIN_USER", rack.admin().user());
    values.put("SSH_KEYS_B64", sshKeys(rack));
    values.put("TIMEZONE", rack.site().timezone());
    values.put("ROLE", node.role().name());
    values.put("CLUSTER", rack.cluster());
    // The consoles stand on the deployer's own command line, which it carries over.
    values.put("KERNEL_ARGS", String.join(" ", node.kernelArguments()));
    StringBuilder text = new StringBuilder();
    values.forEach((key, value) -> text.append(line(key, value)));
    return text.toString();
  }

  /** What the deployer's rescue mode asks for: whom it is for, and who may log in. */
  static String rescueText(RackFile rack, Node node) {
    return line("NODE", node.name())
        + line("MAC", node.mac().toString())
        + line("SSH_KEYS_B64", sshKeys(rack));
  }

  private static String sshKeys(RackFile rack) {
    String keys = String.join("\n", rack.admin().sshKeys()) + "\n";
    return Base64.getEncoder().encodeToString(keys.getBytes(StandardCharsets.UTF_8));
  }

  static String line(String key, String value) {
    if (!VALUE.matcher(value).matches()) {
      throw new RenderException(
          "deploy.conf: "
              + key
              + ": "
              + Values.shown(value)
              + " (expected: printable ASCII without single quotes)");
    }
    return key + "='" + value + "'\n";
  }

  /** The deployer's own rules, before it finds out. */
  static void check(String text) {
    if (text.length() > LONGEST || !text.endsWith("\n")) {
      throw new RenderException(
          "deploy.conf: "
              + text.length()
              + " characters (expected: whole lines, <= "
              + LONGEST
              + ")");
    }
    Set<String> keys = new HashSet<>();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length - 1; i++) {
      Matcher matcher = LINE.matcher(lines[i]);
      if (!matcher.matches() || !keys.add(matcher.group(1))) {
        throw new RenderException("deploy.conf:" + (i + 1) + ": not KEY='value', or a key twice");
      }
    }
  }
}
