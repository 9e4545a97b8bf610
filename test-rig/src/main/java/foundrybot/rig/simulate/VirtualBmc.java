// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A BMC of a simulated machine, below all protocols: it does what it is told, or has a fault. */
final class VirtualBmc implements Bmc {
  private static final String NAME = "simulated BMC";

  private final VirtualMachine machine;

  VirtualBmc(VirtualMachine machine) {
    this.machine = machine;
  }

  @Override
  public String describe() {
    return NAME;
  }

  private <T> Outcome<T> said(String asked, T value) {
    if (machine.strikes(Fault.BMC_SILENT)) {
      return failed(Kind.UNREACHABLE, asked, "no answer in 5 s", "is it connected?");
    }
    if (machine.strikes(Fault.BMC_PASSWORD)) {
      return failed(Kind.WRONG_PASSWORD, asked, "401", "mend the password");
    }
    return new Outcome.Done<>(value, NAME + ": " + asked + ": " + value);
  }

  private static <T> Outcome<T> failed(Kind kind, String asked, String answered, String advice) {
    return new Outcome.Failed<>(new BmcFault(kind, NAME, asked, answered, advice));
  }

  @Override
  public Outcome<Identity> identify() {
    return said("identify", new Identity("simulated", "none", "none", "1"));
  }

  @Override
  public Outcome<Inventory> inventory() {
    boolean other = machine.strikes(Fault.BMC_OF_ANOTHER);
    UUID uuid =
        other ? UUID.nameUUIDFromBytes(machine.hardware().macBytes()) : machine.hardware().uuid();
    String mac =
        other ? machine.hardware().mac().replaceFirst("^..", "0e") : machine.hardware().mac();
    if (other) {
      uuid = new UUID(~uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }
    List<Inventory.Nic> nics =
        List.of(new Inventory.Nic("1", new HardwareAddress(mac), "up", "on"));
    return said(
        "inventory",
        new Inventory(uuid.toString(), "", "", "", "", "", List.of(), 0, nics, List.of(), ""));
  }

  @Override
  public Outcome<PowerState> power() {
    if (machine.has(Fault.POWER_UNKNOWN)) {
      return new Outcome.Unsupported<>(NAME, "telling the power state");
    }
    return said("power", machine.isOn() ? PowerState.ON : PowerState.OFF);
  }

  @Override
  public Outcome<PowerState> power(PowerAction action, Duration patience) {
    Outcome<PowerState> answer = said("power " + action, action.leadsTo());
    if (!(answer instanceof Outcome.Done)) {
      return answer;
    }
    if (action.leadsTo() == PowerState.ON && machine.strikes(Fault.BMC_REFUSES)) {
      return failed(Kind.REFUSED, "power " + action, "409 not now", "look at its event log");
    }
    if (machine.strikes(Fault.POWER_UNKNOWN)) {
      return failed(
          Kind.UNKNOWN_OUTCOME, "power " + action, "connection closed", "look whether it is on");
    }
    machine.told("its BMC: power " + action);
    if (action != PowerAction.ON && machine.isOn()) {
      machine.switchOff();
    }
    if (action.leadsTo() == PowerState.ON && !machine.isOn()) {
      machine.switchOn();
    }
    return answer;
  }

  @Override
  public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
    Outcome<BootSetting> answer = said("next boot", wanted);
    if (answer instanceof Outcome.Done) {
      machine.bootsNext(
          switch (wanted.device()) {
            case USUAL, DISK -> BootDevice.DISK;
            case CD -> BootDevice.CD;
            case PXE, HTTP -> BootDevice.PXE;
          });
    }
    return answer;
  }

  @Override
  public Outcome<MediaSlot> insertMedia(URI image) {
    Outcome<MediaSlot> answer =
        said("insert medium", new MediaSlot("CD1", List.of("CD"), true, "simulated medium"));
    if (answer instanceof Outcome.Done) {
      machine.plays(Optional.of(image));
    }
    return answer;
  }

  @Override
  public Outcome<List<MediaSlot>> ejectMedia() {
    machine.plays(Optional.empty());
    return said("eject medium", List.of());
  }

  @Override
  public void close() {}
}
