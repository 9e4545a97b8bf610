// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.BootSetting;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What an emulated BMC has its hand on: a simulated node, a QEMU machine, or a few fields.
 *
 * <p>Called by the threads of any number of BMCs at a time. No method waits for an operating
 * system; what takes time shows in {@link #powerState()}.
 */
public interface Machine {

  /** That of SMBIOS. */
  UUID uuid();

  /** As printed on its label; may be empty. */
  String serial();

  /** Of its network cards, the booting one first. */
  List<HardwareAddress> macs();

  PowerState powerState();

  /** Presses the power button of a machine that is off; otherwise nothing happens. */
  void on();

  /** Takes the power away; nothing happens if it is off. */
  void off();

  /** Asks the operating system to shut down; it may never do so. */
  void softOff();

  /** Restarts at once; nothing happens if it is off. */
  void reset();

  /**
   * The override that the next start obeys; {@link BootSetting#NONE} for none. An override for once
   * is gone when a start has used it.
   */
  BootSetting nextBoot();

  void setNextBoot(BootSetting setting);

  /** What lies in its virtual CD drive from now on. */
  default void media(Optional<URI> image) {}
}
