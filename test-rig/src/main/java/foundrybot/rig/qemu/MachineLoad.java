// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.redfish.HardwareAddress;
import foundrybot.rig.bmc.PoweredMachine;
import java.util.List;

/**
 * A QEMU machine as what hangs on the power that a BMC switches: power is its process. An override
 * of the next boot becomes the order in which the firmware tries its devices; an image in the
 * virtual drive is there from the next start on.
 */
final class MachineLoad implements PoweredMachine.Load {
  private final Machine machine;
  private final BootOrder.First usual;

  private MachineLoad(Machine machine, BootOrder.First usual) {
    this.machine = machine;
    this.usual = usual;
  }

  /**
   * A machine for BMCs to switch, powered off.
   *
   * @param usual what its firmware tries first without an override
   */
  static PoweredMachine powered(Machine machine, BootOrder.First usual) {
    return new PoweredMachine(
        new PoweredMachine.Plate(
            machine.uuid(), "QEMU-" + machine.name(), List.of(new HardwareAddress(machine.mac()))),
        new MachineLoad(machine, usual));
  }

  @Override
  public void start(PoweredMachine.Start how) {
    machine.powerOn(BootOrder.of(how, usual));
  }

  @Override
  public void stop() {
    machine.powerOff();
  }

  /** QEMU ends with its machine, as after a shutdown. */
  @Override
  public boolean hasEnded() {
    return !machine.isOn();
  }
}
