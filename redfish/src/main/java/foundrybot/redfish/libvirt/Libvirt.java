// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.WakeOnLan;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Opens a libvirt host and its virtual machines. */
public final class Libvirt {
  /** virsh takes a number for an id, and a word with a hyphen in front for an option. */
  private static final Pattern DOMAIN =
      Pattern.compile("(?!\\d+$)[A-Za-z0-9_.+:][A-Za-z0-9_.+:-]*");

  private static final String KNOWN_HOSTS = "known_hosts=";

  private Libvirt() {}

  /**
   * Opens a machine; nothing is run before the first call.
   *
   * @param url {@code libvirt+unix:///system}, {@code libvirt+unix:///session?socket=/path}, {@code
   *     libvirt+ssh://user@host:port/system?keyfile=/path&known_hosts=/path}
   * @param domain its name or UUID there
   * @param card which one boots from the network, where a machine has several
   */
  public static Bmc open(
      URI url,
      String domain,
      Optional<HardwareAddress> card,
      InstantSource clock,
      WakeOnLan.Pause pause) {
    if (!isName(domain)) {
      throw new IllegalArgumentException(
          "system: " + domain + " (expected: a domain's name or UUID, not a number)");
    }
    Virsh virsh = new Virsh(describe(url) + " " + domain, connection(url), knownHosts(url));
    return new LibvirtBmc(virsh, domain, card, isLocal(url), clock, pause);
  }

  /**
   * Opens the host itself, to make machines there; nothing is run before the first call.
   *
   * @param url as above
   */
  public static Hypervisor hypervisor(URI url, InstantSource clock, WakeOnLan.Pause pause) {
    Virsh virsh = new Virsh(describe(url), connection(url), knownHosts(url));
    boolean ofSystem = url.getPath().equals("/system");
    return new LibvirtHypervisor(
        virsh, ofSystem, UUID::randomUUID, new Unmaking(virsh, isLocal(url), clock, pause));
  }

  private static boolean isLocal(URI url) {
    return url.getScheme().equals("libvirt+unix");
  }

  static boolean isName(String domain) {
    return DOMAIN.matcher(domain).matches();
  }

  private static String describe(URI url) {
    String authority = url.getRawAuthority() == null ? "" : url.getRawAuthority();
    return "libvirt " + url.getScheme() + "://" + authority + url.getRawPath();
  }

  private static Stream<String> options(URI url) {
    return url.getRawQuery() == null ? Stream.of() : Stream.of(url.getRawQuery().split("&", -1));
  }

  /** An option of ours: libvirt has one of that name for other ways to ssh alone. */
  private static Optional<String> knownHosts(URI url) {
    return options(url)
        .filter(option -> option.startsWith(KNOWN_HOSTS))
        .map(option -> option.substring(KNOWN_HOSTS.length()))
        .findFirst();
  }

  /** What libvirt calls it (libvirt.org/uri.html); ssh must not ask anybody anything. */
  private static String connection(URI url) {
    String transport =
        switch (url.getScheme()) {
          case "libvirt+unix" -> "qemu+unix";
          case "libvirt+ssh" -> "qemu+ssh";
          default ->
              throw new IllegalArgumentException(
                  "url: " + url + " (expected: libvirt+unix or libvirt+ssh)");
        };
    String authority = url.getRawAuthority() == null ? "" : url.getRawAuthority();
    String query =
        options(url).filter(o -> !o.startsWith(KNOWN_HOSTS)).collect(Collectors.joining("&"));
    if (transport.equals("qemu+ssh")) {
      query = query.isEmpty() ? "no_tty=1" : query + "&no_tty=1";
    }
    return transport + "://" + authority + url.getRawPath() + (query.isEmpty() ? "" : "?" + query);
  }
}
