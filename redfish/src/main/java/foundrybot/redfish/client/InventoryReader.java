// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.Inventory;
import foundrybot.redfish.Inventory.Cpu;
import foundrybot.redfish.Inventory.Drive;
import foundrybot.redfish.Outcome.Done;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a machine is made of; whatever part cannot be read is left out. */
final class InventoryReader {
  private static final int MAX_DRIVES = 256;

  /** Half of it the same for all machines of a maker: it tells no machine from another. */
  private static final String NO_UUID_OF_ONE = "00000000-0000-0000-0000-";

  private final RedfishTree tree;
  private final Place place;

  InventoryReader(RedfishTree tree, Place place) {
    this.tree = tree;
    this.place = place;
  }

  Done<Inventory> read() {
    Props system = tree.get(place.system()).props();
    String uuid = uuid(system.textOrEmpty("UUID"));
    List<String> warnings = new ArrayList<>();
    if (uuid.startsWith(NO_UUID_OF_ONE)) {
      warnings.add(
          "The UUID is not unique to this machine: tell it by its serial number and MACs.");
    }
    Inventory inventory =
        new Inventory(
            uuid,
            system.text("SerialNumber").or(() -> system.text("SKU")).orElse(""),
            place.identity().vendor(),
            system.textOrEmpty("Model"),
            system.textOrEmpty("BiosVersion"),
            place.identity().firmware(),
            cpus(system),
            memory(system),
            new NicReader(tree, place).read(),
            drives(system),
            tpm(system));
    String line =
        String.format(
            "%d CPUs, %d MiB, %d NICs, %d drives",
            inventory.cpus().size(),
            inventory.memoryMiB(),
            inventory.nics().size(),
            inventory.drives().size());
    return new Done<>(inventory, line, warnings);
  }

  /**
   * With hyphens and in lower case, also where it is written as a URN, in braces or without any.
   */
  private static String uuid(String told) {
    String small = told.toLowerCase(Locale.ROOT);
    String digits = small.replaceFirst("^urn:uuid:", "").replaceAll("[{}-]", "");
    return digits.matches("[0-9a-f]{32}")
        ? digits.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5")
        : small;
  }

  private List<Cpu> cpus(Props system) {
    List<Cpu> cpus = new ArrayList<>();
    for (Resource cpu : tree.members(system.link("Processors"))) {
      Props props = cpu.props();
      boolean absent = props.textOrEmpty("Status", "State").equalsIgnoreCase("Absent");
      String type = props.text("ProcessorType").orElse("CPU");
      if (!absent && type.equalsIgnoreCase("CPU")) {
        cpus.add(
            new Cpu(
                props.text("Socket").orElse(cpu.id()),
                props.textOrEmpty("Model"),
                (int) props.number("TotalCores").orElse(0),
                (int) props.number("TotalThreads").orElse(0)));
      }
    }
    if (cpus.isEmpty()) {
      Props summary = system.at("ProcessorSummary");
      int cores = (int) summary.number("CoreCount").orElse(0);
      int threads = (int) summary.number("LogicalProcessorCount").orElse(0);
      int count = (int) Math.min(64, summary.number("Count").orElse(0));
      for (int i = 0; i < count; i++) {
        cpus.add(new Cpu("CPU" + i, summary.textOrEmpty("Model"), cores / count, threads / count));
      }
    }
    return cpus;
  }

  private long memory(Props system) {
    double gib = system.decimal("MemorySummary", "TotalSystemMemoryGiB").orElse(0);
    if (gib > 0) {
      return Math.round(gib * 1024);
    }
    long sum = 0;
    for (Resource module : tree.members(system.link("Memory"))) {
      sum += module.props().number("CapacityMiB").orElse(0);
    }
    return sum;
  }

  private List<Drive> drives(Props system) {
    List<Drive> drives = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    for (Resource storage : tree.members(system.link("Storage"))) {
      for (String uri : storage.props().links("Drives")) {
        if (seen.size() < MAX_DRIVES && seen.add(uri)) {
          tree.find(uri).map(InventoryReader::drive).ifPresent(drives::add);
        }
      }
    }
    if (drives.isEmpty()) {
      place.chassis().stream()
          .flatMap(uri -> tree.find(uri).stream())
          .flatMap(chassis -> tree.members(chassis.props().link("Drives")).stream())
          .limit(MAX_DRIVES)
          .forEach(found -> drives.add(drive(found)));
    }
    if (drives.isEmpty()) {
      for (Resource controller : tree.members(system.link("SimpleStorage"))) {
        for (Props device : controller.props().items("Devices")) {
          drives.add(drive(new Resource("", device, java.util.Optional.empty())));
        }
      }
    }
    return drives;
  }

  private static Drive drive(Resource drive) {
    Props props = drive.props();
    return new Drive(
        props.text("Name").orElse(drive.id()),
        props.textOrEmpty("Model"),
        props.textOrEmpty("SerialNumber"),
        props.number("CapacityBytes").orElse(0),
        props.textOrEmpty("MediaType"));
  }

  private static String tpm(Props system) {
    for (Props module : system.items("TrustedModules")) {
      String state = module.textOrEmpty("Status", "State");
      String type = module.textOrEmpty("InterfaceType");
      if (!type.isEmpty() && !state.equalsIgnoreCase("Absent")) {
        return state.isEmpty() || state.equalsIgnoreCase("Enabled")
            ? type
            : type + " (" + state + ")";
      }
    }
    return "";
  }
}
