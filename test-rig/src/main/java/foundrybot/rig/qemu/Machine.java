// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A QEMU machine of a rack: disks, a card, firmware with its variables, and a power switch. A BMC
 * and a test may have their hands on it at the same time.
 */
public final class Machine implements AutoCloseable {
  private final MachineSpec spec;
  private final RackNetwork network;
  private final String tap;
  private final Path folder;
  private int starts;
  private BootOrder order = BootOrder.NETWORK;
  private int tpms;
  private Optional<SoftwareTpm> tpm = Optional.empty();
  private Optional<Child> qemu = Optional.empty();

  Machine(MachineSpec spec, RackNetwork network, String tap, Path folder) {
    this.spec = spec;
    this.network = network;
    this.tap = tap;
    this.folder = folder;
    try {
      for (Path file : spec.disks(folder)) {
        try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
          disk.setLength((long) spec.diskGib() << 30);
        }
      }
      if (spec.freshVariables().isPresent()) {
        Files.copy(
            spec.freshVariables().get(),
            spec.variables(folder),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new RigException(spec.name() + ": its disks cannot be made in " + folder, e);
    }
  }

  public String name() {
    return spec.name();
  }

  public String mac() {
    return spec.mac();
  }

  /** Its place on the switch. */
  String tap() {
    return tap;
  }

  /**
   * Gives it a TPM that nobody has used, in the place of the one that it had: another board. It is
   * off afterwards.
   */
  synchronized void newTpm() {
    powerOff();
    tpm.ifPresent(SoftwareTpm::close);
    tpms++;
    tpm = Optional.of(SoftwareTpm.create(spec.name() + ".tpm-" + tpms, folder));
  }

  /** From the network first. */
  public void powerOn() {
    powerOn(BootOrder.NETWORK);
  }

  /** Once more as at the last start. */
  synchronized void powerOnAgain() {
    powerOn(order);
  }

  /** Each start has a serial log of its own. */
  synchronized void powerOn(BootOrder wanted) {
    powerOff();
    starts++;
    order = wanted;
    wanted.url().filter(_ -> spec.freshVariables().isPresent()).ifPresent(this::bootNext);
    List<String> command = new ArrayList<>(spec.command(folder, tap, serialFile(), order));
    tpm.ifPresent(
        one -> {
          one.start();
          command.addAll(one.devices());
        });
    qemu =
        Optional.of(
            Child.start(
                spec.name(),
                folder.resolve(spec.name() + ".qemu.log"),
                network.atMachines(command)));
  }

  /** As a BMC reaches into the firmware's variables. */
  private void bootNext(URI url) {
    Path variables = spec.variables(folder);
    BootNext.http(VariableStore.read(variables), url).write(variables);
  }

  /** Pulls the plug. */
  public synchronized void powerOff() {
    qemu.ifPresent(Child::kill);
    qemu = Optional.empty();
    tpm.ifPresent(SoftwareTpm::stop);
  }

  public synchronized boolean isOn() {
    return qemu.filter(Child::isAlive).isPresent();
  }

  /** Whether QEMU ended though nobody pulled the plug. */
  public synchronized boolean hasDied() {
    return qemu.isPresent() && !isOn();
  }

  /** Its SMBIOS UUID. */
  UUID uuid() {
    return UUID.fromString(spec.uuid());
  }

  /** How often it was powered on. */
  public synchronized int starts() {
    return starts;
  }

  public synchronized Path serialFile() {
    return folder.resolve(spec.name() + ".serial-" + starts + ".log");
  }

  public SerialLog serial() {
    return SerialLog.read(serialFile());
  }

  /** Powered off, and its disks gone: gigabytes that tell nobody anything. */
  @Override
  public void close() {
    powerOff();
    tpm.ifPresent(SoftwareTpm::close);
    try {
      for (Path file : spec.disks(folder)) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(spec.variables(folder));
    } catch (IOException e) {
      throw new RigException(spec.name() + ": its disks cannot be deleted in " + folder, e);
    }
  }
}
