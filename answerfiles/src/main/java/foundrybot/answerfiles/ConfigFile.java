// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Map;

/**
 * A file for the installed system.
 *
 * @param name without its folder
 * @param content whole lines
 */
public record ConfigFile(String name, String content) {
  Map<String, Object> values() {
    return Map.of("name", name, "content", content.stripTrailing());
  }
}
