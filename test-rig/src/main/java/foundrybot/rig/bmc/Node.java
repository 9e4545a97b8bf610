// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.rig.bmc.Personality.Oddity;
import foundrybot.rig.bmc.Personality.ResetValues;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One of the systems that a BMC has: its panels, and its part of the tree. */
final class Node {
  private final Personality personality;
  private final Machine machine;
  private final int number;
  private final MediaPlayer player;
  private final String system;
  private final String chassis;
  private final EventLog log;
  private final PowerPanel power;
  private final BootPanel boot;
  private final SetupPanel setup;
  private final InstantSource clock;
  private final Map<String, MediaPanel> media = new HashMap<>();

  Node(
      Personality personality,
      Machine machine,
      int number,
      InstantSource clock,
      MediaPlayer player,
      boolean ignoresShutdown) {
    this.personality = personality;
    this.machine = machine;
    this.number = number;
    this.player = player;
    this.system = "/redfish/v1/Systems/" + personality.systemId(number);
    this.chassis = "/redfish/v1/Chassis/" + personality.chassisId(number);
    this.log = new EventLog(clock);
    this.power = new PowerPanel(personality, machine, log, clock, ignoresShutdown);
    this.boot = new BootPanel(personality, machine);
    this.setup = new SetupPanel(personality, system + "/Bios");
    this.clock = clock;
  }

  String system() {
    return system;
  }

  String chassis() {
    return chassis;
  }

  String settings() {
    return system + "/" + personality.settingsName();
  }

  String reset() {
    return system + "/Actions/ComputerSystem.Reset";
  }

  String logService() {
    return system + "/LogServices/SEL";
  }

  EventLog log() {
    return log;
  }

  PowerPanel power() {
    return power;
  }

  BootPanel boot() {
    return boot;
  }

  SetupPanel setup() {
    return setup;
  }

  /** A reset of that type is carried out. */
  void press(String type) {
    boolean on = power.isOn();
    power.press(type);
    boolean starts =
        switch (type) {
          case "On", "ForceOn", "PushPowerButton" -> !on;
          case "ForceRestart", "GracefulRestart" -> on;
          case "PowerCycle" -> true;
          default -> false;
        };
    if (starts) {
      boot.started();
      setup.started();
    }
  }

  /** The drives by their paths; one and the same may have two. */
  Map<String, MediaPanel> media() {
    return media;
  }

  int imageRequests() {
    return media.values().stream().distinct().mapToInt(MediaPanel::imageRequests).sum();
  }

  void stopMedia() {
    media.values().forEach(MediaPanel::stop);
  }

  /** Adds all that is below the system and its chassis. */
  void addTo(Resources resources, boolean alone) {
    resources.add(system, this::systemResource);
    if (personality.hasSettings()) {
      resources.add(settings(), this::settingsResource);
    }
    if (personality.resetValues() == ResetValues.ACTION_INFO) {
      resources.add(
          system + "/ResetActionInfo",
          "#ActionInfo.v1_3_0.ActionInfo",
          "Reset Action Info",
          "Parameters",
          List.of(
              Json.object(
                  "Name",
                  "ResetType",
                  "Required",
                  true,
                  "DataType",
                  "String",
                  "AllowableValues",
                  personality.resetTypes())));
    }
    new Hardware(personality, machine, number, system, chassis).addTo(resources);
    setup.addTo(resources);
    addLogs(resources);
    addMedia(resources, alone);
  }

