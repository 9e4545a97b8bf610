// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/** Which URLs say where a machine's power switch is. */
final class BmcUrls {
  /** Each kind of power switch by its URL's scheme. */
  static final List<String> SCHEMES =
      List.of(
          "https",
          "http",
          "ipmi",
          "wol",
          "webhook+https",
          "webhook+http",
          "libvirt+unix",
          "libvirt+ssh",
          "proxmox");

  /** Those of hosts that machines can be made on. */
  static final List<String> HYPERVISORS = List.of("libvirt+unix", "libvirt+ssh", "proxmox");

  /** For people. */
  static final String KINDS =
      "https or http (Redfish), ipmi, wol, webhook+https or webhook+http, libvirt+unix or"
          + " libvirt+ssh, proxmox";

  private static final String FILE = "/[A-Za-z0-9._/-]{1,200}";
  private static final String SSH_OPTION = "(socket|keyfile|known_hosts)=" + FILE;

  private BmcUrls() {}

  static boolean accepts(String text) {
    if (text.equals("wol")) {
      return true;
    }
    try {
      URI url = new URI(text);
      String scheme = url.getScheme();
      return scheme != null
          && SCHEMES.contains(scheme)
          && url.getRawFragment() == null
          && url.getPort() != 0
          && url.getPort() <= 65535
          && isOfScheme(url, scheme);
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isOfScheme(URI url, String scheme) {
    return switch (scheme) {
      case "libvirt+unix", "libvirt+ssh" -> isLibvirt(url);
      case "proxmox" ->
          isPlain(url) && url.getRawPath().matches("/?|/[A-Za-z0-9][A-Za-z0-9-]{0,62}");
      default -> isPlain(url);
    };
  }

  private static boolean isPlain(URI url) {
    return url.getHost() != null && url.getRawUserInfo() == null && url.getRawQuery() == null;
  }

  /**
   * As libvirt.org/uri.html has them, without what would let a URL run something: user, host and
   * options go to ssh.
   */
  private static boolean isLibvirt(URI url) {
    String query = url.getRawQuery() == null ? "" : url.getRawQuery();
    boolean place = url.getPath() != null && url.getPath().matches("/(system|session)");
    if (url.getScheme().equals("libvirt+unix")) {
      return place && url.getRawAuthority() == null && query.matches("(socket=" + FILE + ")?");
    }
    String user = url.getRawUserInfo() == null ? "root" : url.getRawUserInfo();
    return place
        && url.getHost() != null
        && url.getHost().matches("[A-Za-z0-9\\[].*")
        && user.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
        && query.matches("(" + SSH_OPTION + "(&" + SSH_OPTION + "){0,2})?");
  }
}
