// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The property {@code Boot} of a system, and of its Settings resource where that has one: some BMCs
 * tell what they allow only in one of the two, and take writes only there.
 */
record BootView(Resource system, Optional<Resource> settings) {
  static final String TARGET = "BootSourceOverrideTarget";
  static final String ENABLED = "BootSourceOverrideEnabled";
  static final String MODE = "BootSourceOverrideMode";
  static final String URI_PROPERTY = "HttpBootUri";
  static final String DEVICE_PATH = "UefiTargetBootSourceOverride";
  static final String ALLOWABLE = "@Redfish.AllowableValues";

  /** Where services from before DSP0266 1.0 say what they allow. */
  private static final Map<String, String> OLDER =
      Map.of(
          TARGET,
          "BootSourceOverrideSupported",
          DEVICE_PATH,
          "UefiTargetBootSourceOverrideSupported");

  /** An override as one of the two resources shows it. */
  record Shown(String target, String enabled, String mode, Optional<String> uri) {
    static Shown of(Props boot) {
      return new Shown(
          boot.textOrEmpty(TARGET),
          boot.textOrEmpty(ENABLED),
          boot.textOrEmpty(MODE),
          boot.has(URI_PROPERTY) ? Optional.of(boot.textOrEmpty(URI_PROPERTY)) : Optional.empty());
    }

    /** A target may stay behind when the override is over. */
    boolean active() {
      return !target.isEmpty()
          && !target.equalsIgnoreCase("None")
          && !enabled.isEmpty()
          && !enabled.equalsIgnoreCase("Disabled");
    }

    BootSetting setting() {
      if (!active()) {
        return BootSetting.NONE;
      }
      BootDevice device = device(target);
      Lasting lasting = enabled.equalsIgnoreCase("Once") ? Lasting.ONCE : Lasting.ALWAYS;
      FirmwareMode firmware =
          switch (mode.toLowerCase(Locale.ROOT)) {
            case "uefi" -> FirmwareMode.UEFI;
            case "legacy" -> FirmwareMode.LEGACY;
            default -> FirmwareMode.AS_IS;
          };
      Optional<URI> url =
          device == BootDevice.HTTP ? uri.flatMap(Shown::url) : Optional.<URI>empty();
      return new BootSetting(device, url, lasting, firmware);
    }

    private static Optional<URI> url(String text) {
      try {
        return text.isEmpty() ? Optional.empty() : Optional.of(URI.create(text));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }

    private static BootDevice device(String target) {
      return switch (target.toLowerCase(Locale.ROOT)) {
        case "pxe" -> BootDevice.PXE;
        case "uefihttp" -> BootDevice.HTTP;
        case "hdd" -> BootDevice.DISK;
        case "cd", "usbcd" -> BootDevice.CD;
        default -> BootDevice.USUAL;
      };
    }
  }

  static BootView of(RedfishTree tree, String systemUri) {
    Resource system = tree.fresh(systemUri);
    Optional<Resource> settings =
        tree.find(system.settingsUri()).filter(s -> !s.uri().equals(systemUri));
    return new BootView(system, settings.filter(s -> speaks(s.props().at("Boot"))));
  }

  private static boolean speaks(Props boot) {
    return boot.has(TARGET) || boot.has(ENABLED) || boot.has(TARGET + ALLOWABLE);
  }

  boolean supported() {
    return speaks(boot()) || settings.isPresent();
  }

  Props boot() {
    return system.props().at("Boot");
  }

  private List<Props> both() {
    List<Props> both = new ArrayList<>();
    settings.ifPresent(s -> both.add(s.props().at("Boot")));
    both.add(boot());
    return both;
  }

  /**
   * Where to write, the likelier place first. An override is about the next boot anyway, so a
   * system that says what it allows takes it itself; who moved it tells the values where it is now.
   */
  List<String> writable() {
    List<String> uris = new ArrayList<>();
    settings.ifPresent(s -> uris.add(s.uri()));
    if (speaks(boot()) || uris.isEmpty()) {
      boolean tells = !boot().texts(TARGET + ALLOWABLE).isEmpty();
      uris.add(tells ? 0 : uris.size(), system.uri());
    }
    return uris;
  }

  boolean has(String property) {
    return both().stream().anyMatch(boot -> boot.has(property));
  }

  /** What both allow together; empty where neither says. */
  Set<String> allowed(String property) {
    Set<String> allowed = new LinkedHashSet<>();
    for (Props boot : both()) {
      allowed.addAll(boot.texts(property + ALLOWABLE));
    }
    String older = OLDER.getOrDefault(property, "");
    if (allowed.isEmpty() && !older.isEmpty()) {
      both().forEach(boot -> allowed.addAll(boot.texts(older)));
    }
    return allowed;
  }

  /** As one of the two has it now. */
  Optional<String> now(String property) {
    return boot()
        .text(property)
        .or(() -> settings.flatMap(s -> s.props().at("Boot").text(property)));
  }

  Shown shown() {
    return Shown.of(boot());
  }

  /** What will hold after the next restart, where that is written apart. */
  Optional<Shown> pending() {
    return settings.map(s -> Shown.of(s.props().at("Boot")));
  }
}
