// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.BmcSettings.Boot;
import foundrybot.answerfiles.BmcSettings.Firmware;
import foundrybot.answerfiles.BmcSettings.Password;
import foundrybot.answerfiles.BmcSettings.Trust;
import foundrybot.answerfiles.Tree.Branch;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A node's BMC, from its own keys and those that the whole rack shares. */
final class BmcBuilder {
  private static final Set<String> WITH_CERTIFICATE = Set.of("https", "webhook+https", "proxmox");
  private static final Set<String> WITH_MEDIA =
      Set.of("https", "http", "libvirt+unix", "libvirt+ssh", "proxmox");
  private static final List<String> WITH_CONSOLE = List.of("ipmi", "libvirt+unix");
  private static final List<Integer> SUITES = List.of(17, 3);

  private final Faults faults;
  private final Optional<Branch> defaults;
  private final HookBuilder hooks;

  BmcBuilder(Faults faults, Optional<Branch> defaults) {
    this.faults = faults;
    this.defaults = defaults;
    this.hooks = new HookBuilder(faults, defaults);
    defaults.ifPresent(branch -> checkAlternatives(branch, "bmc-defaults"));
  }

  /**
   * Reads a node's.
   *
   * @param path of the node in the file
   */
  Optional<BmcSettings> build(Branch node, String path) {
    return node.branch("bmc").flatMap(own -> settings(own, path + ".bmc"));
  }

  private Optional<BmcSettings> settings(Branch own, String path) {
    checkAlternatives(own, path);
    Optional<String> text = own.text("url");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    URI url = URI.create(text.get().equals("wol") ? "wol://255.255.255.255" : text.get());
    String scheme = url.getScheme();
    boolean isWebhook = scheme.startsWith("webhook+");
    Optional<Trust> trust = trust(own);
    if (WITH_CERTIFICATE.contains(scheme) && trust.isEmpty() && !own.has("trust")) {
      String expected =
          "trust: sha256:..., first-use or any, or ca: FILE, here or in bmc-defaults, as the"
              + " password is sent to whoever answers there";
      faults.add(own.at(), path + ".trust", "missing", expected);
    }
    return Optional.of(
        new BmcSettings(
            url,
            isWebhook ? own.text("user") : inherited(own, "user"),
            isWebhook ? HookBuilder.password(own, defaults) : password(own, defaults),
            trust,
            inherited(own, "system"),
            choice(own, "firmware")
                .map(Firmware::valueOf)
                .orElse(scheme.equals("ipmi") ? Firmware.UEFI : Firmware.AS_IS),
            boot(own, scheme, path),
            suites(own),
            hooks(own, scheme, isWebhook, path),
            console(own, scheme, path),
            quirks(own, path)));
  }

  /** In bmc-defaults it is meant for those that can. */
  private boolean console(Branch own, String scheme, String path) {
    boolean can = WITH_CONSOLE.contains(scheme);
    boolean wanted = inherited(own, "console").map("on"::equals).orElse(!scheme.equals("ipmi"));
    if (own.text("console").filter("on"::equals).isPresent() && !can) {
      String expected = "off, as only " + String.join(" and ", WITH_CONSOLE) + " tell a console";
      faults.add(own.at("console"), path + ".console", "on", expected);
    }
    return can && wanted;
  }

  /** Its own in the place of the rack's. */
  private List<String> quirks(Branch own, String path) {
    List<String> mine = own.texts("quirks");
    for (String name : mine) {
      if (mine.contains(BmcKeys.NOT + name)) {
        String expected = "either " + name + " or " + BmcKeys.NOT + name;
        faults.add(own.at("quirks"), path + ".quirks", name, expected);
      }
    }
    return own.has("quirks")
        ? mine
        : defaults.map(branch -> branch.texts("quirks")).orElse(List.of());
  }

  private Boot boot(Branch own, String scheme, String path) {
    String boot = inherited(own, "boot").orElse("pxe");
    if (boot.startsWith("media") && !WITH_MEDIA.contains(scheme)) {
      if (own.has("boot")) {
        faults.add(own.at("boot"), path + ".boot", boot, "pxe, as " + scheme + " plays no media");
      }
      // In bmc-defaults it is meant for those that can.
      return new Boot.Pxe();
    }
    return switch (boot) {
      case "pxe" -> new Boot.Pxe();
      case "media" -> new Boot.Media(true);
      case "media-http" -> new Boot.Media(false);
      case "http" -> new Boot.Http(Optional.empty());
      case "http-x64" -> new Boot.HttpProgram(BmcSettings.Processor.X64);
      case "http-arm64" -> new Boot.HttpProgram(BmcSettings.Processor.ARM64);
      case String url -> new Boot.Http(Optional.of(URI.create(url)));
    };
  }

  private Optional<HookSettings> hooks(Branch own, String scheme, boolean isWebhook, String path) {
    if (isWebhook) {
      hooks.check(own, path);
      return Optional.of(hooks.build(own, path));
    }
    if (own.has("hooks")) {
      faults.add(own.at("hooks"), path + ".hooks", scheme, "webhook+https or webhook+http as url");
    }
    return Optional.empty();
  }

  /** What contradicts itself within one mapping. */
  private void checkAlternatives(Branch branch, String path) {
    notBoth(faults, branch, path, "trust", "ca");
    notBoth(faults, branch, path, "password-file", "password-env");
  }

  static void notBoth(Faults faults, Branch branch, String path, String one, String other) {
    if (branch.has(one) && branch.has(other)) {
      String value = branch.text(other).orElse("");
      faults.add(branch.at(other), path + "." + other, value, "either " + one + " or " + other);
    }
  }

  private Optional<String> inherited(Branch own, String key) {
    return own.text(key).or(() -> defaults.flatMap(branch -> branch.text(key)));
  }

  private Optional<String> choice(Branch own, String key) {
    return inherited(own, key).map(text -> text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Either of the two, so that a node's own file is not beaten by the rack's variable. */
  static Password password(Branch own, Optional<Branch> defaults) {
    return password(Optional.of(own)).or(() -> password(defaults)).orElseGet(Password.None::new);
  }

  private static Optional<Password> password(Optional<Branch> branch) {
    return branch.flatMap(
        keys ->
            keys.text("password-file")
                .<Password>map(file -> new Password.InFile(Path.of(file)))
                .or(() -> keys.text("password-env").map(Password.InEnvironment::new)));
  }

  private Optional<Trust> trust(Branch own) {
    return trust(Optional.of(own)).or(() -> trust(defaults));
  }

  /** Which certificate is the right one, by the keys trust and ca. */
  static Optional<Trust> trust(Optional<Branch> branch) {
    return branch.flatMap(
        keys ->
            keys.text("trust")
                .map(BmcBuilder::trust)
                .or(() -> keys.text("ca").map(file -> new Trust.Authority(Path.of(file)))));
  }

  private static Trust trust(String text) {
    return switch (text) {
      case "first-use" -> new Trust.FirstUse();
      case "any" -> new Trust.Any();
      default ->
          new Trust.Fingerprint(
              text.substring("sha256:".length()).replace(":", "").toLowerCase(Locale.ROOT));
    };
  }

  private List<Integer> suites(Branch own) {
    List<String> texts =
        own.has("cipher-suites")
            ? own.texts("cipher-suites")
            : defaults.map(branch -> branch.texts("cipher-suites")).orElse(List.of());
    return texts.isEmpty() ? SUITES : texts.stream().map(Integer::valueOf).distinct().toList();
  }
}
