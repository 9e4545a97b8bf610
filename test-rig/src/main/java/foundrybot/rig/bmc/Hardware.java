// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.HardwareAddress;
import foundrybot.rig.bmc.Personality.Nics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is inside a system, as its BMC tells it; it never changes. */
final class Hardware {
  static final int PROCESSORS = 2;
  static final String PROCESSOR = "Example 9000 32-Core";
  static final int MEMORY_GIB = 256;
  private static final int MODULES = 8;
  private static final int DRIVES = 2;

  private final Personality personality;
  private final Machine machine;
  private final int number;
  private final String system;
  private final String chassis;

  Hardware(Personality personality, Machine machine, int number, String system, String chassis) {
    this.personality = personality;
    this.machine = machine;
    this.number = number;
    this.system = system;
    this.chassis = chassis;
  }

  void addTo(Resources resources) {
    addChassis(resources);
    addProcessorsAndMemory(resources);
    addStorage(resources);
    addInterfaces(resources);
    addAdapters(resources);
  }

  private void addChassis(Resources resources) {
    resources.add(
        chassis,
        "#Chassis.v1_21_0.Chassis",
        "Chassis",
        "ChassisType",
        "RackMount",
        "Manufacturer",
        personality.vendor(),
        "Model",
        personality.model(),
        "SerialNumber",
        machine.serial(),
        "Status",
        Json.object("State", "Enabled", "Health", "OK"),
        "NetworkAdapters",
        has(Nics.FUNCTIONS) || has(Nics.PORTS) || has(Nics.INFINIBAND)
            ? Optional.of(Json.link(chassis + "/NetworkAdapters"))
            : Optional.empty(),
        "Links",
        Json.object("ComputerSystems", List.of(Json.link(system))));
  }

  private void addProcessorsAndMemory(Resources resources) {
    List<String> processors = new ArrayList<>();
    for (int i = 1; i <= PROCESSORS; i++) {
      String path = system + "/Processors/CPU" + i;
      processors.add(path);
      resources.add(
          path,
          "#Processor.v1_18_0.Processor",
          "Processor " + i,
          "ProcessorType",
          "CPU",
          "Model",
          PROCESSOR,
          "TotalCores",
          32,
          "TotalThreads",
          64);
    }
    resources.collection(
        system + "/Processors", "ProcessorCollection", () -> List.copyOf(processors));
    List<String> modules = new ArrayList<>();
    for (int i = 1; i <= MODULES; i++) {
      String path = system + "/Memory/DIMM" + i;
      modules.add(path);
      resources.add(
          path,
          "#Memory.v1_17_0.Memory",
          "DIMM " + i,
          "CapacityMiB",
          MEMORY_GIB * 1024 / MODULES,
          "MemoryDeviceType",
          "DDR5");
    }
    resources.collection(system + "/Memory", "MemoryCollection", () -> List.copyOf(modules));
  }

  private void addStorage(Resources resources) {
    String storage = system + "/Storage/1";
    List<String> drives = new ArrayList<>();
    for (int i = 1; i <= DRIVES; i++) {
      String path = storage + "/Drives/" + i;
      drives.add(path);
      resources.add(
          path,
          "#Drive.v1_17_0.Drive",
          "Drive " + i,
          "Model",
          "Example NVMe 960",
          "SerialNumber",
          machine.serial() + "-D" + i,
          "CapacityBytes",
          960_197_124_096L,
          "MediaType",
          "SSD",
          "Protocol",
          "NVMe");
    }
    resources.collection(system + "/Storage", "StorageCollection", () -> List.of(storage));
    resources.add(
        storage,
        "#Storage.v1_15_0.Storage",
        "Storage",
        "Drives",
        Json.links(drives),
        "Drives@odata.count",
        DRIVES);
  }

  private boolean has(Nics where) {
    return personality.nics().contains(where);
  }

  static boolean hasInterfaces(Personality personality) {
    return personality.nics().contains(Nics.SYSTEM) || personality.nics().contains(Nics.HOST_LINK);
  }

