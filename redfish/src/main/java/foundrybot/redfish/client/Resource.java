// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.Optional;

/**
 * A resource as it was read.
 *
 * @param uri as it was linked to, letter by letter
 */
record Resource(String uri, Props props, Optional<Etag> etag) {

  String id() {
    return props.text("Id").orElseGet(() -> uri.replaceAll("/+$", "").replaceAll(".*/", ""));
  }

  /** Where changes are written that take effect later (DSP0266, 9.10). */
  Optional<String> settingsUri() {
    return props.link("@Redfish.Settings", "SettingsObject");
  }
}
