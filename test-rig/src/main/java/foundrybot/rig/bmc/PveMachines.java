// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The calls below {@code /nodes/NODE/qemu}: machines are made, changed, switched and deleted. */
final class PveMachines {
  private static final Pattern OPTIONS =
      Pattern.compile(
          "(name|ostype|machine|cpu|sockets|cores|memory|bios|scsihw|smbios1|tags|description|boot"
              + "|digest|onboot|protection|agent|efidisk0|tpmstate0|serial[0-3]"
              + "|(scsi|virtio|sata|ide|net)\\d{1,2})");
  private static final Pattern DRIVE =
      Pattern.compile("(scsi|virtio|sata|ide)\\d{1,2}|efidisk0|tpmstate0");
  private static final Pattern NEW_DISK =
      Pattern.compile("([A-Za-z][A-Za-z0-9._-]*):(\\d+(?:\\.\\d+)?)((?:,.*)?)");
  private static final Duration STATE = Duration.ofSeconds(3);

  private final PveEmulator.Setup setup;
  private final PveCluster cluster;
  private final PveTasks tasks;
  private final Dice dice;
  private final InstantSource clock;

  PveMachines(PveEmulator.Setup setup, PveCluster cluster, PveTasks tasks, Dice dice) {
    this.setup = setup;
    this.cluster = cluster;
    this.tasks = tasks;
    this.dice = dice;
    this.clock = setup.clock();
  }

  /** Whether a task of this request is to fail, having done nothing. */
  private Runnable or(Request request, Runnable work) {
    if (dice.hits(Fault.NO_OP, request)) {
      return () -> {};
    }
    return dice.hits(Fault.TASK_FAILS, request)
        ? () -> {
          throw PveError.of("command '/usr/bin/kvm' failed: exit code 1");
        }
        : work;
  }

  Object create(String node, Map<String, String> form, String user, Request request) {
    String id = form.getOrDefault("vmid", "");
    if (!id.matches("[1-9]\\d{2,8}")) {
      throw PveError.parameter("vmid", "invalid format - value does not look like a valid VM ID");
    }
    int vmid = Integer.parseInt(id);
    Map<String, String> config = new TreeMap<>(form);
    config.remove("vmid");
    checkOptions(config);
    if (cluster.guests.containsKey(vmid)) {
      throw PveError.of(
          "unable to create VM "
              + vmid
              + " - VM "
              + vmid
              + " already exists on node '"
              + cluster.guests.get(vmid).node
              + "'");
    }
    PveGuest guest =
        new PveGuest(node, vmid, clock.instant(), Map.of("lock", "create"), setup.maker());
    cluster.guests.put(vmid, guest);
    Runnable work =
        or(
            request,
            () -> {
              checkOrder(config, config.getOrDefault("boot", ""));
              allocate(config, vmid);
              guest.config.remove("lock");
              config.putIfAbsent("smbios1", "uuid=" + UUID.randomUUID());
              config.put("meta", "creation-qemu=9.0.2,ctime=" + clock.instant().getEpochSecond());
              config.put("vmgenid", UUID.randomUUID().toString());
              guest.config.putAll(config);
            });
    return tasks.begin(
        node,
        "qmcreate",
        vmid,
        user,
        setup.taskTime(),
        () -> {
          try {
            work.run();
          } catch (PveError e) {
            cluster.free(vmid);
            cluster.guests.remove(vmid);
            throw PveError.of("unable to create VM " + vmid + " - " + e.words());
          }
        });
  }

  private static void checkOptions(Map<String, String> config) {
    for (Map.Entry<String, String> option : config.entrySet()) {
      if (!OPTIONS.matcher(option.getKey()).matches()) {
        throw PveError.parameter(
            option.getKey(),
            "property is not defined in schema and the schema does not allow additional"
                + " properties");
      }
      if (option.getKey().equals("name")
          && !option.getValue().matches("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*")) {
        throw PveError.parameter(
            "name", "invalid format - value does not look like a valid DNS name");
      }
      if (List.of("cores", "memory").contains(option.getKey())
          && !option.getValue().matches("[1-9]\\d*")) {
        throw PveError.parameter(
            option.getKey(), "type check ('integer') failed - got '" + option.getValue() + "'");
      }
    }
  }

  private static void checkOrder(Map<String, String> config, String boot) {
    for (String device : boot.replaceFirst("^order=", "").split(";", -1)) {
      if (!device.isEmpty() && !config.containsKey(device)) {
        throw PveError.of("invalid bootorder: device '" + device + "' does not exist'");
      }
    }
  }

  /** A drive of STORAGE:SIZE becomes a volume; what firmware and TPM keep is 4 MiB. */
  private void allocate(Map<String, String> config, int vmid) {
    for (Map.Entry<String, String> option : config.entrySet()) {
      Matcher disk = NEW_DISK.matcher(option.getValue());
      if (DRIVE.matcher(option.getKey()).matches() && disk.matches()) {
        String size = option.getKey().matches("efidisk0|tpmstate0") ? "4M" : size(disk.group(2));
        option.setValue(
            cluster.allocate(disk.group(1), vmid)
                + disk.group(3).replaceFirst(",format=\\w+", "")
                + ",size="
                + size);
      }
    }
  }

  private static String size(String gibibytes) {
    double mebibytes = Double.parseDouble(gibibytes) * 1024;
    return mebibytes % 1024 == 0 ? (long) (mebibytes / 1024) + "G" : (long) mebibytes + "M";
  }