  private String text(HardwareAddress mac) {
    return switch (personality.macs()) {
      case UPPER -> mac.text().toUpperCase(Locale.ROOT);
      case LOWER -> mac.text();
      case PLAIN -> mac.text().replace(":", "").toUpperCase(Locale.ROOT);
    };
  }

  private void addInterfaces(Resources resources) {
    List<String> paths = new ArrayList<>();
    List<HardwareAddress> macs = has(Nics.SYSTEM) ? machine.macs() : List.of();
    for (HardwareAddress mac : macs) {
      String path = system + "/EthernetInterfaces/" + (paths.size() + 1);
      paths.add(path);
      resources.add(
          path,
          "#EthernetInterface.v1_9_0.EthernetInterface",
          "NIC " + paths.size(),
          "MACAddress",
          text(mac),
          "PermanentMACAddress",
          personality.permanentMac() ? Optional.of(text(mac)) : Optional.empty(),
          "LinkStatus",
          personality.nicStatus() ? Optional.of("LinkUp") : Optional.empty(),
          "Status",
          personality.nicStatus()
              ? Optional.of(Json.object("State", "Enabled", "Health", "OK"))
              : Optional.empty());
    }
    if (has(Nics.HOST_LINK)) {
      String path = system + "/EthernetInterfaces/ToManager";
      paths.add(path);
      resources.add(
          path,
          "#EthernetInterface.v1_9_0.EthernetInterface",
          "Host link to the manager",
          "MACAddress",
          text(new HardwareAddress("0a:94:ef:00:00:" + String.format("%02x", number))),
          "Status",
          Json.object("State", "Disabled"));
    }
    if (hasInterfaces(personality)) {
      resources.collection(
          system + "/EthernetInterfaces", "EthernetInterfaceCollection", () -> List.copyOf(paths));
    }
  }

  private void addAdapters(Resources resources) {
    String adapters = chassis + "/NetworkAdapters";
    String adapter = adapters + "/NIC1";
    List<String> functions = new ArrayList<>();
    List<String> ports = new ArrayList<>();
    for (HardwareAddress mac : machine.macs()) {
      if (has(Nics.FUNCTIONS)) {
        String path = adapter + "/NetworkDeviceFunctions/" + (functions.size() + 1);
        functions.add(path);
        resources.add(
            path,
            "#NetworkDeviceFunction.v1_9_0.NetworkDeviceFunction",
            "Function " + functions.size(),
            "Ethernet",
            Json.object(
                "MACAddress",
                text(mac),
                "PermanentMACAddress",
                personality.permanentMac() ? Optional.of(text(mac)) : Optional.empty()));
      }
      if (has(Nics.PORTS)) {
        ports.add(port(resources, adapter, ports.size() + 1, text(mac)));
      }
    }
    if (has(Nics.INFINIBAND)) {
      ports.add(port(resources, adapter, ports.size() + 1, "88e9:a4ff:ff80:9da2"));
    }
    if (functions.isEmpty() && ports.isEmpty()) {
      return;
    }
    resources.collection(adapters, "NetworkAdapterCollection", () -> List.of(adapter));
    resources.add(
        adapter,
        "#NetworkAdapter.v1_9_0.NetworkAdapter",
        "Network adapter",
        "NetworkDeviceFunctions",
        functions.isEmpty()
            ? Optional.empty()
            : Optional.of(Json.link(adapter + "/NetworkDeviceFunctions")),
        "Ports",
        ports.isEmpty() ? Optional.empty() : Optional.of(Json.link(adapter + "/Ports")));
    resources.collection(
        adapter + "/NetworkDeviceFunctions",
        "NetworkDeviceFunctionCollection",
        () -> List.copyOf(functions));
    resources.collection(adapter + "/Ports", "PortCollection", () -> List.copyOf(ports));
  }

  private static String port(Resources resources, String adapter, int number, String address) {
    String path = adapter + "/Ports/" + number;
    resources.add(
        path,
        "#Port.v1_9_0.Port",
        "Port " + number,
        "LinkStatus",
        "LinkUp",
        "Ethernet",
        Json.object("AssociatedMACAddresses", List.of(address)));
    return path;
  }
}
