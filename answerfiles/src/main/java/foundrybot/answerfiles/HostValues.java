// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Of the names that templates may use, those of what role and node ask of the system. Installers
 * with a shell run one and the same script; others are told in their own words.
 */
final class HostValues {
  /** Read by the system when it starts, behind those of packages. */
  private static final String SYSCTLS = "/etc/sysctl.d/90-foundrybot.conf";

  private static final String LABELS = "/etc/foundrybot/labels";

  private static final class Once {
    static final String SCRIPT = read("settings.sh");
  }

  private HostValues() {}

  static Map<String, Object> map(Node node) {
    HostSettings settings = node.settings();
    String script = settings.isEmpty() ? "" : script(settings);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hasSettings", !settings.isEmpty());
    map.put("settingsScript", script.stripTrailing());
    map.put("settingsScriptBase64", DeployConf.base64(script));
    map.put("hasHostFiles", !settings.files().isEmpty());
    map.put("hostFiles", settings.files().stream().map(HostValues::file).toList());
    map.put("allHostFiles", files(settings).stream().map(HostValues::file).toList());
    map.put("enabledUnits", List.copyOf(settings.enabled()));
    map.put("disabledUnits", List.copyOf(settings.disabled()));
    map.put("hasSysctls", !settings.sysctls().isEmpty());
    map.put("sysctls", pairs(settings.sysctls()));
    map.put("hasLabels", !settings.labels().isEmpty());
    map.put("labels", pairs(settings.labels()));
    map.put("labelLines", lines(settings.labels(), "="));
    return map;
  }

  /** With those that hold sysctls and labels, for systems that keep both in files. */
  private static List<HostFile> files(HostSettings settings) {
    List<HostFile> all = new ArrayList<>(settings.files());
    if (!settings.sysctls().isEmpty()) {
      all.add(new HostFile(SYSCTLS, "0644", "root", "root", lines(settings.sysctls(), " = ")));
    }
    if (!settings.labels().isEmpty()) {
      all.add(new HostFile(LABELS, "0644", "root", "root", lines(settings.labels(), "=")));
    }
    return all;
  }

  private static String lines(Map<String, String> values, String between) {
    StringBuilder lines = new StringBuilder();
    values.forEach((name, value) -> lines.append(name).append(between).append(value).append('\n'));
    return lines.toString();
  }

  private static List<Map<String, Object>> pairs(Map<String, String> values) {
    List<Map<String, Object>> pairs = new ArrayList<>();
    values.forEach((name, value) -> pairs.add(Map.of("name", name, "value", value)));
    return pairs;
  }

  private static Map<String, Object> file(HostFile file) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("path", file.path());
    map.put("pathBelowEtc", file.path().replaceFirst("^/etc/", ""));
    map.put("mode", file.mode());
    map.put("decimalMode", file.decimalMode());
    map.put("permissions", "0o" + file.mode().substring(1));
    map.put("owner", file.owner());
    map.put("group", file.group());
    map.put("content", file.content());
    return map;
  }

  /** The program, and a line for each thing that it is to do; files first, as units may be some. */
  private static String script(HostSettings settings) {
    StringBuilder script = new StringBuilder(Once.SCRIPT);
    for (HostFile file : files(settings)) {
      line(
          script, "put_file", file.path(), file.mode(), file.owner(), file.group(), file.content());
    }
    if (!settings.sysctls().isEmpty()) {
      line(script, "load_sysctls", SYSCTLS);
    }
    if (!settings.disabled().isEmpty() || !settings.enabled().isEmpty()) {
      line(script, "read_units");
    }
    settings.disabled().forEach(unit -> line(script, "unit_off", unit));
    settings.enabled().forEach(unit -> line(script, "unit_on", unit));
    return script.append("exit 0\n").toString();
  }

  private static void line(StringBuilder script, String command, String... words) {
    script.append(command);
    for (String word : words) {
      script.append(' ').append(Escapers.shell(word));
    }
    script.append('\n');
  }

  private static String read(String name) {
    try (InputStream in = HostValues.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is built in");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
