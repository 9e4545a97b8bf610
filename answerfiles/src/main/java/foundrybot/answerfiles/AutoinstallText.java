// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Reads the answers for Ubuntu's installer (subiquity) inside a file of cloud-init's, and refuses
 * what that installer would stop at or pass over in silence: a key that it has not, a command that
 * is none, nobody who could log in.
 *
 * <p>Source: Ubuntu's autoinstall reference and subiquity's {@code autoinstall-schema.json}.
 */
final class AutoinstallText {
  private static final Set<String> KEYS =
      Set.of(
          ("version interactive-sections early-commands locale refresh-installer keyboard source"
                  + " network proxy apt storage identity active-directory ubuntu-pro ssh codecs"
                  + " drivers oem snaps debconf-selections packages kernel kernel-crash-dumps"
                  + " timezone updates shutdown late-commands error-commands reporting user-data"
                  + " zdevs")
              .split(" "));

  private static final List<String> COMMANDS =
      List.of("early-commands", "late-commands", "error-commands");

  /** Those that are mappings, with what may stand in them. */
  private static final Map<String, Set<String>> MAPPINGS =
      Map.of(
          "refresh-installer", Set.of("update", "channel"),
          "keyboard", Set.of("layout", "variant", "toggle"),
          "ssh", Set.of("install-server", "authorized-keys", "allow-pw"),
          "storage", Set.of("layout", "config", "swap", "grub", "version"),
          "identity", Set.of("realname", "username", "hostname", "password", "groups"));

  private static final Map<String, Set<String>> CHOICES =
      Map.of("shutdown", Set.of("reboot", "poweroff"), "updates", Set.of("security", "all"));

  private AutoinstallText() {}

  /** Throws {@link RenderException} with the key. */
  static void check(String name, String text) {
    DataText.cloudConfig(name, text);
    Object root = new Load(LoadSettings.builder().setLabel(name).build()).loadFromString(text);
    Map<?, ?> answers =
        root instanceof Map<?, ?> map && map.get("autoinstall") instanceof Map<?, ?> found
            ? found
            : Map.of();
    String where = name + ": autoinstall";
    if (!Integer.valueOf(1).equals(answers.get("version"))) {
      throw new RenderException(where + ".version: not 1 (expected: version: 1)");
    }
    known(where, answers, KEYS);
    COMMANDS.forEach(key -> commands(where + "." + key, answers.get(key)));
    new TreeMap<>(MAPPINGS)
        .forEach(
            (key, inside) -> {
              if (answers.containsKey(key)) {
                known(where + "." + key, mapping(where + "." + key, answers.get(key)), inside);
              }
            });
    new TreeMap<>(CHOICES)
        .forEach(
            (key, choices) -> {
              Object value = answers.get(key);
              if (value != null && !choices.contains(value)) {
                throw refused(
                    where + "." + key, String.valueOf(value), "one of " + sorted(choices));
              }
            });
    texts(where + ".packages", answers.get("packages"));
    if (!answers.containsKey("identity") && !answers.containsKey("user-data")) {
      throw new RenderException(
          where + ": no account (expected: user-data with users, or identity)");
    }
  }

  private static void known(String where, Map<?, ?> map, Set<String> keys) {
    for (Object key : map.keySet()) {
      String word = String.valueOf(key);
      if (!keys.contains(word)) {
        String expected = "one of " + sorted(keys);
        throw refused(where, word, Suggestion.append(expected, word, keys));
      }
    }
  }

  private static Map<?, ?> mapping(String where, Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw refused(where, String.valueOf(value), "a mapping");
  }

  /** Each is a line for a shell, or a list of a program's words. */
  private static void commands(String where, @Nullable Object value) {
    if (value == null) {
      return;
    }
    if (!(value instanceof List<?> list)) {
      throw refused(where, String.valueOf(value), "a list of commands");
    }
    for (Object command : list) {
      boolean words =
          command instanceof List<?> all && all.stream().allMatch(String.class::isInstance);
      if (!words && !(command instanceof String)) {
        throw refused(where, String.valueOf(command), "a text, or a list of texts");
      }
    }
  }

  private static void texts(String where, @Nullable Object value) {
    Optional.ofNullable(value)
        .filter(
            it -> !(it instanceof List<?> all && all.stream().allMatch(String.class::isInstance)))
        .ifPresent(
            it -> {
              throw refused(where, String.valueOf(it), "a list of texts");
            });
  }

  private static RenderException refused(String where, String value, String expected) {
    return new RenderException(
        where + ": " + Values.shown(value) + " (expected: " + expected + ")");
  }

  private static String sorted(Set<String> words) {
    return String.join(", ", new TreeSet<>(words));
  }
}
