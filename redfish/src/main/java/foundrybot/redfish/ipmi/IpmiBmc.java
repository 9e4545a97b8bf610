// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.LogEntry;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.WakeOnLan;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** A machine's BMC that speaks IPMI 2.0 over LAN. */
final class IpmiBmc implements Bmc {
  private static final UUID NO_UUID = new UUID(0, 0);

  private final Login login;
  private final Link link;
  private final Ipmi.Settings settings;
  private final InstantSource clock;
  private final WakeOnLan.Pause pause;

  IpmiBmc(
      IpmiSession.Peer peer, Ipmi.Settings settings, InstantSource clock, WakeOnLan.Pause pause) {
    this.settings = settings;
    this.clock = clock;
    this.pause = pause;
    this.login = new Login(peer, settings, pause);
    this.link = new Link(peer.describe(), login, settings.controlWait(), clock);
  }

  @Override
  public String describe() {
    return link.bmc();
  }

  @Override
  public Outcome<Identity> identify() {
    return conversation(
        () -> {
          DeviceId device = DeviceId.decode(link.need(Command.GET_DEVICE_ID));
          FruReader.Names names = new FruReader(link).read();
          String vendor = names.vendor().isEmpty() ? device.vendor() : names.vendor();
          Identity identity =
              new Identity("IPMI " + device.version(), vendor, names.model(), device.firmware());
          return done(
              identity,
              "is " + vendor + " " + names.model() + " " + device.firmware(),
              names.warnings());
        });
  }

  @Override
  public Outcome<PowerState> power() {
    return conversation(
        () -> {
          PowerState state = PowerSwitch.read(link);
          return done(state, "the power is " + state);
        });
  }

  @Override
  public Outcome<PowerState> power(PowerAction action, Duration patience) {
    return conversation(
        () -> new PowerSwitch(link, settings.offTime(), clock, pause).act(action, patience));
  }

  @Override
  public Outcome<BootSetting> nextBoot() {
    return conversation(
        () -> {
          BootSetting setting = new BootOptions(link).read().setting();
          return done(setting, "boots " + setting.text());
        });
  }

  @Override
  public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
    if (wanted.device() == BootDevice.HTTP) {
      return new Outcome.Unsupported<>(
          describe(), "setting UEFI HTTP boot: IPMI has no code for it");
    }
    return conversation(() -> new BootOptions(link).set(wanted, settings.keepBootFlags()));
  }

  @Override
  public Outcome<Inventory> inventory() {
    return conversation(
        () -> {
          DeviceId device = DeviceId.decode(link.need(Command.GET_DEVICE_ID));
          FruReader.Names names = new FruReader(link).read();
          String uuid = uuid();
          Inventory inventory =
              new Inventory(
                  uuid,
                  names.serial(),
                  names.vendor().isEmpty() ? device.vendor() : names.vendor(),
                  names.model(),
                  "",
                  device.firmware(),
                  List.of(),
                  0,
                  List.of(),
                  List.of(),
                  "");
          return done(inventory, "serial " + names.serial() + ", UUID " + uuid, names.warnings());
        });
  }

  /** Asked for, or else as the key exchange had it; empty for a BMC that knows none. */
  private String uuid() {
    IpmiMessage answer = link.call(Command.GET_SYSTEM_GUID);
    return Optional.of(answer)
        .filter(a -> a.completion() == CompletionCode.DONE)
        .map(IpmiMessage::data)
        .or(link::guid)
        .map(SystemGuid::decode)
        .filter(uuid -> !uuid.equals(NO_UUID))
        .map(UUID::toString)
        .orElse("");
  }

  @Override
  public Outcome<List<LogEntry>> log(int most) {
    return conversation(
        () -> {
          List<LogEntry> entries = new SelReader(link).newest(most);
          return done(entries, entries.size() + " entries of the event log");
        });
  }

  @Override
  public Outcome<String> console(ConsoleListener listener) {
    return conversation(
        () -> {
          try (IpmiSession session = login.open()) {
            String end = new SolConsole(link, session, listener, settings.firstWait()).follow();
            return done(end, "the serial console: " + end);
          }
        });
  }

  private <T> Done<T> done(T value, String what) {
    return done(value, what, List.of());
  }

  private <T> Done<T> done(T value, String what, List<String> warnings) {
    return new Done<>(value, describe() + ": " + what, warnings);
  }

  private <T> Outcome<T> conversation(Supplier<Outcome<T>> talk) {
    try {
      return talk.get().then(link::warn);
    } catch (Trouble e) {
      return e.outcome();
    } catch (Malformed e) {
      return new Outcome.Failed<>(
          new BmcFault(Kind.BROKEN, describe(), "a command", e.what(), "reset the BMC"));
    }
  }

  @Override
  public void close() {
    link.close();
  }
}
