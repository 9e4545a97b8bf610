// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Brief;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The keys of the rack file about BMCs. */
final class BmcKeys {
  private static final String FILE = "[^\\x00-\\x1f]{1,1024}";

  private static final Rule URL =
      Rule.matching(
          "a URL of "
              + String.join(", ", BmcUrls.SCHEMES)
              + " without user, password and query, such as https://10.0.0.11, or wol",
          "wol|[a-z+]+://\\S{1,300}",
          BmcUrls::accepts);
  private static final Rule USER =
      Rule.pattern("an account of 1..64 printable characters without colon", "[!-9;-~]{1,64}");
  static final Rule FILE_PATH =
      Rule.matching(
          "a file, absolute or beside the rack file, such as bmc.pw",
          FILE,
          text ->
              text.matches(FILE)
                  && !text.endsWith("/")
                  && !List.of(text.split("/", -1)).contains(".."));
  static final Rule VARIABLE =
      Rule.pattern(
          "the name of an environment variable, such as BMC_PASSWORD", "[A-Za-z_]\\w{0,99}");
  static final Rule TRUST =
      Rule.pattern(
          "sha256: and 64 hex digits, first-use, or any",
          "sha256:([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31})|first-use|any");
  private static final Rule SYSTEM =
      Rule.pattern("1..128 characters without spaces", "[!-~]{1,128}");
  private static final String BOOT_WAYS = "pxe|http|http-x64|http-arm64|media|media-http";
  private static final Rule BOOT =
      Rule.matching(
          "pxe, http, http-x64, http-arm64, media, media-http, or an http or https URL without user"
              + " and query",
          BOOT_WAYS + "|https?://\\S{1,300}",
          text -> text.matches(BOOT_WAYS) || isHttpUrl(text));
  private static final Rule FIRMWARE = Rule.oneOf(List.of("uefi", "legacy", "as-is"));

  /** Names of rows in the tables of the protocols; no more, so that a slip is seen. */
  static final List<String> QUIRKS =
      List.of(
          "keep-boot-flags",
          "basic-if-named",
          "basic-only",
          "dell-http-setup",
          "dell-http-once",
          "dell-mode-at-restart",
          "dell-mode-if-new",
          "supermicro-http-setup",
          "supermicro-usb-cd",
          "lenovo-media-slots",
          "lenovo-media-slots-v2",
          "hpe-http-setup",
          "hpe-base-adapters",
          "hpe-post-state",
          "hp-post-state",
          "supermicro-iso-config",
          "fujitsu-shares",
          "huawei-session-domain",
          "huawei-vmm",
          "xfusion-vmm",
          "h3c-vmm",
          "ami-media-switch",
          "ami-media-switch-old",
          "nvidia-gpu-board");

  static final String NOT = "no-";

  private static final Rule QUIRK =
      Rule.oneOf(QUIRKS.stream().flatMap(name -> Stream.of(name, NOT + name)).toList());

  private static final Rule SUITE = Rule.oneOf(List.of("17", "3"));

  private BmcKeys() {}

  /** A node's own. */
  static Brief bmc() {
    List<Shape.Key> keys = new ArrayList<>();
    keys.add(
        Shape.Key.required(
            "url", new Scalar(URL), "Where it is; the scheme says what: " + BmcUrls.KINDS + "."));
    keys.addAll(shared());
    return new Brief("url", URL, new Mapping(keys));
  }

  /** Those that are the same for many. */
  static Mapping defaults() {
    return new Mapping(shared());
  }

  private static List<Shape.Key> shared() {
    List<Shape.Key> keys = new ArrayList<>(login());
    keys.addAll(HookKeys.all());
    return keys;
  }

  private static List<Shape.Key> login() {
    return List.of(
        Shape.Key.optional("user", new Scalar(USER), "none", "The account there."),
        Shape.Key.optional(
            "password-file",
            new Scalar(FILE_PATH),
            "none",
            "The file whose first line is the password."),
        Shape.Key.optional(
            "password-env",
            new Scalar(VARIABLE),
            "none",
            "The environment variable that holds the password."),
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
            "How deploy boots it: pxe, http (UEFI HTTP Boot by DHCP), http-x64, http-arm64, a URL,"
                + " or media."),
        Shape.Key.optional(
            "firmware",
            new Scalar(FIRMWARE),
            "as-is; uefi with ipmi",
            "The firmware that the machine is told to boot with."),
        Shape.Key.optional(
            "cipher-suites", new Items(SUITE, 1, 2), "17, 3", "Of IPMI, the first one first."),
        Shape.Key.optional(
            "quirks",
            new Items(QUIRK, 1, 12),
            "by vendor and firmware",
            "Oddities that it has, or (no-NAME) has not, whoever it is: docs/bmc.md."),
        Shape.Key.optional(
            "console",
            new Scalar(Rules.SWITCH),
            "on with libvirt+unix, else off",
            "Whether its serial console goes into its log while it is on its way; of IPMI, it takes"
                + " one of the BMC's sessions."));
  }

  private static boolean isHttpUrl(String text) {
    return (text.startsWith("http://") || text.startsWith("https://")) && BmcUrls.accepts(text);
  }
}
