// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What tells that a machine was made here: a tag, which people see in lists, and a line of its
 * notes. Both must be there, so who takes one of them away keeps the machine.
 *
 * @param uuid of SMBIOS, that a clone of the machine, which has the same notes, is no machine of
 *     ours
 * @param drives the keys of what was made with it: deleting a machine deletes all of its drives
 */
record Mark(String uuid, Set<String> drives) {
  static final String TAG = "foundrybot";
  private static final Pattern LINE =
      Pattern.compile("(?m)^foundrybot: uuid=([0-9a-f-]{36}) drives=([a-z0-9,]{0,400})\\s*$");

  Mark {
    drives = Set.copyOf(drives);
  }

  /** The machine's notes. */
  String notes() {
    return "Made by FoundryBot, which deletes it when told to as long as the next line and the tag"
        + " '"
        + TAG
        + "' are here.\n\nfoundrybot: uuid="
        + uuid
        + " drives="
        + String.join(",", new TreeSet<>(drives))
        + "\n";
  }

  /** Nothing where it was made by others, or is a clone. */
  static Optional<Mark> of(GuestConfig config) {
    List<String> tags = Arrays.asList(config.get("tags").split("[;, ]", -1));
    Matcher line = LINE.matcher(config.get("description"));
    if (!tags.contains(TAG) || !line.find() || !line.group(1).equals(config.uuid())) {
      return Optional.empty();
    }
    return Optional.of(new Mark(line.group(1), Set.of(line.group(2).split(",", -1))));
  }

  /** Keys of drives that it has now and were not made with it. */
  List<String> foreign(GuestConfig config) {
    return config.devices().stream()
        .filter(
            device ->
                switch (device.kind()) {
                  case DISK, STATE, UNUSED, CLOUD_INIT -> !drives.contains(device.key());
                  case CARD, CD -> false;
                })
        .map(device -> device.key() + " (" + device.text().volume() + ")")
        .toList();
  }
}
