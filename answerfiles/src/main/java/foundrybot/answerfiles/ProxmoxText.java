// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Reads the answers for the automatic installer of Proxmox VE 9 and refuses what it refuses: any
 * key that it has not, and what does not go together. It reads them when the machine has booted,
 * and stands still then.
 *
 * <p>Source: {@code proxmox-auto-installer/src/answer.rs} of proxmox/pve-installer, whose older
 * names with underscores are not taken here.
 */
final class ProxmoxText {
  private static final Map<String, Set<String>> KEYS =
      Map.of(
          "",
          words("global network disk-setup post-installation-webhook first-boot"),
          "global",
          words(
              "country fqdn keyboard mailto timezone root-password root-password-hashed"
                  + " reboot-on-error reboot-mode root-ssh-keys"),
          "network",
          words("source cidr dns gateway filter interface-name-pinning"),
          "disk-setup",
          words("filesystem disk-list filter filter-match zfs lvm btrfs"),
          "post-installation-webhook",
          words("url cert-fingerprint"),
          "first-boot",
          words("source ordering url cert-fingerprint"));

  private static final List<String> REQUIRED =
      List.of(
          "global.country",
          "global.fqdn",
          "global.keyboard",
          "global.mailto",
          "global.timezone",
          "disk-setup.filesystem",
          "network");

  private static final Map<String, Set<String>> CHOICES =
      Map.of(
          "network.source", words("from-dhcp from-answer"),
          "disk-setup.filesystem", words("ext4 xfs zfs btrfs"),
          "disk-setup.filter-match", words("any all"),
          "first-boot.source", words("from-url from-iso"),
          "first-boot.ordering", words("before-network network-online fully-up"),
          "global.reboot-mode", words("reboot power-off"));

  /** What an address of one's own is made of; a lease may have none of it. */
  private static final List<String> ADDRESS = List.of("cidr", "dns", "gateway", "filter");

  private ProxmoxText() {}

  /** Throws {@link RenderException} with the key. */
  static void check(String name, String text) {
    JsonNode root = DataText.toml(name, text);
    new TreeMap<>(KEYS).forEach((table, keys) -> known(name, root, table, keys));
    for (String path : REQUIRED) {
      if (at(root, path).isMissingNode()) {
        throw new RenderException(name + ": " + path + ": missing (expected: a value)");
      }
    }
    new TreeMap<>(CHOICES).forEach((path, choices) -> choice(name, root, path, choices));
    one(name, root, "global.root-password", "global.root-password-hashed");
    one(name, root, "disk-setup.disk-list", "disk-setup.filter");
    boolean fixed = at(root, "network.source").asString("").equals("from-answer");
    for (String key : ADDRESS) {
      if (at(root, "network." + key).isMissingNode() == fixed) {
        throw new RenderException(
            name
                + ": network."
                + key
                + (fixed ? ": missing (expected: a value with" : ": not with a lease (expected:")
                + " source = \"from-answer\")");
      }
    }
    String filesystem = at(root, "disk-setup.filesystem").asString("");
    if (filesystem.matches("zfs|btrfs")
        && at(root, "disk-setup." + filesystem + ".raid").isMissingNode()) {
      throw new RenderException(
          name + ": disk-setup." + filesystem + ".raid: missing (expected: such as raid1)");
    }
  }

  private static void known(String name, JsonNode root, String table, Set<String> keys) {
    JsonNode found = at(root, table);
    if (!found.isMissingNode() && !found.isObject()) {
      throw new RenderException(name + ": " + table + ": no table (expected: [" + table + "])");
    }
    for (String key : found.propertyNames()) {
      if (!keys.contains(key)) {
        String expected = "one of " + String.join(", ", new TreeSet<>(keys));
        throw new RenderException(
            name
                + ": "
                + (table.isEmpty() ? "" : table + ".")
                + Values.shown(key)
                + " (expected: "
                + Suggestion.append(expected, key, keys)
                + ")");
      }
    }
  }

  private static void choice(String name, JsonNode root, String path, Set<String> choices) {
    JsonNode found = at(root, path);
    if (!found.isMissingNode() && !choices.contains(found.asString(""))) {
      throw new RenderException(
          name
              + ": "
              + path
              + ": "
              + Values.shown(found.asString(""))
              + " (expected: one of "
              + String.join(", ", new TreeSet<>(choices))
              + ")");
    }
  }

  /** Neither value is shown, as one of them can be a password. */
  private static void one(String name, JsonNode root, String first, String second) {
    if (at(root, first).isMissingNode() == at(root, second).isMissingNode()) {
      throw new RenderException(
          name + ": " + first + ", " + second + " (expected: one of the two)");
    }
  }

  private static JsonNode at(JsonNode root, String path) {
    JsonNode found = root;
    for (String key : path.isEmpty() ? List.<String>of() : List.of(path.split("\\."))) {
      found = found.path(key);
    }
    return found;
  }

  private static Set<String> words(String text) {
    return Set.of(text.split(" "));
  }
}
