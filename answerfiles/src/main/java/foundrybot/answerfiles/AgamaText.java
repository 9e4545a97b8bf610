// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads a profile of Agama, the installer of openSUSE Leap 16 and SLES 16, and refuses what would
 * make that stop: keys that its schema has not, no product, no disk, a script without text.
 */
final class AgamaText {
  /** Of a profile's first level, as the installer of the releases 16.0 has them. */
  private static final List<String> KEYS =
      List.of(
          "bootloader",
          "dasd",
          "files",
          "hostname",
          "iscsi",
          "legacyAutoyastStorage",
          "localization",
          "network",
          "product",
          "questions",
          "root",
          "scripts",
          "security",
          "software",
          "storage",
          "user",
          "zfcp");

  private static final List<String> SCRIPTS = List.of("pre", "postPartitioning", "post", "init");

  private static final Set<String> OF_SCRIPT = Set.of("name", "content", "body", "url", "chroot");

  private static final Set<String> TEXTS = Set.of("content", "body", "url");

  private AgamaText() {}

  static void check(String name, String text) {
    JsonNode root = DataText.json(name, text);
    if (!root.isObject()) {
      throw new RenderException(name + ": not an object (expected: a profile)");
    }
    for (String key : root.propertyNames()) {
      if (!KEYS.contains(key)) {
        throw new RenderException(
            name + ": " + Values.shown(key) + " (expected: one of " + KEYS + ")");
      }
    }
    if (root.path("product").path("id").asString("").isEmpty()) {
      throw new RenderException(name + ": product.id: missing (expected: such as openSUSE_Leap)");
    }
    JsonNode storage = root.path("storage");
    if (storage.path("drives").isEmpty() && root.path("legacyAutoyastStorage").isEmpty()) {
      throw new RenderException(name + ": storage.drives: none (expected: the disk to install on)");
    }
    for (String kind : root.path("scripts").propertyNames()) {
      if (!SCRIPTS.contains(kind)) {
        throw new RenderException(
            name + ": scripts." + Values.shown(kind) + " (expected: one of " + SCRIPTS + ")");
      }
      for (JsonNode script : root.path("scripts").path(kind)) {
        script(name + ": scripts." + kind, script);
      }
    }
  }

  private static void script(String place, JsonNode script) {
    Set<String> keys = Set.copyOf(script.propertyNames());
    if (script.path("name").asString("").isEmpty()) {
      throw new RenderException(place + ": a script without a name (expected: one)");
    }
    long texts = keys.stream().filter(TEXTS::contains).count();
    if (texts != 1 || !OF_SCRIPT.containsAll(keys)) {
      throw new RenderException(
          place
              + ": "
              + Values.shown(script.path("name").asString(""))
              + ": "
              + keys.stream().sorted().toList()
              + " (expected: name and one of content, url)");
    }
    String content = script.path("content").asString("");
    if (!content.isEmpty() && !content.startsWith("#!/")) {
      throw new RenderException(place + ": a script's content (expected: #! and a program first)");
    }
  }
}
