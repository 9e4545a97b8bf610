// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Conversations;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.WakeOnLan;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A virtual machine of libvirt. */
final class LibvirtBmc implements Bmc {
  private static final Pattern HYPERVISOR = Pattern.compile("Running hypervisor: (\\S+) (\\S+)");
  private static final Pattern LIBRARY = Pattern.compile("Using API: \\S+ (\\S+)");

  private static final String UNVERIFIED =
      "QEMU encrypts the way of the image, and does not verify whose certificate it is shown";

  private final Virsh virsh;
  private final String domain;
  private final Optional<HardwareAddress> card;
  private final boolean local;
  private final DomainPower power;
  private final Conversations conversations = new Conversations();

  /** One whose host is this one, {@code local}, or another. */
  LibvirtBmc(
      Virsh virsh,
      String domain,
      Optional<HardwareAddress> card,
      boolean local,
      InstantSource clock,
      WakeOnLan.Pause pause) {
    this.local = local;
    this.virsh = virsh;
    this.domain = domain;
    this.card = card;
    this.power = new DomainPower(virsh, domain, clock, pause);
  }

  @Override
  public String describe() {
    return virsh.name();
  }

  @Override
  public Outcome<Identity> identify() {
    return conversations.hold(
        () -> {
          String told = virsh.run("version");
          Matcher library = LIBRARY.matcher(told);
          Matcher hypervisor = HYPERVISOR.matcher(told);
          String kind = hypervisor.find() ? hypervisor.group(1) : "";
          String version = kind.isEmpty() ? "" : hypervisor.group(2);
          String service = ("libvirt " + (library.find() ? library.group(1) : "")).strip();
          String machine = definition(false).inventory().model();
          return done(
              new Identity(service, kind, machine, version), service + ", " + kind + version);
        });
  }

  @Override
  public Outcome<PowerState> power() {
    return conversations.hold(
        () -> {
          String state = power.read();
          return done(DomainPower.state(state), state);
        });
  }

  @Override
  public Outcome<PowerState> power(PowerAction action, Duration patience) {
    return conversations.hold(
        () -> {
          List<String> steps = new ArrayList<>();
          PowerState state = power.act(action, patience, steps);
          return done(state, String.join(", ", steps));
        });
  }

  @Override
  public Outcome<BootSetting> nextBoot() {
    return conversations.hold(
        () -> {
          BootSetting setting = setting(definition(false));
          return done(setting, "boots " + setting.text());
        });
  }