  private Map<String, Object> systemResource() {
    Map<String, Object> resource =
        Resources.common(system, "#ComputerSystem.v1_20_0.ComputerSystem", "System");
    told(resource, "Manufacturer", personality.vendor());
    told(resource, "Model", personality.model());
    told(resource, "BiosVersion", personality.biosVersion());
    told(resource, "SerialNumber", machine.serial());
    resource.put("SystemType", "Physical");
    resource.put("UUID", uuid().toUpperCase(Locale.ROOT));
    resource.put("PowerState", power.shown());
    resource.put("Status", Json.object("State", "Enabled", "Health", "OK"));
    if (!personality.has(Oddity.NO_BOOT)) {
      resource.put("Boot", boot.system());
    }
    if (setup.isThere()) {
      resource.put("Bios", Json.link(setup.path()));
    }
    if (personality.bootProgress()) {
      resource.put("BootProgress", Json.object("LastState", power.isOn() ? "OSRunning" : "None"));
    }
    resource.put(
        "ProcessorSummary", Json.object("Count", Hardware.PROCESSORS, "Model", Hardware.PROCESSOR));
    resource.put("MemorySummary", Json.object("TotalSystemMemoryGiB", Hardware.MEMORY_GIB));
    resource.put(
        "TrustedModules",
        List.of(Json.object("InterfaceType", "TPM2_0", "FirmwareVersion", "7.2.2.0")));
    for (String below : List.of("Processors", "Memory", "Storage", "LogServices")) {
      resource.put(below, Json.link(system + "/" + below));
    }
    if (Hardware.hasInterfaces(personality)) {
      resource.put("EthernetInterfaces", Json.link(system + "/EthernetInterfaces"));
    }
    if (hasMedia()) {
      resource.put("VirtualMedia", Json.link(system + "/VirtualMedia"));
    }
    resource.put(
        "Links",
        Json.object(
            "Chassis",
            List.of(Json.link(chassis)),
            "ManagedBy",
            List.of(Json.link("/redfish/v1/Managers/" + personality.managerId()))));
    Map<String, Object> reset = Json.object("target", reset());
    if (personality.resetValues() == ResetValues.INLINE) {
      reset.put("ResetType@Redfish.AllowableValues", personality.resetTypes());
    } else if (personality.resetValues() == ResetValues.ACTION_INFO) {
      reset.put("@Redfish.ActionInfo", system + "/ResetActionInfo");
    }
    resource.put("Actions", Json.object("#ComputerSystem.Reset", reset));
    if (personality.hasSettings()) {
      resource.put(
          "@Redfish.Settings",
          Json.object(
              "@odata.type", "#Settings.v1_3_5.Settings", "SettingsObject", Json.link(settings())));
    }
    return resource;
  }

  private String uuid() {
    return personality.has(Oddity.UUID_OF_ZEROS)
        ? "00000000-0000-0000-0000-" + machine.macs().getFirst().text().replace(":", "")
        : machine.uuid().toString();
  }

  private boolean hasMedia() {
    return !mediaBelow(system).isEmpty();
  }

  /** The paths of the drives below this one, in order. */
  List<String> mediaBelow(String path) {
    return media.keySet().stream().filter(one -> one.startsWith(path + "/")).sorted().toList();
  }

  private static void told(Map<String, Object> resource, String name, String value) {
    if (!value.isEmpty()) {
      resource.put(name, value);
    }
  }

  private Map<String, Object> settingsResource() {
    Map<String, Object> resource =
        Resources.common(settings(), "#ComputerSystem.v1_20_0.ComputerSystem", "Settings");
    resource.put("Boot", boot.settings());
    return resource;
  }

  private void addLogs(Resources resources) {
    resources.collection(
        system + "/LogServices", "LogServiceCollection", () -> List.of(logService()));
    resources.add(
        logService(),
        "#LogService.v1_4_0.LogService",
        "System event log",
        "LogEntryType",
        "SEL",
        "Entries",
        Json.link(logService() + "/Entries"),
        "Actions",
        Json.object(
            "#LogService.ClearLog",
            Json.object("target", logService() + "/Actions/LogService.ClearLog")));
    resources.entries(
        logService() + "/Entries",
        "LogEntryCollection",
        () -> log.entries(logService() + "/Entries"));
  }

  private void addMedia(Resources resources, boolean alone) {
    for (Personality.Slot slot : personality.mediaSlots()) {
      MediaPanel panel = new MediaPanel(personality, slot, machine, player, log, clock);
      // A drive of the manager's is that of its only system.
      if (alone && personality.mediaUnder().contains("Managers")) {
        media.put(
            "/redfish/v1/Managers/" + personality.managerId() + "/VirtualMedia/" + slot.id(),
            panel);
      }
      if (!alone || personality.mediaUnder().contains("Systems")) {
        media.put(system + "/VirtualMedia/" + slot.id(), panel);
      }
    }
    media.forEach((path, panel) -> resources.add(path, () -> panel.resource(path)));
    if (hasMedia()) {
      resources.collection(
          system + "/VirtualMedia", "VirtualMediaCollection", () -> mediaBelow(system));
    }
  }
}
