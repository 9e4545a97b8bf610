// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.PowerState;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class PoweredMachineTest {
  private static final PoweredMachine.Plate PLATE =
      new PoweredMachine.Plate(
          new UUID(0, 1), "S1", List.of(new HardwareAddress("52:54:00:aa:00:01")));

  private final List<String> seen = new ArrayList<>();
  private boolean ended;
  private final PoweredMachine machine =
      new PoweredMachine(
          PLATE,
          new PoweredMachine.Load() {
            @Override
            public void start(PoweredMachine.Start how) {
              ended = false;
              seen.add("start " + how.boot().device());
            }

            @Override
            public void stop() {
              seen.add("stop");
            }

            @Override
            public boolean shutDown() {
              seen.add("shut down");
              return false;
            }

            @Override
            public boolean hasEnded() {
              return ended;
            }
          });

  @Test
  void aSecondPressOfTheSwitchChangesNothing() {
    machine.on();
    machine.on();
    machine.off();
    machine.off();
    assertEquals(List.of("start USUAL", "stop"), seen);
    assertEquals(1, machine.account().powerOns());
    assertEquals(1, machine.account().powerOffs());
  }

  @Test
  void anOverrideForOnceIsGoneAfterTheNextStart() {
    machine.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI));
    machine.on();
    assertEquals(BootSetting.NONE, machine.nextBoot());
    machine.reset();
    assertEquals(List.of("start PXE", "stop", "start USUAL"), seen);
    assertEquals(1, machine.account().resets());
  }

  @Test
  void aResetDoesNotSwitchOn() {
    machine.reset();
    assertEquals(List.of(), seen);
    assertEquals(PowerState.OFF, machine.powerState());
  }

  @Test
  void aPoliteShutdownIsOffWhenTheLoadHasEnded() {
    machine.on();
    machine.softOff();
    assertEquals(PowerState.ON, machine.powerState());
    ended = true;
    assertEquals(PowerState.OFF, machine.powerState());
    machine.on();
    assertEquals(List.of("start USUAL", "shut down", "start USUAL"), seen);
    assertEquals(2, machine.account().powerOns());
  }
}
