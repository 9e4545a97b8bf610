// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * A file that is put on a node's system.
 *
 * @param path absolute and without {@code .}, {@code ..} and doubled slashes
 * @param mode its rights as four octal digits, such as {@code 0644}
 * @param owner an account of the system by its name
 * @param group a group of the system by its name
 * @param content text without control characters but line break and tab; no secret, as answer files
 *     hold it
 */
public record HostFile(String path, String mode, String owner, String group, String content) {
  private static final Pattern MODE = Pattern.compile("0[0-7]{3}");

  public HostFile {
    if (!MODE.matcher(mode).matches()) {
      throw new IllegalArgumentException(
          path + ": mode " + mode + " (expected: four octal digits, such as 0644)");
    }
  }

  /** Of its content in UTF-8. */
  public int bytes() {
    return content.getBytes(StandardCharsets.UTF_8).length;
  }

  /** The same rights as a decimal number, as JSON knows no other. */
  String decimalMode() {
    return Integer.toString(Integer.parseInt(mode, 8));
  }

  /** Whether it belongs to who makes it. */
  boolean isOfRoot() {
    return owner.equals("root") && group.equals("root");
  }
}
