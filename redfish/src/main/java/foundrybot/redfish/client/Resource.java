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

  /** The one thing in it that a link with a fragment leads to (RFC 6901, 6). */
  Resource part(String link) {
    return new Resource(link, props.pointed(link.substring(link.indexOf('#') + 1)), etag);
  }

  /**
   * A link as it is compared with others: its path, without a slash at its end, whatever name its
   * BMC calls itself in front of it.
   */
  static String path(String link) {
    return link.replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "")
        .replaceFirst("^(?=redfish/)", "/")
        .replaceAll("/+$", "");
  }

  /** Where changes are written that take effect later (DSP0266, 9.10). */
  Optional<String> settingsUri() {
    return props.link("@Redfish.Settings", "SettingsObject");
  }
}
