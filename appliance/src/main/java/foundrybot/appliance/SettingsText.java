// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.HostFile;
import foundrybot.answerfiles.HostSettings;
import foundrybot.answerfiles.Node;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What role and node ask of a system, a line for each thing and the same for every profile, so that
 * people and programs see it without knowing an installer's words. Of files there is the digest:
 * their text stands in the answer files.
 */
public final class SettingsText {
  private SettingsText() {}

  /** Its lines; empty if they ask for nothing. */
  public static String of(Node node) {
    HostSettings settings = node.settings();
    StringBuilder lines = new StringBuilder();
    for (HostFile file : settings.files()) {
      line(
          lines,
          "file "
              + file.path()
              + " "
              + file.mode()
              + " "
              + file.owner()
              + ":"
              + file.group()
              + " "
              + file.bytes()
              + " bytes, sha256 "
              + sha256(file));
    }
    settings.enabled().forEach(unit -> line(lines, "enable " + unit));
    settings.disabled().forEach(unit -> line(lines, "disable " + unit));
    settings.sysctls().forEach((name, value) -> line(lines, "sysctl " + name + " = " + value));
    settings.labels().forEach((key, value) -> line(lines, "label " + key + "=" + value));
    node.ready().forEach(check -> line(lines, "ready " + check.name() + ": " + check.what()));
    return lines.toString();
  }

  private static void line(StringBuilder lines, String text) {
    lines.append(text).append('\n');
  }

  /** Of a file's content in UTF-8, in hex. */
  public static String sha256(HostFile file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest(file.content().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
