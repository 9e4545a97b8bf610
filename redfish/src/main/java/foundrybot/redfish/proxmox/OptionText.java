// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A device in a machine's configuration, as in {@code local-lvm:vm-105-disk-0,size=32G}.
 *
 * @param first what stands in front without a name; may be empty
 * @param options by name
 */
record OptionText(String first, Map<String, String> options) {
  static OptionText read(String text) {
    String first = "";
    Map<String, String> options = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        options.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
      } else if (first.isEmpty()) {
        first = part.strip();
      }
    }
    return new OptionText(first, options);
  }

  String get(String name) {
    return options.getOrDefault(name, "");
  }

  /** A disk's volume, whether it stands in front or by its name. */
  String volume() {
    return first.isEmpty() ? get("file") : first;
  }
}
