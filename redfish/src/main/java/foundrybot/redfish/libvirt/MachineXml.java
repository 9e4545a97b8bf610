// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MachineSpec.Firmware;
import foundrybot.redfish.MachineSpec.Link;
import foundrybot.redfish.MachineSpec.Nic;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * A new machine's definition (libvirt.org/formatdomain.html): q35, virtio, an empty CD drive for
 * boot media, a serial line that people can look at and read later, a screen behind a socket that
 * only the hypervisor's own users reach. It boots from its first card, then from its disks.
 *
 * @param accelerated whether the host has KVM; QEMU translates otherwise
 * @param console the file on the host that keeps what the serial line says, where there may be one
 */
record MachineXml(
    MachineSpec spec,
    UUID id,
    List<Storage.Planned> disks,
    boolean accelerated,
    Optional<String> console) {
  private static final String YES = "yes";
  private static final String NO = "no";

  MachineXml {
    disks = List.copyOf(disks);
  }

  String text() {
    Document document = Xml.empty();
    Element root = document.createElement("domain");
    document.appendChild(root);
    root.setAttribute("type", accelerated ? "kvm" : "qemu");
    text(root, "name", spec.name());
    text(root, "uuid", id.toString());
    new Mark(disks.stream().map(Storage.Planned::volume).toList()).write(root);
    Xml.add(root, "memory", "unit", "MiB").setTextContent(Long.toString(spec.memoryMiB()));
    text(root, "vcpu", Integer.toString(spec.cores()));
    firmware(root);
    Xml.add(root, "cpu", "mode", accelerated ? "host-passthrough" : "maximum");
    Xml.add(root, "clock", "offset", "utc");
    devices(Xml.add(root, "devices"));
    DomainXml domain = DomainXml.read(Xml.write(document)).orElseThrow();
    domain.boot(BootDevice.PXE, Optional.of(spec.nics().getFirst().mac()));
    return domain.text();
  }

  /** libvirt finds the program that fits, and a copy of its variables for the machine alone. */
  private void firmware(Element root) {
    Element os = Xml.add(root, "os");
    Xml.add(os, "type", "arch", "x86_64", "machine", "q35").setTextContent("hvm");
    Element features = Xml.add(root, "features");
    Xml.add(features, "acpi");
    Xml.add(features, "apic");
    if (spec.firmware() == Firmware.BIOS) {
      return;
    }
    boolean secure = spec.firmware() == Firmware.UEFI_SECURE_BOOT;
    os.setAttribute("firmware", "efi");
    Element wanted = Xml.add(os, "firmware");
    Xml.add(wanted, "feature", "enabled", secure ? YES : NO, "name", "enrolled-keys");
    Xml.add(wanted, "feature", "enabled", secure ? YES : NO, "name", "secure-boot");
    if (secure) {
      Xml.add(features, "smm", "state", "on");
    }
  }

  private void devices(Element devices) {
    for (int i = 0; i < disks.size(); i++) {
      disk(devices, disks.get(i), "vd" + (char) ('a' + i));
    }
    Element cd = Xml.add(devices, "disk", "type", "file", "device", "cdrom");
    Xml.add(cd, "target", "dev", "sda", "bus", "sata");
    Xml.add(cd, "readonly");
    spec.nics().forEach(nic -> nic(devices, nic));
    Element serial = Xml.add(devices, "serial", "type", "pty");
    console.ifPresent(file -> Xml.add(serial, "log", "file", file, "append", "on"));
    Element screen = Xml.add(devices, "graphics", "type", "vnc");
    Xml.add(screen, "listen", "type", "socket");
    Xml.add(Xml.add(devices, "video"), "model", "type", "vga");
    if (spec.tpm()) {
      Element tpm = Xml.add(devices, "tpm", "model", "tpm-crb");
      Xml.add(tpm, "backend", "type", "emulator", "version", "2.0");
    }
    Element rng = Xml.add(devices, "rng", "model", "virtio");
    Xml.add(rng, "backend", "model", "random").setTextContent("/dev/urandom");
  }

  private static void disk(Element devices, Storage.Planned planned, String name) {
    Element disk = Xml.add(devices, "disk", "type", "volume", "device", "disk");
    String format = Storage.word(planned.format());
    Xml.add(disk, "driver", "name", "qemu", "type", format, "discard", "unmap");
    Volume volume = planned.volume();
    Xml.add(disk, "source", "pool", volume.pool(), "volume", volume.name());
    Xml.add(disk, "target", "dev", name, "bus", "virtio");
  }

  private static void nic(Element devices, Nic nic) {
    String kind = kind(nic.link());
    Element card = Xml.add(devices, "interface", "type", kind);
    Xml.add(card, "mac", "address", nic.mac().text());
    Xml.add(card, "source", kind, name(nic.link()));
    Xml.add(card, "model", "type", "virtio");
  }

  /** The type of an interface, and the attribute of its source. */
  static String kind(Link link) {
    return switch (link) {
      case Link.Bridge _ -> "bridge";
      case Link.Network _ -> "network";
    };
  }

  static String name(Link link) {
    return switch (link) {
      case Link.Bridge(String name) -> name;
      case Link.Network(String name) -> name;
    };
  }

  private static void text(Element parent, String name, String content) {
    Xml.add(parent, name).setTextContent(content);
  }
}
