// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.rig.bmc.Personality.BootSource;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The boot override of one machine as the System and its Settings show and take it (schema
 * ComputerSystem, property Boot).
 */
final class BootPanel {
  private static final String TARGET = "BootSourceOverrideTarget";
  private static final String ENABLED = "BootSourceOverrideEnabled";
  private static final String MODE = "BootSourceOverrideMode";
  private static final String HTTP_URI = "HttpBootUri";
  private static final String ALLOWABLE = "@Redfish.AllowableValues";
  private static final List<String> MODES = List.of("UEFI", "Legacy");

  private final Personality personality;
  private final Machine machine;
  private Words words = new Words("Disabled", "None", "UEFI", Optional.empty());

  /** What the machine has been told by these words. */
  private BootSetting told;

  /** What is shown in place of a mode that waits for the next start. */
  private Optional<String> oldMode = Optional.empty();

  /** The four properties. */
  private record Words(String enabled, String target, String mode, Optional<URI> uri) {
    BootSetting meaning() {
      if (enabled.equals("Disabled") || target.equals("None")) {
        return BootSetting.NONE;
      }
      BootDevice device =
          switch (target) {
            case "Pxe" -> BootDevice.PXE;
            case "UefiHttp" -> BootDevice.HTTP;
            case "Hdd" -> BootDevice.DISK;
            case "Cd", "UsbCd" -> BootDevice.CD;
            default -> BootDevice.USUAL;
          };
      return new BootSetting(
          device,
          device == BootDevice.HTTP ? uri : Optional.empty(),
          enabled.equals("Once") ? Lasting.ONCE : Lasting.ALWAYS,
          mode.equals("Legacy") ? FirmwareMode.LEGACY : FirmwareMode.UEFI);
    }
  }

  BootPanel(Personality personality, Machine machine) {
    this.personality = personality;
    this.machine = machine;
    this.told = machine.nextBoot();
  }

  /** What holds: the machine may have used it up, or been told otherwise, in the meantime. */
  private Words now() {
    BootSetting next = machine.nextBoot();
    if (!next.equals(told)) {
      told = next;
      words = next.equals(BootSetting.NONE) ? off(words) : inWords(next);
    }
    return words;
  }

  private static Words off(Words words) {
    return new Words("Disabled", words.target(), words.mode(), words.uri());
  }

  private Words inWords(BootSetting setting) {
    String target =
        switch (setting.device()) {
          case PXE -> "Pxe";
          case HTTP -> "UefiHttp";
          case DISK -> "Hdd";
          case CD -> "Cd";
          case USUAL -> "None";
        };
    return new Words(
        setting.lasting() == Lasting.ONCE ? "Once" : "Continuous",
        target,
        switch (setting.mode()) {
          case UEFI -> "UEFI";
          case LEGACY -> "Legacy";
          case AS_IS -> words.mode();
        },
        setting.url());
  }

  /** Boot of the System. What waits in the Settings is not there before the next start. */
  Map<String, Object> system() {
    Words shown = personality.bootSource() == BootSource.SETTINGS ? off(now()) : now();
    return object(shown, personality.targetsIn() != BootSource.SETTINGS);
  }

  /** Boot of the Settings resource. */
  Map<String, Object> settings() {
    return object(now(), personality.targetsIn() != BootSource.SYSTEM);
  }

  private Map<String, Object> object(Words shown, boolean values) {
    Map<String, Object> boot = Json.object(ENABLED, shown.enabled(), TARGET, shown.target());
    if (values) {
      boot.put(TARGET + ALLOWABLE, personality.bootTargets());
      boot.put(ENABLED + ALLOWABLE, personality.bootEnabled());
    }
    if (personality.modeProperty()) {
      boot.put(MODE, oldMode.orElse(shown.mode()));
      boot.put(MODE + ALLOWABLE, MODES);
    }
    if (personality.httpBootUri()) {
      boot.put(HTTP_URI, shown.uri().<Object>map(URI::toString).orElse(Json.NULL));
    }
    return boot;
  }

  /** The machine starts, and with it holds what waited for that. */
  void started() {
    oldMode = Optional.empty();
  }

  /** Takes a PATCH of Boot, or says why not. */
  Optional<Reply> patch(ObjectNode boot, boolean atSettings) {
    if (personality.bootSource() == (atSettings ? BootSource.SYSTEM : BootSource.SETTINGS)) {
      return Optional.of(Errors.notWritable("Boot"));
    }
    Optional<Reply> fault = fault(boot);
    if (fault.isPresent()) {
      return fault;
    }
    Words old = now();
    String enabled = text(boot, ENABLED, old.enabled());
    if (personality.onceBecomesAlways() && enabled.equals("Once")) {
      enabled = "Continuous";
    }
    String mode =
        personality.modeFallsToLegacy() && boot.has(TARGET) && !boot.has(MODE)
            ? "Legacy"
            : text(boot, MODE, old.mode());
    if (personality.has(Personality.Oddity.MODE_AT_RESTART) && !mode.equals(old.mode())) {
      oldMode = oldMode.or(() -> Optional.of(old.mode()));
    }
    Optional<URI> uri = old.uri();
    if (boot.has(HTTP_URI)) {
      uri =
          boot.get(HTTP_URI).isString()
              ? Optional.of(URI.create(boot.get(HTTP_URI).asString()))
              : Optional.empty();
    }
    words = new Words(enabled, text(boot, TARGET, old.target()), mode, uri);
    told = words.meaning();
    machine.setNextBoot(told);
    return Optional.empty();
  }

  private Optional<Reply> fault(ObjectNode boot) {
    for (Map.Entry<String, JsonNode> property : boot.properties()) {
      String name = property.getKey();
      String value = property.getValue().asString("");
      Optional<Reply> fault =
          switch (name) {
            case TARGET -> oneOf(personality.bootTargets(), value, name);
            case ENABLED -> oneOf(personality.bootEnabled(), value, name);
            case MODE -> mode(value);
            case HTTP_URI -> uri(value);
            case "BootOrder", "BootNext" -> Optional.of(Errors.notWritable(name));
            default -> Optional.of(Errors.unknownProperty(name));
          };
      if (fault.isPresent()) {
        return fault;
      }
    }
    if (personality.wholeBootOnly()) {
      return List.of(ENABLED, TARGET, MODE).stream()
          .filter(name -> !boot.has(name))
          .findFirst()
          .map(Errors::missing);
    }
    return Optional.empty();
  }

  private Optional<Reply> mode(String value) {
    if (!personality.modeProperty()) {
      return Optional.of(Errors.unknownProperty(MODE));
    }
    return personality.modeWritable()
        ? oneOf(MODES, value, MODE)
        : Optional.of(Errors.notWritable(MODE));
  }

  private Optional<Reply> uri(String value) {
    if (!personality.httpBootUri()) {
      return Optional.of(Errors.unknownProperty(HTTP_URI));
    }
    return value.isEmpty() || value.matches("https?://[!-~&&[^\"<>\\\\^`{|}]]+")
        ? Optional.empty()
        : Optional.of(Errors.notInList(value, HTTP_URI));
  }

  private static Optional<Reply> oneOf(List<String> values, String value, String name) {
    return values.contains(value) ? Optional.empty() : Optional.of(Errors.notInList(value, name));
  }

  private static String text(ObjectNode boot, String name, String otherwise) {
    return boot.has(name) ? boot.get(name).asString("") : otherwise;
  }
}
