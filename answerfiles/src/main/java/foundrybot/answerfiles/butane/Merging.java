// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.butane;

import foundrybot.answerfiles.butane.ButaneInput.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts configurations together as Ignition itself does: objects key by key; of lists, what has the
 * same name becomes one, and the rest is added; of single values the later one counts.
 */
public final class Merging {
  /** By what the items of a list are the same; those of other lists never are. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("disks", "device"),
          Map.entry("raid", "name"),
          Map.entry("luks", "name"),
          Map.entry("filesystems", "device"),
          Map.entry("files", "path"),
          Map.entry("directories", "path"),
          Map.entry("links", "path"),
          Map.entry("units", "name"),
          Map.entry("dropins", "name"),
          Map.entry("users", "name"),
          Map.entry("groups", "name"));

  private static final List<String> KINDS = List.of("files", "directories", "links");

  /** Where the appliance's own programs and their state lie, in whichever profile. */
  private static final String OWN_PATH =
      "/(etc|var/lib|opt|usr/local/lib)/foundrybot(/.*)?|/usr/local/bin/foundrybot-.*";

  private static final String OWN_UNIT = "foundrybot-.*";

  private Merging() {}

  /**
   * What an input says that a profile's own configuration says already, or that is the appliance's.
   * Accounts are none of it: what is added to one of them stays beside what it has.
   *
   * @param own the profile's configuration
   */
  public static List<Trouble> conflicts(ObjectNode own, ButaneInput input) {
    Set<String> taken = new HashSet<>();
    JsonNode storage = own.path("storage");
    KINDS.forEach(kind -> collect(storage.path(kind), "path", "path", taken));
    collect(storage.path("disks"), "device", "disk", taken);
    collect(storage.path("raid"), "name", "raid", taken);
    collect(storage.path("luks"), "name", "luks", taken);
    collect(storage.path("filesystems"), "device", "filesystem", taken);
    collect(own.path("systemd").path("units"), "name", "unit", taken);
    List<Trouble> troubles = new ArrayList<>();
    input
        .places()
        .forEach(
            (what, at) -> {
              String name = what.substring(what.indexOf(' ') + 1);
              boolean reserved =
                  (what.startsWith("path ") && name.matches(OWN_PATH))
                      || (what.startsWith("unit ") && name.matches(OWN_UNIT));
              if (reserved || taken.contains(what)) {
                troubles.add(trouble(at, what));
              }
            });
    return troubles;
  }

  private static Trouble trouble(Place at, String what) {
    String expected = "none of what the profile gives by itself; see 'bootserver answer'";
    return new Trouble(at.line(), at.column(), "", what, expected);
  }

  private static void collect(JsonNode items, String key, String what, Set<String> into) {
    for (JsonNode item : items) {
      into.add(what + " " + item.path(key).asString(""));
    }
  }

  /**
   * Adds a configuration to another one.
   *
   * @param base is changed
   * @param added is not
   */
  public static void into(ObjectNode base, ObjectNode added) {
    String before = base.path("ignition").path("version").asString("");
    dropOtherKinds(base, added);
    merge(base, added);
    String after = base.path("ignition").path("version").asString("");
    if (minor(before) > minor(after)) {
      base.withObject("/ignition").put("version", before);
    }
  }

  /** That of 3.x.0; the later one knows all that the earlier one does. */
  private static int minor(String version) {
    return version.matches("3\\.[0-9]{1,3}\\.[0-9]+")
        ? Integer.parseInt(version.split("\\.", -1)[1])
        : -1;
  }

  /** A path is one thing: a link that is added to where a file was takes its place. */
  private static void dropOtherKinds(ObjectNode base, ObjectNode added) {
    for (String kind : KINDS) {
      for (JsonNode item : added.path("storage").path(kind)) {
        String path = item.path("path").asString("");
        KINDS.stream()
            .filter(other -> !other.equals(kind))
            .map(other -> base.path("storage").path(other))
            .filter(ArrayNode.class::isInstance)
            .forEach(list -> remove((ArrayNode) list, path));
      }
    }
  }

  private static void remove(ArrayNode list, String path) {
    for (int i = list.size() - 1; i >= 0; i--) {
      if (list.path(i).path("path").asString("").equals(path)) {
        list.remove(i);
      }
    }
  }

  private static void merge(ObjectNode base, ObjectNode added) {
    for (Map.Entry<String, JsonNode> each : added.properties()) {
      String name = each.getKey();
      JsonNode mine = base.path(name);
      if (mine instanceof ObjectNode object && each.getValue() instanceof ObjectNode other) {
        // Contents are one thing: a source keeps no verification that was another's.
        if (name.equals("contents")) {
          object.removeAll();
        }
        merge(object, other);
      } else if (mine instanceof ArrayNode list && each.getValue() instanceof ArrayNode other) {
        other.forEach(item -> add(list, item, NAMES.getOrDefault(name, "")));
      } else {
        JsonNode copy = each.getValue().deepCopy();
        base.set(name, copy);
      }
    }
  }

  private static void add(ArrayNode list, JsonNode item, String key) {
    for (JsonNode mine : list) {
      boolean same = mine.equals(item);
      boolean named = !key.isEmpty() && mine.path(key).equals(item.path(key));
      if (named && mine instanceof ObjectNode object && item instanceof ObjectNode other) {
        merge(object, other);
        return;
      }
      if (same) {
        return;
      }
    }
    JsonNode copy = item.deepCopy();
    list.add(copy);
  }
}
