// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The unit that {@code with_mount_unit} stands for: it mounts a file system, or switches a swap
 * area on, at every boot.
 *
 * @param name as systemd.mount(5) and systemd.swap(5) ask for it
 */
record MountUnit(String name, String contents) {
  static final String KEY = "with_mount_unit";
  static final String IN_IGNITION = "withMountUnit";

  private static final String PLAIN =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.";

  /** For a file system of Ignition's, which has a device and a format. */
  static MountUnit of(ObjectNode filesystem) {
    String device = filesystem.path("device").asString("");
    String format = filesystem.path("format").asString("");
    List<String> options = new ArrayList<>();
    for (JsonNode option : filesystem.path("mountOptions")) {
      options.add(option.asString(""));
    }
    String line = options.isEmpty() ? "" : "Options=" + String.join(",", options) + "\n";
    if (format.equals("swap")) {
      return new MountUnit(
          escaped(device) + ".swap",
          "[Swap]\nWhat=%s\n%s\n[Install]\nRequiredBy=swap.target\n".formatted(device, line));
    }
    String path = filesystem.path("path").asString("");
    String check = "systemd-fsck@" + escaped(device) + ".service";
    return new MountUnit(
        escaped(path) + ".mount",
        """
        [Unit]
        Requires=%s
        After=%s

        [Mount]
        Where=%s
        What=%s
        Type=%s
        %s
        [Install]
        RequiredBy=local-fs.target
        """
            .formatted(check, check, path, device, format, line));
  }

  /**
   * A path as part of a unit's name (systemd.unit(5), "String Escaping for Inclusion in Unit
   * Names").
   */
  static String escaped(String path) {
    String inner = path.replaceAll("^/+|/+$", "");
    if (inner.isEmpty()) {
      return "-";
    }
    StringBuilder text = new StringBuilder();
    for (byte b : inner.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = PLAIN.indexOf(c) >= 0 && !(c == '.' && text.isEmpty());
      text.append(c == '/' ? "-" : plain ? String.valueOf(c) : String.format("\\x%02x", (int) c));
    }
    return text.toString();
  }

  void write(ObjectNode unit) {
    unit.put("name", name).put("enabled", true).put("contents", contents);
  }
}
