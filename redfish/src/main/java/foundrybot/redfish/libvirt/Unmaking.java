// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor.Whose;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.VirtualMachine;
import foundrybot.redfish.WakeOnLan;
import foundrybot.redfish.libvirt.Domains.Found;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.w3c.dom.Element;

/**
 * Deletes machines, and what was made of one that failed. Its definition goes last, since it holds
 * the mark: what fails half-way can be asked for again.
 */
final class Unmaking {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Virsh virsh;
  private final Storage storage;
  private final boolean local;
  private final InstantSource clock;
  private final WakeOnLan.Pause pause;

  /** On this host, {@code local}, or on another. */
  Unmaking(Virsh virsh, boolean local, InstantSource clock, WakeOnLan.Pause pause) {
    this.local = local;
    this.virsh = virsh;
    this.storage = new Storage(virsh);
    this.clock = clock;
    this.pause = pause;
  }

  Outcome<VirtualMachine> delete(List<Found> all, String name, HardwareAddress card, Whose whose) {
    Found found =
        all.stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    virsh.fault(
                        Kind.NO_SUCH_SYSTEM,
                        "delete " + name,
                        "there is no machine of that name",
                        "see 'virsh list --all'"));
    check(found.machine(), card, whose);
    List<String> steps = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    String id = found.xml().uuid();
    List<Found> others = all.stream().filter(one -> !one.xml().uuid().equals(id)).toList();
    if (found.power() != PowerState.OFF) {
      new DomainPower(virsh, id, clock, pause).act(PowerAction.OFF, PATIENCE, steps);
    }
    List<Volume> own = Mark.read(found.xml()).map(Mark::volumes).orElse(List.of());
    for (Element disk : found.xml().drives("disk")) {
      Optional<Volume> volume = Storage.volume(disk).filter(own::contains);
      Optional<String> reason =
          volume.isEmpty()
              ? Optional.of("which was not made with it")
              : user(volume.get(), others).map(user -> "which '" + user + "' has, too");
      String source = DomainXml.source(disk);
      if (reason.isPresent()) {
        kept.add("kept " + source + ", " + reason.get());
      } else {
        steps.add(
            storage.delete(volume.orElseThrow()) ? "deleted " + source : source + " was gone");
      }
    }
    undefine(id);
    steps.add("deleted " + name);
    console(found).ifPresent(kept::add);
    String evidence = virsh.name() + ": " + String.join(", ", steps);
    return new Done<>(found.machine(), evidence, kept);
  }

  /** The file of its console, where it was made with it: what is left of that. */
  private Optional<String> console(Found found) {
    Optional<String> file =
        found
            .xml()
            .consoleLog()
            .filter(log -> found.machine().ours())
            .filter(LibvirtHypervisor.consoleLog(found.name())::equals);
    return local
        ? file.map(log -> ConsoleFile.delete(Path.of(log)))
            .filter(left -> !left.isEmpty())
            .map(_ -> "kept " + file.get() + "*, which this user may not delete: sudo rm")
        : file.map(log -> "kept " + log + "* on its host: delete it there, if nobody wants it");
  }

  private void check(VirtualMachine machine, HardwareAddress card, Whose whose) {
    if (!machine.macs().contains(card)) {
      throw refused(
          machine,
          "the machine of that name has " + machine.macs() + " and not " + card,
          "nothing was touched: it is another machine than the rack file's");
    }
    if (whose == Whose.OURS && !machine.ours()) {
      throw refused(
          machine,
          "it was made by somebody else",
          "nothing was touched: delete it by 'virsh undefine', if it is yours");
    }
  }

  private Trouble refused(VirtualMachine machine, String answered, String advice) {
    return virsh.fault(Kind.REFUSED, "delete " + machine.name(), answered, advice);
  }

  /** The name of another machine that has it, by its pool or by its path. */
  private Optional<String> user(Volume volume, List<Found> others) {
    List<String> names =
        Stream.concat(Stream.of(volume.text()), storage.path(volume).stream()).toList();
    return others.stream()
        .filter(
            other ->
                other.xml().devices("disk").stream()
                    .anyMatch(disk -> names.contains(DomainXml.source(disk))))
        .map(Found::name)
        .findFirst();
  }

  /** With what libvirt keeps of it beside the definition, and its TPM's state. */
  private void undefine(String id) {
    virsh.find(
        "undefine",
        "--domain",
        id,
        "--nvram",
        "--managed-save",
        "--snapshots-metadata",
        "--checkpoints-metadata");
  }

  /**
   * Removes what a failed creation has made.
   *
   * @param made volumes that were made for sure
   * @param planned all of them, in the order of making
   * @return the failure, with what is left
   */
  Trouble afterFailure(Trouble failure, UUID id, List<Volume> made, List<Storage.Planned> planned) {
    boolean interrupted = Thread.interrupted();
    try {
      List<String> left = new ArrayList<>();
      attempt(() -> undefine(id.toString()), "the definition " + id, left);
      for (Volume volume : made) {
        attempt(() -> storage.delete(volume), "the volume " + volume.text(), left);
      }
      if (failure.isSilence() && made.size() < planned.size()) {
        left.add("perhaps the volume " + planned.get(made.size()).volume().text());
      }
      return left.isEmpty() ? failure : withRest(failure, left);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void attempt(Runnable step, String what, List<String> left) {
    try {
      step.run();
    } catch (Trouble e) {
      left.add(what);
    }
  }

  private static Trouble withRest(Trouble failure, List<String> left) {
    if (!(failure.outcome() instanceof Outcome.Failed<?>(BmcFault fault))) {
      return failure;
    }
    return Trouble.failed(
        new BmcFault(
            fault.kind(),
            fault.bmc(),
            fault.asked(),
            fault.answered() + "; left behind: " + String.join(", ", left),
            fault.advice()));
  }
}
