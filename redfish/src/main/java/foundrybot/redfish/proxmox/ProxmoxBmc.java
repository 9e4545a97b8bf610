// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.redfish.Conversations;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.LogEntry;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.proxmox.Finder.Found;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** A virtual machine of Proxmox VE. */
final class ProxmoxBmc implements Bmc {
  private static final Duration CHANGE = Duration.ofMinutes(1);

  private final Api api;
  private final Finder finder;
  private final InstantSource clock;
  private final Conversations conversations = new Conversations();

  ProxmoxBmc(Api api, Finder finder, InstantSource clock) {
    this.api = api;
    this.finder = finder;
    this.clock = clock;
  }

  @Override
  public String describe() {
    return api.name() + " " + finder.card();
  }

  @Override
  public Outcome<Identity> identify() {
    return guarded(
        found -> {
          String version = api.shown(api.get("/version").text("version"));
          String machine = found.config().name() + " (" + found.place() + ")";
          return done(
              new Identity("Proxmox VE API", "Proxmox VE", machine, version),
              "Proxmox VE " + version + ", " + machine);
        });
  }

  @Override
  public Outcome<PowerState> power() {
    return guarded(
        found -> {
          GuestPower.Now now = new GuestPower(api, found.place()).read();
          return done(now.state(), now.told());
        });
  }

  @Override
  public Outcome<PowerState> power(PowerAction action, Duration patience) {
    return guarded(
        found -> {
          List<String> steps = new ArrayList<>();
          PowerState state = new GuestPower(api, found.place()).act(action, patience, steps);
          return done(state, found.place() + ": " + String.join(", ", steps));
        });
  }

  @Override
  public Outcome<BootSetting> nextBoot() {
    return guarded(
        found -> {
          BootSetting setting = setting(found.config());
          return done(setting, "boots " + setting.text());
        });
  }

  @Override
  public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
    if (wanted.device() == BootDevice.HTTP) {
      return new Outcome.Unsupported<>(
          describe(), "setting UEFI HTTP boot: its boot order names devices, not what they do");
    }
    return guarded(
        found -> {
          check(wanted, found.config());
          String order = found.config().order(wanted.device(), Optional.of(finder.card()));
          new Tasks(api)
              .run(
                  Call.post(found.place().path("/config"), Map.of("boot", order)),
                  clock.instant().plus(CHANGE));
          GuestConfig after = finder.guests().config(found.place());
          BootSetting seen = setting(after);
          if (wanted.device() != BootDevice.USUAL && seen.device() != wanted.device()) {
            throw api.fault(
                Kind.NO_EFFECT,
                "the boot order of " + found.place(),
                "set, and it boots " + seen.text(),
                "see the option 'boot' of the machine");
          }
          return new Done<>(
              seen, describe() + ": boots " + seen.text(), warnings(wanted, found.place()));
        });
  }

  /** What an order of devices cannot change. */
  private void check(BootSetting wanted, GuestConfig config) {
    boolean ofDevices = wanted.device() != BootDevice.USUAL;
    if (ofDevices && !config.has(wanted.device())) {
      throw api.fault(
          Kind.REFUSED,
          "booting " + wanted.device(),
          "it has no such device",
          "add one to the machine's hardware");
    }
    if (wanted.mode() != FirmwareMode.AS_IS && wanted.mode() != config.firmware()) {
      throw api.fault(
          Kind.REFUSED,
          "booting with " + wanted.mode(),
          "its firmware is " + config.firmware(),
          "set 'firmware: as-is' for this node, or make the machine anew with the other firmware");
    }
  }

  private List<String> warnings(BootSetting wanted, Place place) {
    List<String> warnings = new ArrayList<>();
    if (wanted.lasting() == Lasting.ONCE && wanted.device() != BootDevice.USUAL) {
      warnings.add("Proxmox VE has no 'once': this order stays until another one is set");
    }
    if (new GuestPower(api, place).read().state() != PowerState.OFF) {
      warnings.add("it is on: the order holds from its next power-on, not from a reset");
    }
    return warnings;
  }

  private static BootSetting setting(GuestConfig config) {
    return new BootSetting(config.boots(), Optional.empty(), Lasting.ALWAYS, config.firmware());
  }

  @Override
  public Outcome<List<MediaSlot>> media() {
    return guarded(
        found -> {
          List<MediaSlot> slots = media(found).slots();
          return done(slots, slots.size() + " slots");
        });
  }

  @Override
  public Outcome<MediaSlot> insertMedia(URI image) {
    String scheme = String.valueOf(image.getScheme());
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return new Outcome.Unsupported<>(describe(), "images by anything but http and https");
    }
    return guarded(
        found -> {
          MediaSlot slot = media(found).insert(image);
          List<String> warnings =
              scheme.equals("https")
                  ? List.of("the node fetched the image without checking the certificate")
                  : List.of();
          return new Done<>(
              slot, describe() + ": inserted " + slot.image() + " into " + slot.name(), warnings);
        });
  }

  @Override
  public Outcome<List<MediaSlot>> ejectMedia() {
    return guarded(found -> done(media(found).eject(), "ejected"));
  }

  private GuestMedia media(Found found) {
    return new GuestMedia(api, finder.guests(), found.place());
  }

  @Override
  public Outcome<Inventory> inventory() {
    return guarded(
        found -> {
          Inventory inventory = found.config().inventory();
          return done(inventory, found.place() + ", UUID " + inventory.uuid());
        });
  }

  /** The tasks of the machine on the node where it is now. */
  @Override
  public Outcome<List<LogEntry>> log(int most) {
    return guarded(
        found -> {
          Map<String, String> query =
              Map.of(
                  "vmid",
                  Integer.toString(found.place().vmid()),
                  "limit",
                  Integer.toString(Math.clamp(most, 1, 500)));
          List<LogEntry> entries =
              api.get("/nodes/" + found.place().node() + "/tasks", query).items().stream()
                  .flatMap(task -> entry(task))
                  .sorted(Comparator.comparing(LogEntry::at))
                  .toList();
          return done(entries, entries.size() + " tasks");
        });
  }

  private Stream<LogEntry> entry(Data task) {
    return task.number("starttime").filter(seconds -> seconds < 1L << 36).stream()
        .map(
            seconds -> {
              String status = task.text("status");
              String severity = status.isEmpty() ? "" : status.equals("OK") ? "OK" : "Warning";
              String message = task.text("type") + " by " + task.text("user") + ": " + status;
              return new LogEntry(
                  Instant.ofEpochSecond(seconds).toString(), severity, api.shown(message));
            });
  }

  @Override
  public void close() {
    api.close();
  }

  private <T> Done<T> done(T value, String what) {
    return new Done<>(value, describe() + ": " + api.shown(what));
  }

  private <T> Outcome<T> guarded(Function<Found, Outcome<T>> call) {
    return conversations.hold(() -> call.apply(finder.find()));
  }
}
