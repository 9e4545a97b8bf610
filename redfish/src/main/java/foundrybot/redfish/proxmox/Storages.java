// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import java.util.List;
import java.util.Map;

/** The storages of a node. */
final class Storages {
  private Storages() {}

  /**
   * Names of those that are in order and take that content, as the API lists them.
   *
   * @param content {@code images} or {@code iso}
   */
  static List<String> taking(Api api, String node, String content) {
    return api
        .get("/nodes/" + node + "/storage", Map.of("content", content, "enabled", "1"))
        .items()
        .stream()
        .filter(item -> item.flag("active"))
        .map(item -> item.text("storage"))
        .filter(name -> name.matches("[A-Za-z][A-Za-z0-9._-]{0,99}"))
        .sorted()
        .toList();
  }
}
