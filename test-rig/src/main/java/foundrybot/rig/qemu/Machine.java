// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** A QEMU machine of a rack: a disk, a card, firmware with its variables, and a power switch. */
public final class Machine implements AutoCloseable {
  private final MachineSpec spec;
  private final RackNetwork network;
  private final String tap;
  private final Path folder;
  private int starts;
  private Optional<Child> qemu = Optional.empty();

  Machine(MachineSpec spec, RackNetwork network, String tap, Path folder) {
    this.spec = spec;
    this.network = network;
    this.tap = tap;
    this.folder = folder;
    try (RandomAccessFile disk = new RandomAccessFile(spec.disk(folder).toFile(), "rw")) {
      disk.setLength((long) spec.diskGib() << 30);
      if (spec.freshVariables().isPresent()) {
        Files.copy(
            spec.freshVariables().get(),
            spec.variables(folder),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new RigException(spec.name() + ": its disk cannot be made in " + folder, e);
    }
  }

  public String name() {
    return spec.name();
  }

  public String mac() {
    return spec.mac();
  }

  /** Each start has a serial log of its own. */
  public void powerOn() {
    powerOff();
    starts++;
    qemu =
        Optional.of(
            Child.start(
                spec.name(),
                folder.resolve(spec.name() + ".qemu.log"),
                network.atMachines(spec.command(folder, tap, serialFile()))));
  }

  /** Pulls the plug. */
  public void powerOff() {
    qemu.ifPresent(Child::kill);
    qemu = Optional.empty();
  }

  public boolean isOn() {
    return qemu.filter(Child::isAlive).isPresent();
  }

  /** Whether QEMU ended though nobody pulled the plug. */
  public boolean hasDied() {
    return qemu.isPresent() && !isOn();
  }

  /** How often it was powered on. */
  public int starts() {
    return starts;
  }

  public Path serialFile() {
    return folder.resolve(spec.name() + ".serial-" + starts + ".log");
  }

  public SerialLog serial() {
    return SerialLog.read(serialFile());
  }

  /** Powered off, and its disk gone: gigabytes that tell nobody anything. */
  @Override
  public void close() {
    powerOff();
    try {
      Files.deleteIfExists(spec.disk(folder));
      Files.deleteIfExists(spec.variables(folder));
    } catch (IOException e) {
      throw new RigException(spec.disk(folder) + ": cannot be deleted", e);
    }
  }
}