  @Override
  public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
    if (wanted.device() == BootDevice.HTTP) {
      return new Outcome.Unsupported<>(
          describe(), "setting UEFI HTTP boot: a definition names devices, not what they do");
    }
    return conversations.hold(
        () -> {
          DomainXml before = definition(false);
          check(wanted, before);
          before.boot(wanted.device(), card);
          virsh.feed(before.text(), "define", "--file", "/dev/stdin");
          BootSetting seen = setting(definition(false));
          if (wanted.device() != BootDevice.USUAL && seen.device() != wanted.device()) {
            throw virsh.fault(
                Kind.NO_EFFECT,
                "the boot order",
                "defined, and it boots " + seen.text(),
                "see the boot elements by 'virsh dumpxml --inactive'");
          }
          return new Done<>(seen, describe() + ": boots " + seen.text(), warnings(wanted));
        });
  }

  /** What a definition cannot change by its order of devices. */
  private void check(BootSetting wanted, DomainXml definition) {
    boolean ofDevices = wanted.device() != BootDevice.USUAL;
    if (ofDevices && !definition.has(wanted.device())) {
      throw virsh.fault(
          Kind.REFUSED,
          "booting " + wanted.device(),
          "it has no such device",
          "add one by 'virsh edit'");
    }
    if (wanted.mode() != FirmwareMode.AS_IS && wanted.mode() != definition.firmware()) {
      throw virsh.fault(
          Kind.REFUSED,
          "booting with " + wanted.mode(),
          "its firmware is " + definition.firmware(),
          "set 'firmware: as-is' for this node, or make the machine anew with the other firmware");
    }
  }

  private List<String> warnings(BootSetting wanted) {
    List<String> warnings = new ArrayList<>();
    if (wanted.lasting() == Lasting.ONCE && wanted.device() != BootDevice.USUAL) {
      warnings.add("libvirt has no 'once': this order stays until another one is set");
    }
    if (DomainPower.state(power.read()) != PowerState.OFF) {
      warnings.add("it is on: the order holds from its next power-on, not from a reset");
    }
    return warnings;
  }

  private static BootSetting setting(DomainXml definition) {
    return new BootSetting(
        definition.boots(), Optional.empty(), Lasting.ALWAYS, definition.firmware());
  }

  @Override
  public Outcome<List<MediaSlot>> media() {
    return conversations.hold(
        () -> {
          List<MediaSlot> slots = current().slots();
          return done(slots, slots.size() + " slots");
        });
  }

  @Override
  public Outcome<MediaSlot> insertMedia(URI image) {
    String scheme = String.valueOf(image.getScheme());
    boolean remote = scheme.equals("http") || scheme.equals("https");
    if (!remote && !scheme.equals("file")) {
      return new Outcome.Unsupported<>(describe(), "images by anything but http, https and file");
    }
    return conversations.hold(
        () -> {
          List<MediaSlot> slots = current().slots();
          if (slots.isEmpty()) {
            throw noSlot();
          }
          String name = slots.getFirst().name();
          fill(name, Optional.of(image));
          MediaSlot seen =
              current().slots().stream()
                  .filter(slot -> slot.name().equals(name))
                  .findFirst()
                  .orElseThrow(this::noSlot);
          if (!seen.inserted()) {
            throw virsh.fault(
                Kind.NO_EFFECT, "a CD", "accepted, and the drive is empty", "see libvirt's log");
          }
          return new Done<>(
              seen,
              describe() + ": inserted into " + name,
              scheme.equals("https") ? List.of(UNVERIFIED) : List.of());
        });
  }

  @Override
  public Outcome<List<MediaSlot>> ejectMedia() {
    return conversations.hold(
        () -> {
          current().slots().stream()
              .filter(MediaSlot::inserted)
              .forEach(slot -> fill(slot.name(), Optional.empty()));
          List<MediaSlot> slots = current().slots();
          if (slots.stream().anyMatch(MediaSlot::inserted)) {
            throw virsh.fault(
                Kind.NO_EFFECT, "ejecting", "accepted, and it is still in", "see libvirt's log");
          }
          return done(slots, "ejected");
        });
  }

  private Trouble noSlot() {
    return virsh.fault(
        Kind.REFUSED, "a CD", "the machine has no CD drive", "add one by 'virsh edit'");
  }

  /** In the definition, and where it runs in the running machine too, even if it holds its tray. */
  private void fill(String slot, Optional<URI> image) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "update-device",
                "--domain",
                domain,
                "--file",
                "/dev/stdin",
                "--config",
                "--force"));
    if (DomainPower.state(power.read()) != PowerState.OFF) {
      command.add("--live");
    }
    virsh.feed(current().drive(slot, image), command.toArray(String[]::new));
  }

  @Override
  public Outcome<Inventory> inventory() {
    return conversations.hold(
        () -> {
          Inventory inventory = definition(false).inventory();
          return done(inventory, "UUID " + inventory.uuid());
        });
  }

  @Override
  public Outcome<String> console(ConsoleListener listener) {
    if (!local) {
      return new Outcome.Unsupported<>(
          describe(), "reading the serial console of a host that is reached by ssh");
    }
    Outcome<String> file =
        conversations.hold(
            () ->
                definition(false)
                    .consoleLog()
                    .<Outcome<String>>map(log -> done(log, "its console is kept in " + log))
                    .orElseGet(
                        () ->
                            new Outcome.Unsupported<>(
                                describe(),
                                "reading the serial console: its definition has no <log> under"
                                    + " <serial>")));
    return file.then(log -> new ConsoleFile(describe(), Path.of(log.value())).follow(listener));
  }

  @Override
  public void close() {}

  /** As it runs, or as it is defined where it is off. */
  private DomainXml current() {
    return definition(DomainPower.state(power.read()) != PowerState.OFF);
  }

  /** With the secrets in it, since it is given back; it is never shown. */
  private DomainXml definition(boolean live) {
    List<String> command =
        new ArrayList<>(List.of("dumpxml", "--domain", domain, "--security-info"));
    if (!live) {
      command.add("--inactive");
    }
    return DomainXml.read(virsh.run(command.toArray(String[]::new)))
        .orElseThrow(
            () ->
                virsh.fault(
                    Kind.BROKEN, "virsh dumpxml", "no definition of a domain", "update libvirt"));
  }

  private <T> Done<T> done(T value, String what) {
    return new Done<>(value, describe() + ": " + what);
  }
}
