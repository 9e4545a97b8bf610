// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Conversations;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MachineSpec.Link;
import foundrybot.redfish.MachineSpec.Nic;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.VirtualMachine;
import foundrybot.redfish.libvirt.Domains.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** A host of libvirt and QEMU. */
final class LibvirtHypervisor implements Hypervisor {
  private static final String LOGS = "/var/log/libvirt/qemu/";

  /** Where the console of a machine of that name is kept that was made here. */
  static String consoleLog(String name) {
    return LOGS + name + "-console.log";
  }

  private final Virsh virsh;
  private final boolean ofSystem;
  private final Supplier<UUID> random;
  private final Domains domains;
  private final Storage storage;
  private final Unmaking unmaking;
  private final Conversations conversations = new Conversations();

  /**
   * Opens it; nothing is run before the first call.
   *
   * @param ofSystem whether it is the system's libvirt, which may write to {@value #LOGS}, or one
   *     user's own
   */
  LibvirtHypervisor(Virsh virsh, boolean ofSystem, Supplier<UUID> random, Unmaking unmaking) {
    this.virsh = virsh;
    this.ofSystem = ofSystem;
    this.random = random;
    this.domains = new Domains(virsh, random);
    this.storage = new Storage(virsh);
    this.unmaking = unmaking;
  }

  @Override
  public String describe() {
    return virsh.name();
  }

  @Override
  public Outcome<List<VirtualMachine>> machines() {
    return conversations.hold(
        () -> {
          List<VirtualMachine> all = domains.all().stream().map(Found::machine).toList();
          return new Done<>(all, describe() + ": " + all.size() + " machines");
        });
  }

  @Override
  public Outcome<Creation> create(MachineSpec wanted) {
    return conversations.hold(
        () -> {
          List<Found> all = domains.all();
          Optional<Found> same =
              all.stream().filter(found -> found.name().equals(wanted.name())).findFirst();
          return same.isPresent() ? left(wanted, same.get()) : made(wanted, all);
        });
  }

  /** One of that name, which must be as wanted. */
  private Outcome<Creation> left(MachineSpec wanted, Found found) {
    VirtualMachine machine = found.machine();
    List<String> differences = differences(wanted, found.xml());
    if (!differences.isEmpty()) {
      throw refused(
          wanted,
          "there is one, which "
              + (machine.ours() ? "" : "was made by somebody else and ")
              + "differs: "
              + String.join("; ", differences),
          machine.ours()
              ? "it was left as it is: change the rack file, or delete the machine first"
              : "it was left as it is: give this node another name, or describe that machine");
    }
    List<String> warnings =
        machine.ours() ? List.of() : List.of("somebody else made it, so it is not deleted either");
    String evidence = describe() + ": " + wanted.name() + " is there, as wanted";
    return new Done<>(new Creation(machine, false), evidence, warnings);
  }

  private Outcome<Creation> made(MachineSpec wanted, List<Found> all) {
    wanted.nics().forEach(nic -> check(wanted, nic, all));
    boolean accelerated = accelerated();
    List<Storage.Planned> disks = new ArrayList<>();
    for (MachineSpec.Disk disk : wanted.disks()) {
      disks.add(storage.plan(wanted.name(), disks.size(), disk));
    }
    UUID id = random.get();
    Optional<String> console = ofSystem ? Optional.of(consoleLog(wanted.name())) : Optional.empty();
    MachineXml definition = new MachineXml(wanted, id, disks, accelerated, console);
    List<Volume> volumes = new ArrayList<>();
    try {
      for (Storage.Planned disk : disks) {
        storage.make(disk);
        volumes.add(disk.volume());
      }
      virsh.feed(definition.text(), "define", "--file", "/dev/stdin");
      Found found = defined(wanted, id);
      String with = volumes.isEmpty() ? "" : " with " + texts(volumes);
      String evidence = describe() + ": made " + wanted.name() + with;
      return new Done<>(new Creation(found.machine(), true), evidence, warnings(accelerated));
    } catch (Trouble e) {
      throw unmaking.afterFailure(e, id, volumes, disks);
    }
  }

  private static List<String> warnings(boolean accelerated) {
    return accelerated
        ? List.of()
        : List.of("the host has no KVM for x86-64, so QEMU translates each instruction: slow");
  }

  private Found defined(MachineSpec wanted, UUID id) {
    DomainXml seen =
        domains
            .find(id.toString())
            .orElseThrow(
                () ->
                    virsh.fault(
                        Kind.NO_EFFECT,
                        "define " + wanted.name(),
                        "accepted, and it is not there",
                        "see libvirt's log"));
    List<String> differences = differences(wanted, seen);
    if (!differences.isEmpty()) {
      throw virsh.fault(
          Kind.NO_EFFECT,
          "define " + wanted.name(),
          "accepted, and differs: " + String.join("; ", differences),
          "see libvirt's log");
    }
    return new Found(PowerState.OFF, seen);
  }

  private List<String> differences(MachineSpec wanted, DomainXml domain) {
    List<Element> disks = domain.drives("disk");
    // Sizes cost a command each, and matter only where each disk has its counterpart.
    return Differences.between(
        wanted,
        domain,
        disks.stream()
            .limit(wanted.disks().size())
            .map(disk -> storage.capacity(domain, disk))
            .toList());
  }

  /** A card's address is nobody else's, and what it is plugged into is there. */
  private void check(MachineSpec wanted, Nic nic, List<Found> all) {
    for (Found other : all) {
      if (other.machine().macs().contains(nic.mac())) {
        throw refused(
            wanted,
            nic.mac() + " is a card of the machine '" + other.name() + "'",
            "nothing was made: two machines with one address disturb each other");
      }
    }
    if (nic.link() instanceof Link.Network(String network)) {
      virsh.run("net-info", "--network", network);
    }
  }

  private boolean accelerated() {
    Optional<List<String>> types = domainTypes(virsh.run("capabilities"));
    if (types.isEmpty()) {
      throw virsh.fault(
          Kind.REFUSED,
          "an x86-64 machine",
          "this host runs none",
          "install QEMU for it on the hypervisor: apt install qemu-system-x86");
    }
    return types.get().contains("kvm");
  }

  /** What may run an x86-64 machine, as libvirt's capabilities have it: kvm, qemu. */
  static Optional<List<String>> domainTypes(String told) {
    return Xml.read(told).map(Document::getDocumentElement).stream()
        .flatMap(root -> Xml.all(root, "guest").stream())
        .flatMap(guest -> Xml.all(guest, "arch").stream())
        .filter(arch -> arch.getAttribute("name").equals("x86_64"))
        .findFirst()
        .map(arch -> Xml.all(arch, "domain").stream().map(d -> d.getAttribute("type")).toList());
  }

  @Override
  public Outcome<VirtualMachine> delete(String name, HardwareAddress card, Whose whose) {
    return conversations.hold(() -> unmaking.delete(domains.all(), name, card, whose));
  }

  @Override
  public void close() {}

  private Trouble refused(MachineSpec wanted, String answered, String advice) {
    return Trouble.failed(
        new BmcFault(Kind.REFUSED, describe(), "create " + wanted.name(), answered, advice));
  }

  private static String texts(List<Volume> volumes) {
    return String.join(", ", volumes.stream().map(Volume::text).toList());
  }
}
