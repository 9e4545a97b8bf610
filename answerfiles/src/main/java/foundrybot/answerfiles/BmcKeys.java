// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Brief;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The keys of the rack file about power: BMCs, their defaults, limits, virtual machines. */
final class BmcKeys {
  /** Redfish and the rest: each kind of power switch by its URL's scheme. */
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

  static final List<String> ACTIONS = List.of("on", "off", "shutdown", "cycle", "reset", "status");

  private static final int MOST_DISKS = 32;
  private static final String FILE = "[^\\x00-\\x1f]{1,1024}";

  private static final Rule URL =
      Rule.matching(
          "a URL of "
              + String.join(", ", SCHEMES)
              + " without user, password and query, such as https://10.0.0.11, or wol",
          "wol|[a-z+]+://\\S{1,300}",
          BmcKeys::isUrl);
  private static final Rule USER =
      Rule.pattern("an account of 1..64 printable characters without colon", "[!-9;-~]{1,64}");
  private static final Rule FILE_PATH =
      Rule.matching(
          "a file, absolute or beside the rack file, such as bmc.pw",
          FILE,
          text ->
              text.matches(FILE)
                  && !text.endsWith("/")
                  && !List.of(text.split("/", -1)).contains(".."));
  private static final Rule VARIABLE =
      Rule.pattern(
          "the name of an environment variable, such as BMC_PASSWORD", "[A-Za-z_]\\w{0,99}");
  private static final Rule TRUST =
      Rule.pattern(
          "sha256: and 64 hex digits, first-use, or any",
          "sha256:([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31})|first-use|any");
  private static final Rule SYSTEM =
      Rule.pattern("1..128 characters without spaces", "[!-~]{1,128}");
  private static final Rule BOOT = Rule.oneOf(List.of("pxe", "http", "media"));
  private static final Rule FIRMWARE = Rule.oneOf(List.of("uefi", "legacy", "as-is"));
  private static final Rule SUITE = Rule.oneOf(List.of("17", "3"));
  private static final Rule HOOK =
      Rule.pattern(
          "GET, POST or PUT, a path behind the url, and for status the text that means on,"
              + " such as: GET /relay/0 \"ison\":true",
          "(GET|POST|PUT) /[!-~]{0,300}( [ -~]{1,200})?");
  private static final Rule RATE =
      Rule.matching(
          "0.1..1000, such as 5 or 0.5",
          "[0-9]{1,4}(\\.[0-9])?",
          text ->
              text.matches("[0-9]{1,4}(\\.[0-9])?")
                  && Double.parseDouble(text) >= 0.1
                  && Double.parseDouble(text) <= 1000);
  private static final Rule SIZE =
      Rule.pattern("a size in MiB, GiB or TiB, such as 4GiB", "[1-9][0-9]{0,5} ?(MiB|GiB|TiB)");
  private static final Rule POOL =
      Rule.pattern("a name of 1..64 characters", "[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}");

  private BmcKeys() {}

  /** A node's own. */
  static Brief bmc() {
    List<Shape.Key> keys = new ArrayList<>();
    keys.add(
        Shape.Key.required(
            "url", new Scalar(URL), "Where it is; the scheme says what: " + kinds() + "."));
    keys.addAll(shared());
    return new Brief("url", URL, new Mapping(keys));
  }

  private static String kinds() {
    return "https or http (Redfish), ipmi, wol, webhook+https, libvirt+unix, libvirt+ssh, proxmox";
  }

  /** Those that are the same for many. */
  static Mapping defaults() {
    return new Mapping(shared());
  }

  private static List<Shape.Key> shared() {
    return List.of(
        Shape.Key.optional("user", new Scalar(USER), "that of bmc add", "The account there."),
        Shape.Key.optional(
            "password-file",
            new Scalar(FILE_PATH),
            "that of bmc add",
            "The file whose first line is the password."),
        Shape.Key.optional(
            "password-env",
            new Scalar(VARIABLE),
            "that of bmc add",
            "The appliance's environment variable that is the password."),
        Shape.Key.optional(
            "trust",
            new Scalar(TRUST),
            "none: https needs trust or ca",
            "Its certificate's fingerprint; first-use: whichever it shows first; any: unsafe."),
        Shape.Key.optional(
            "ca", new Scalar(FILE_PATH), "none", "PEM file of who signed its certificate."),
        Shape.Key.optional(
            "system", new Scalar(SYSTEM), "the only one", "Which machine, where it has several."),
        Shape.Key.optional(
            "boot",
            new Scalar(BOOT),
            "pxe",
            "How deploy boots the machine: network, UEFI HTTP Boot, or a virtual CD."),
        Shape.Key.optional(
            "firmware",
            new Scalar(FIRMWARE),
            "as-is; uefi with ipmi",
            "The firmware that the machine is told to boot with."),
        Shape.Key.optional(
            "cipher-suites", new Items(SUITE, 1, 2), "17, 3", "Of IPMI, the first one first."),
        Shape.Key.optional(
            "hooks",
            new Mapping(
                ACTIONS.stream()
                    .map(
                        action ->
                            Shape.Key.optional(
                                action, new Scalar(HOOK), "not possible", "For " + action + "."))
                    .toList()),
            "none",
            "What a webhook is asked for each action."));
  }

  /** Of the whole rack. */
  static Mapping power() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "on-per-second",
                new Scalar(RATE),
                "5",
                "Machines switched on in a second, for the current that each draws then."),
            Shape.Key.optional(
                "at-once",
                new Scalar(Rule.number(1, 1024)),
                Integer.toString(PowerLimits.USUAL.atOnce()),
                "BMCs spoken to at the same time.")));
  }

  /** A node that a hypervisor makes. */
  static Mapping machine() {
    return new Mapping(
        List.of(
            Shape.Key.optional("cores", new Scalar(Rule.number(1, 1024)), "2", "Processors."),
            Shape.Key.optional("memory", new Scalar(SIZE), "4GiB", "Memory."),
            Shape.Key.optional(
                "disks",
                new Items(SIZE, 1, MOST_DISKS),
                "20GiB",
                "Sizes of its disks, the one to install on first."),
            Shape.Key.optional(
                "network",
                new Scalar(POOL),
                "the hypervisor's usual one",
                "The bridge or network that its card is on."),
            Shape.Key.optional(
                "storage", new Scalar(POOL), "the hypervisor's usual one", "The pool for disks."),
            Shape.Key.optional(
                "firmware", new Scalar(Rule.oneOf(List.of("uefi", "bios"))), "uefi", "Its kind."),
            Shape.Key.optional(
                "tpm", new Scalar(Rules.SWITCH), "off", "Whether it has a TPM 2.0.")));
  }

  private static boolean isUrl(String text) {
    if (text.equals("wol")) {
      return true;
    }
    try {
      URI url = new URI(text);
      String scheme = url.getScheme();
      boolean hostless = "libvirt+unix".equals(scheme);
      return scheme != null
          && SCHEMES.contains(scheme)
          && url.getRawQuery() == null
          && url.getRawFragment() == null
          && (hostless ? url.getPath().startsWith("/") : url.getHost() != null)
          && (url.getRawUserInfo() == null || scheme.equals("libvirt+ssh"))
          && url.getPort() != 0
          && url.getPort() <= 65535;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** MiB, GiB or TiB as MiB. */
  static long mebibytes(String text) {
    long number = Long.parseLong(text.replaceAll("\\D", ""));
    Map<String, Integer> shifts = Map.of("M", 0, "G", 10, "T", 20);
    return number << shifts.getOrDefault(text.replaceAll("[^MGT]", ""), 0);
  }
}
