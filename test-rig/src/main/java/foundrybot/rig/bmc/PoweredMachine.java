// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.Lasting;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A machine that counts what is done to it, and starts and stops what hangs on its power: a
 * simulated node, a QEMU process, or nothing.
 */
public final class PoweredMachine implements Machine, AutoCloseable {

  /** What runs while there is power. Calls never overlap. */
  public interface Load {
    /** Starts from the firmware; it does not run now. */
    void start(Start how);

    /** Ends at once. */
    void stop();

    /**
     * Ends when it likes, as an operating system does on the press of a button.
     *
     * @return whether it has ended already
     */
    default boolean shutDown() {
      stop();
      return true;
    }

    /** Whether it has come to its end by itself, as after a shutdown. */
    default boolean hasEnded() {
      return false;
    }

    /** The image in the virtual drive changed while it runs. */
    default void media(Optional<URI> image) {}
  }

  /** Nothing hangs on the power. */
  public static final Load NOTHING =
      new Load() {
        @Override
        public void start(Start how) {}

        @Override
        public void stop() {}
      };

  /**
   * How the firmware starts.
   *
   * @param boot what is booted; {@link BootSetting#NONE} for the usual order
   * @param media what lies in the virtual drive
   */
  public record Start(BootSetting boot, Optional<URI> media) {}

  /**
   * What was done to the machine so far.
   *
   * @param powerOns how often it went from off to on
   * @param powerOffs how often from on to off, also when asked politely
   */
  public record Account(int powerOns, int powerOffs, int resets, Optional<Start> lastStart) {}

  /**
   * What is printed on it.
   *
   * @param uuid that of SMBIOS
   * @param serial may be empty
   * @param macs of its cards, the one that boots first
   */
  public record Plate(UUID uuid, String serial, List<HardwareAddress> macs) {
    public Plate {
      macs = List.copyOf(macs);
    }
  }

  private final Plate plate;
  private final Load load;
  private boolean on;
  private BootSetting boot = BootSetting.NONE;
  private Optional<URI> media = Optional.empty();
  private int powerOns;
  private int powerOffs;
  private int resets;
  private Optional<Start> lastStart = Optional.empty();

  /** A machine that is off. */
  public PoweredMachine(Plate plate, Load load) {
    this.plate = plate;
    this.load = load;
  }

  @Override
  public UUID uuid() {
    return plate.uuid();
  }

  @Override
  public String serial() {
    return plate.serial();
  }

  @Override
  public List<HardwareAddress> macs() {
    return plate.macs();
  }

  @Override
  public synchronized PowerState powerState() {
    if (on && load.hasEnded()) {
      on = false;
      powerOffs++;
    }
    return on ? PowerState.ON : PowerState.OFF;
  }

  @Override
  public synchronized void on() {
    if (powerState() == PowerState.OFF) {
      powerOns++;
      on = true;
      start();
    }
  }

  @Override
  public synchronized void off() {
    if (powerState() == PowerState.ON) {
      powerOffs++;
      on = false;
      load.stop();
    }
  }

  @Override
  public synchronized void reset() {
    if (powerState() == PowerState.ON) {
      resets++;
      load.stop();
      start();
    }
  }

  @Override
  public synchronized void softOff() {
    if (powerState() == PowerState.ON && load.shutDown()) {
      powerOffs++;
      on = false;
    }
  }

  private void start() {
    Start start = new Start(boot, media);
    if (boot.lasting() == Lasting.ONCE) {
      boot = BootSetting.NONE;
    }
    lastStart = Optional.of(start);
    load.start(start);
  }

  @Override
  public synchronized BootSetting nextBoot() {
    return boot;
  }

  @Override
  public synchronized void setNextBoot(BootSetting setting) {
    boot = setting;
  }

  @Override
  public synchronized void media(Optional<URI> image) {
    media = image;
    if (on) {
      load.media(image);
    }
  }

  /** What lies in its virtual drive. */
  public synchronized Optional<URI> image() {
    return media;
  }

  public synchronized Account account() {
    return new Account(powerOns, powerOffs, resets, lastStart);
  }

  /** Pulls the plug. */
  @Override
  public void close() {
    off();
  }
}
