// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** All that can be read, by its path without a slash at the end. */
final class Resources {
  private final int pageSize;
  private final Map<String, Supplier<Map<String, Object>>> byPath = new HashMap<>();

  /**
   * None yet.
   *
   * @param pageSize most members on one page; 0: all
   */
  Resources(int pageSize) {
    this.pageSize = pageSize;
  }

  /** A resource that looks the same for ever, or is made anew each time. */
  void add(String path, Supplier<Map<String, Object>> resource) {
    byPath.put(path, resource);
  }

  /** A resource with the properties that each has, and these. */
  void add(String path, String type, String name, Object... pairs) {
    Map<String, Object> resource = common(path, type, name);
    resource.putAll(Json.object(pairs));
    add(path, () -> resource);
  }

  static Map<String, Object> common(String path, String type, String name) {
    return Json.object(
        "@odata.id",
        path,
        "@odata.type",
        type,
        "Id",
        path.substring(path.lastIndexOf('/') + 1),
        "Name",
        name);
  }

  /** A collection of links. */
  void collection(String path, String type, Supplier<List<String>> members) {
    entries(path, type, () -> Json.links(members.get()));
  }

  /** A collection that holds its members. */
  void entries(String path, String type, Supplier<List<Map<String, Object>>> members) {
    add(
        path,
        () -> {
          List<Map<String, Object>> all = members.get();
          return Json.object(
              "@odata.id",
              path,
              "@odata.type",
              "#" + type + "." + type,
              "Name",
              type,
              "Members@odata.count",
              all.size(),
              "Members",
              all);
        });
  }

  /** A resource, or that page of a collection. */
  Optional<Map<String, Object>> read(String path, String query) {
    Optional<Map<String, Object>> found =
        Optional.ofNullable(byPath.get(path)).map(Supplier::get).or(() -> member(path));
    return found.map(resource -> page(path, query, resource));
  }

  /** What a collection holds itself. */
  private Optional<Map<String, Object>> member(String path) {
    String parent = path.substring(0, Math.max(0, path.lastIndexOf('/')));
    Object members =
        Optional.ofNullable(byPath.get(parent))
            .map(Supplier::get)
            .map(resource -> resource.get("Members"))
            .orElse(List.of());
    if (members instanceof List<?> list) {
      for (Object one : list) {
        if (one instanceof Map<?, ?> entry
            && path.equals(entry.get("@odata.id"))
            && entry.containsKey("Id")) {
          Map<String, Object> copy = Json.object();
          entry.forEach((key, value) -> copy.put(key.toString(), value));
          return Optional.of(copy);
        }
      }
    }
    return Optional.empty();
  }

  private Map<String, Object> page(String path, String query, Map<String, Object> resource) {
    if (pageSize == 0 || !(resource.get("Members") instanceof List<?> all)) {
      return resource;
    }
    int skip = query.matches("\\$skip=[0-9]{1,6}") ? Integer.parseInt(query.substring(6)) : 0;
    int end = Math.min(all.size(), skip + pageSize);
    resource.put("Members", IntStream.range(Math.min(skip, end), end).mapToObj(all::get).toList());
    if (end < all.size()) {
      resource.put("Members@odata.nextLink", path + "?$skip=" + end);
    }
    return resource;
  }
}