  /** Numbers come as numbers here, and memory as a text. */
  Map<String, Object> config(PveGuest guest, boolean current) {
    Map<String, Object> shown = new LinkedHashMap<>();
    (current ? guest.config : guest.wanted())
        .forEach(
            (key, value) ->
                shown.put(
                    key,
                    List.of("cores", "sockets").contains(key) ? Integer.valueOf(value) : value));
    shown.put("digest", digest(guest));
    return shown;
  }

  private static String digest(PveGuest guest) {
    return String.format(Locale.ROOT, "%040x", guest.config.hashCode() & 0xffffffffL);
  }

  /** POST is a task, PUT is done at once. */
  Object change(PveGuest guest, Map<String, String> form, String user, Request request) {
    Map<String, String> changes = new HashMap<>(form);
    checkOptions(changes);
    guest.checkLock();
    String expected = changes.remove("digest");
    if (expected != null && !expected.equals(digest(guest))) {
      throw PveError.of("detected modified configuration - file changed by other user? Try again.");
    }
    Map<String, String> after = guest.wanted();
    after.putAll(changes);
    checkOrder(after, changes.getOrDefault("boot", ""));
    for (String value : changes.values()) {
      String volume = value.split(",", -1)[0];
      if (value.contains("media=cdrom")
          && !volume.equals("none")
          && !cluster.volumes.containsKey(volume)) {
        throw PveError.of("volume '" + volume + "' does not exist");
      }
    }
    Runnable work = or(request, () -> changes.forEach(guest::set));
    if (request.method().equals("POST")) {
      return tasks.begin(guest.node, "qmconfig", guest.vmid, user, setup.taskTime(), work);
    }
    work.run();
    return Json.NULL;
  }

  Object power(
      PveGuest guest, String action, Map<String, String> form, String user, Request request) {
    String type =
        switch (action) {
          case "start", "stop", "shutdown", "reset", "resume" -> "qm" + action;
          default -> throw PveError.of(501, "Method 'POST " + request.path() + "' not implemented");
        };
    if (action.equals("reset") && !guest.runs()) {
      throw PveError.of("VM " + guest.vmid + " not running");
    }
    if (action.equals("shutdown")) {
      return shutDown(guest, form, user, request);
    }
    return tasks.begin(
        guest.node,
        type,
        guest.vmid,
        user,
        setup.taskTime(),
        or(
            request,
            () -> {
              guest.checkLock();
              switch (action) {
                case "start" -> start(guest);
                case "stop" -> guest.machine().ifPresent(PoweredMachine::off);
                case "reset" -> guest.machine().ifPresent(PoweredMachine::reset);
                default -> guest.paused = false;
              }
            }));
  }

  private void start(PveGuest guest) {
    if (guest.runs()) {
      throw PveError.of("VM " + guest.vmid + " already running");
    }
    Matcher bridge = Pattern.compile("bridge=([^,]+)").matcher(guest.get("net0"));
    if (bridge.find() && !cluster.bridges.contains(bridge.group(1))) {
      throw PveError.of("bridge '" + bridge.group(1) + "' does not exist");
    }
    guest.start(volume -> cluster.volumes.getOrDefault(volume, Optional.empty()));
  }

  /** The task waits for the operating system, and fails when that takes longer than it was told. */
  private Object shutDown(PveGuest guest, Map<String, String> form, String user, Request request) {
    String timeout = form.getOrDefault("timeout", "180");
    if (!timeout.matches("\\d{1,6}")) {
      throw PveError.parameter("timeout", "type check ('integer') failed - got '" + timeout + "'");
    }
    boolean deaf = dice.has(Fault.IGNORES_SHUTDOWN);
    Duration takes =
        deaf ? Duration.ofSeconds(Long.parseLong(timeout)) : setup.taskTime().plus(STATE);
    return tasks.begin(
        guest.node,
        "qmshutdown",
        guest.vmid,
        user,
        takes,
        or(
            request,
            () -> {
              guest.checkLock();
              if (deaf) {
                throw PveError.of("VM quit/powerdown failed - got timeout");
              }
              guest.machine().ifPresent(PoweredMachine::softOff);
            }));
  }

  Object delete(PveGuest guest, String user, Request request) {
    if (guest.get("protection").equals("1")) {
      throw PveError.of("can't remove VM " + guest.vmid + " - protection mode enabled");
    }
    guest.checkLock();
    if (guest.runs()) {
      throw PveError.of("VM " + guest.vmid + " is running - destroy failed");
    }
    return tasks.begin(
        guest.node,
        "qmdestroy",
        guest.vmid,
        user,
        setup.taskTime(),
        or(
            request,
            () -> {
              cluster.free(guest.vmid);
              cluster.guests.remove(guest.vmid);
            }));
  }

  /** The node fetches an image by itself; here it is remembered where from. */
  Object fetch(
      String node, String storage, Map<String, String> form, String user, Request request) {
    for (String name : List.of("url", "content", "filename")) {
      if (!form.containsKey(name)) {
        throw PveError.parameter(name, "property is missing and it is not optional");
      }
    }
    String volume = storage + ":iso/" + form.get("filename");
    if (cluster.volumes.containsKey(volume)) {
      throw PveError.of("refusing to override existing file");
    }
    URI url = URI.create(form.getOrDefault("url", ""));
    return tasks.begin(
        node,
        "download",
        0,
        user,
        setup.taskTime(),
        or(request, () -> cluster.volumes.put(volume, Optional.of(url))));
  }
}
