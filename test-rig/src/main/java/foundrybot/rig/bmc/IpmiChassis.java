// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.redfish.PowerState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;

/** Commands of the chassis (IPMI 2.0, 28): its power, and what it boots. */
final class IpmiChassis {
  static final int CAPABILITIES = 0x00;
  static final int STATUS = 0x01;
  static final int CONTROL = 0x02;
  static final int IDENTIFY = 0x04;
  static final int SET_BOOT_OPTIONS = 0x08;
  static final int GET_BOOT_OPTIONS = 0x09;

  private static final int IN_PROGRESS = 0;
  private static final int CLEARING = 3;
  private static final int ACKNOWLEDGE = 4;
  private static final int FLAGS = 5;
  private static final int FLAG_BYTES = 5;
  private static final int VALID = 0x80;
  private static final int PERSISTENT = 0x40;
  private static final int EFI = 0x20;
  private static final int KEEP_WITHOUT_CONTROL = 0x08;
  private static final int NO_SUCH_PARAMETER = 0x80;

  /** Flags are dropped when no Chassis Control comes for so long (table 28-14, parameter 3). */
  private static final Duration FLAGS_LAST = Duration.ofSeconds(60);

  private final Machine machine;
  private final InstantSource clock;
  private final byte[] acknowledged = new byte[2];
  private int clearing;
  private byte[] flags = new byte[FLAG_BYTES];
  private BootSetting flagsMean = BootSetting.NONE;
  private Optional<Instant> flagsEnd = Optional.empty();
  private int controls;

  IpmiChassis(Machine machine, InstantSource clock) {
    this.machine = machine;
    this.clock = clock;
  }

  /** How often Chassis Control was carried out. */
  int controls() {
    return controls;
  }

  byte[] answer(IpmiRequest request) {
    dropOldFlags();
    return switch (request.command()) {
      case CAPABILITIES -> IpmiCommands.done(0, 0x20, 0x20, 0x20, 0x20);
      case STATUS -> IpmiCommands.done(isOn() ? 0x61 : 0x60, 0, 0);
      case CONTROL -> control(request.at(0) & 0x0f);
      case IDENTIFY -> IpmiCommands.done();
      case SET_BOOT_OPTIONS -> set(request);
      case GET_BOOT_OPTIONS -> get(request.at(0) & 0x7f);
      default -> IpmiCommands.refused(IpmiCommands.UNKNOWN);
    };
  }

  private boolean isOn() {
    return machine.powerState() == PowerState.ON;
  }

  private byte[] control(int what) {
    // 28.3: what needs a machine that runs is not possible in the present state.
    if ((what == 2 || what == 3) && !isOn()) {
      return IpmiCommands.refused(IpmiCommands.NOT_NOW);
    }
    if (what == 4 || what > 5) {
      return IpmiCommands.refused(IpmiCommands.INVALID_FIELD);
    }
    controls++;
    flagsEnd = flagsEnd.map(_ -> clock.instant().plus(FLAGS_LAST));
    switch (what) {
      case 0 -> machine.off();
      case 1 -> machine.on();
      case 2 -> {
        machine.off();
        machine.on();
      }
      case 3 -> machine.reset();
      default -> machine.softOff();
    }
    return IpmiCommands.done();
  }

  private byte[] set(IpmiRequest request) {
    int parameter = request.at(0) & 0x7f;
    int length = request.length() - 1;
    return switch (parameter) {
      case IN_PROGRESS -> IpmiCommands.done();
      case CLEARING -> {
        clearing = request.at(1);
        yield IpmiCommands.done();
      }
      case ACKNOWLEDGE -> {
        int mask = request.at(1);
        acknowledged[0] = (byte) mask;
        acknowledged[1] = (byte) ((acknowledged[1] & ~mask) | (request.at(2) & mask));
        yield IpmiCommands.done();
      }
      case FLAGS ->
          length == FLAG_BYTES
              ? setFlags(IpmiWire.array(request.data(), 1, FLAG_BYTES))
              : IpmiCommands.refused(IpmiCommands.WRONG_LENGTH);
      default -> IpmiCommands.refused(NO_SUCH_PARAMETER);
    };
  }

  private byte[] setFlags(byte[] wanted) {
    Optional<BootDevice> device = device((wanted[1] >> 2) & 0x0f);
    if (device.isEmpty()) {
      return IpmiCommands.refused(IpmiCommands.INVALID_FIELD);
    }
    boolean none = (wanted[0] & VALID) == 0 || device.get() == BootDevice.USUAL;
    flags = wanted;
    flagsMean =
        none
            ? BootSetting.NONE
            : new BootSetting(
                device.get(),
                Optional.empty(),
                (wanted[0] & PERSISTENT) != 0 ? Lasting.ALWAYS : Lasting.ONCE,
                (wanted[0] & EFI) != 0 ? FirmwareMode.UEFI : FirmwareMode.LEGACY);
    flagsEnd = none ? Optional.empty() : Optional.of(clock.instant().plus(FLAGS_LAST));
    machine.setNextBoot(flagsMean);
    return IpmiCommands.done();
  }

  private static Optional<BootDevice> device(int code) {
    return switch (code) {
      case 0 -> Optional.of(BootDevice.USUAL);
      case 1 -> Optional.of(BootDevice.PXE);
      case 2 -> Optional.of(BootDevice.DISK);
      case 5 -> Optional.of(BootDevice.CD);
      default -> Optional.empty();
    };
  }

  private void dropOldFlags() {
    boolean old = flagsEnd.isPresent() && clock.instant().isAfter(flagsEnd.get());
    if (old && (clearing & KEEP_WITHOUT_CONTROL) == 0 && machine.nextBoot().equals(flagsMean)) {
      machine.setNextBoot(BootSetting.NONE);
    }
    if (old) {
      flagsEnd = Optional.empty();
    }
  }

  private byte[] get(int parameter) {
    byte[] value =
        switch (parameter) {
          case IN_PROGRESS -> new byte[1];
          case CLEARING -> IpmiWire.bytes(clearing);
          case ACKNOWLEDGE -> acknowledged;
          case FLAGS -> flagsNow();
          default -> new byte[0];
        };
    return value.length == 0
        ? IpmiCommands.refused(NO_SUCH_PARAMETER)
        : IpmiWire.join(IpmiCommands.done(1, parameter), value);
  }

  /** As they were set, unless a start has used them or another BMC of the machine set others. */
  private byte[] flagsNow() {
    BootSetting now = machine.nextBoot();
    if (now.equals(flagsMean)) {
      return Arrays.copyOf(flags, FLAG_BYTES);
    }
    int device =
        switch (now.device()) {
          case PXE -> 1;
          case DISK -> 2;
          case CD -> 5;
          case USUAL, HTTP -> 0;
        };
    if (device == 0) {
      return new byte[FLAG_BYTES];
    }
    int first =
        VALID
            | (now.lasting() == Lasting.ALWAYS ? PERSISTENT : 0)
            | (now.mode() == FirmwareMode.LEGACY ? 0 : EFI);
    return IpmiWire.bytes(first, device << 2, 0, 0, 0);
  }
}
