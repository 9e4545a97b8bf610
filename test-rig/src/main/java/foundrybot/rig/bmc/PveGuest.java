// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A machine of the emulated Proxmox VE: its configuration, what of it waits for the next start, and
 * the machine itself, which is made when it first starts.
 */
final class PveGuest {
  private static final Pattern MAC = Pattern.compile("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}");

  /** What holds at once in a machine that runs (qm(1), "hotplug" and pending changes). */
  private static final List<String> AT_ONCE =
      List.of("name", "description", "tags", "onboot", "protection", "startup", "lock");

  final String node;
  final int vmid;
  final Instant made;
  final Map<String, String> config = new LinkedHashMap<>();
  final Map<String, String> pending = new LinkedHashMap<>();
  private final Function<PoweredMachine.Plate, PoweredMachine> maker;
  private Optional<PoweredMachine> machine = Optional.empty();
  boolean paused;

  PveGuest(
      String node,
      int vmid,
      Instant made,
      Map<String, String> config,
      Function<PoweredMachine.Plate, PoweredMachine> maker) {
    this.node = node;
    this.vmid = vmid;
    this.made = made;
    this.config.putAll(config);
    this.maker = maker;
  }

  boolean runs() {
    return machine.filter(m -> m.powerState() == PowerState.ON).isPresent();
  }

  Optional<PoweredMachine> machine() {
    return machine;
  }

  String get(String key) {
    return config.getOrDefault(key, "");
  }

  void checkLock() {
    if (!get("lock").isEmpty()) {
      throw PveError.of("VM is locked (" + get("lock") + ")");
    }
  }

  /** What will hold after the next start. */
  Map<String, String> wanted() {
    Map<String, String> wanted = new LinkedHashMap<>(config);
    wanted.putAll(pending);
    return wanted;
  }

  /** Changes an option: at once, or where the machine runs with its next start. */
  void set(String key, String value) {
    boolean cd = value.contains("media=cdrom") && config.containsKey(key);
    if (runs() && !AT_ONCE.contains(key) && !cd) {
      pending.put(key, value);
    } else {
      config.put(key, value);
      pending.remove(key);
    }
  }

  void start(Function<String, Optional<URI>> media) {
    config.putAll(pending);
    pending.clear();
    PoweredMachine started = machine.orElseGet(this::make);
    machine = Optional.of(started);
    started.setNextBoot(boots());
    started.media(
        config.values().stream()
            .filter(value -> value.contains("media=cdrom"))
            .flatMap(value -> media.apply(value.split(",", -1)[0]).stream())
            .findFirst());
    started.on();
  }

  private PoweredMachine make() {
    String uuid = get("smbios1").replaceFirst("^uuid=([^,]*).*", "$1");
    return maker.apply(
        new PoweredMachine.Plate(
            uuid.isEmpty() ? new UUID(0, vmid) : UUID.fromString(uuid), "", macs()));
  }

  List<HardwareAddress> macs() {
    List<HardwareAddress> macs = new ArrayList<>();
    for (int i = 0; config.containsKey("net" + i); i++) {
      Matcher mac = MAC.matcher(get("net" + i));
      if (mac.find()) {
        macs.add(new HardwareAddress(mac.group()));
      }
    }
    return macs;
  }

  /** The first device of its order. */
  private BootSetting boots() {
    String first = get("boot").replaceFirst("^order=", "").split(";", -1)[0];
    if (first.isEmpty()) {
      return BootSetting.NONE;
    }
    BootDevice device =
        first.startsWith("net")
            ? BootDevice.PXE
            : get(first).contains("media=cdrom") ? BootDevice.CD : BootDevice.DISK;
    return new BootSetting(device, Optional.empty(), Lasting.ALWAYS, FirmwareMode.AS_IS);
  }

  Map<String, Object> status() {
    return Json.object(
        "vmid",
        vmid,
        "name",
        get("name"),
        "status",
        runs() ? "running" : "stopped",
        "qmpstatus",
        runs() ? (paused ? "paused" : "running") : "stopped",
        "cpus",
        Integer.parseInt(config.getOrDefault("cores", "1")),
        "lock",
        get("lock").isEmpty() ? Optional.empty() : Optional.of(get("lock")),
        "ha",
        Map.of("managed", 0));
  }
}
