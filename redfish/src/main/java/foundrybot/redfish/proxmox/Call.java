// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import java.util.Map;

/**
 * A request of the API.
 *
 * @param path below {@code /api2/json}, of characters that need no encoding but those of a task's
 *     name
 * @param form goes into the query of GET and DELETE, and into the body of POST and PUT; it is never
 *     shown, as there may be secrets in it
 */
record Call(String method, String path, Map<String, String> form) {
  Call {
    form = Map.copyOf(form);
  }

  static Call get(String path) {
    return new Call("GET", path, Map.of());
  }

  static Call get(String path, Map<String, String> query) {
    return new Call("GET", path, query);
  }

  static Call post(String path, Map<String, String> form) {
    return new Call("POST", path, form);
  }

  static Call put(String path, Map<String, String> form) {
    return new Call("PUT", path, form);
  }

  static Call delete(String path, Map<String, String> query) {
    return new Call("DELETE", path, query);
  }

  boolean reads() {
    return method.equals("GET");
  }

  boolean hasBody() {
    return method.equals("POST") || method.equals("PUT");
  }

  @Override
  public String toString() {
    return method + " " + path;
  }
}
