// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MachineSpec.Firmware;
import foundrybot.redfish.MachineSpec.Nic;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.w3c.dom.Element;

/** In what a domain differs from the machine that is wanted, in all that can be wanted. */
final class Differences {
  private static final int SHIFT_MIB = 20;

  /** LVM and its like give whole extents. */
  private static final long EXTENT_MIB = 64;

  private final List<String> found = new ArrayList<>();

  private Differences() {}

  /**
   * Compares them.
   *
   * @param capacities of the domain's disks in bytes, in their order
   * @return a line for each difference: {@code cores: 2 (expected: 4)}
   */
  static List<String> between(MachineSpec wanted, DomainXml domain, List<OptionalLong> capacities) {
    Differences differences = new Differences();
    Inventory inventory = domain.inventory();
    int cores = inventory.cpus().stream().mapToInt(Inventory.Cpu::cores).sum();
    differences.check("cores", cores, wanted.cores());
    differences.check("memory in MiB", inventory.memoryMiB(), wanted.memoryMiB());
    differences.disks(wanted.disks(), domain.drives("disk"), capacities);
    differences.cards(wanted.nics(), domain.devices("interface"));
    differences.check("firmware", word(firmware(domain)), word(wanted.firmware()));
    String tpm = inventory.tpm();
    differences.check("tpm", tpm.isEmpty() ? "none" : tpm, wanted.tpm() ? "TPM 2.0" : "none");
    return List.copyOf(differences.found);
  }

  private void check(String what, Object seen, Object wanted) {
    if (!seen.equals(wanted)) {
      found.add(what + ": " + seen + " (expected: " + wanted + ")");
    }
  }

  private void disks(
      List<MachineSpec.Disk> wanted, List<Element> disks, List<OptionalLong> capacities) {
    check("disks", disks.size(), wanted.size());
    for (int i = 0; i < Math.min(wanted.size(), disks.size()); i++) {
      disk("disk " + (i + 1), wanted.get(i), disks.get(i), capacities.get(i));
    }
  }

  private void disk(String what, MachineSpec.Disk wanted, Element disk, OptionalLong bytes) {
    Optional<Volume> volume = Storage.volume(disk);
    String format = DomainXml.attribute(disk, "type", "driver");
    if (bytes.isEmpty()) {
      found.add(what + " in MiB: not told (expected: " + wanted.mebibytes() + ")");
    } else {
      long seen = bytes.getAsLong() >> SHIFT_MIB;
      long more = seen - wanted.mebibytes();
      boolean rounded = format.equals("raw") && more >= 0 && more < EXTENT_MIB;
      check(what + " in MiB", rounded ? wanted.mebibytes() : seen, wanted.mebibytes());
    }
    wanted
        .pool()
        .ifPresent(pool -> check(what + " in pool", volume.map(Volume::pool).orElse("none"), pool));
    wanted.format().ifPresent(word -> check(what + " as", format, Storage.word(word)));
  }

  private void cards(List<Nic> wanted, List<Element> cards) {
    for (Nic nic : wanted) {
      Optional<Element> card = card(cards, nic.mac());
      String seen = card.map(Differences::link).orElse("no such card");
      String kind = MachineXml.kind(nic.link());
      check("card " + nic.mac(), seen, kind + " " + MachineXml.name(nic.link()));
    }
    List<HardwareAddress> known = wanted.stream().map(Nic::mac).toList();
    cards.stream()
        .flatMap(card -> DomainXml.mac(card).stream())
        .filter(mac -> !known.contains(mac))
        .forEach(mac -> check("card " + mac, "there", "no such card"));
  }

  private static Optional<Element> card(List<Element> cards, HardwareAddress mac) {
    return cards.stream().filter(c -> DomainXml.mac(c).equals(Optional.of(mac))).findFirst();
  }

  private static String link(Element card) {
    String kind = card.getAttribute("type");
    return (kind + " " + DomainXml.attribute(card, kind, "source")).strip();
  }

  /** As far as a definition tells; what libvirt has filled in comes after what was asked for. */
  private static Firmware firmware(DomainXml domain) {
    if (domain.firmware() == FirmwareMode.LEGACY) {
      return Firmware.BIOS;
    }
    List<Element> features =
        Xml.first(domain.root(), "os", "firmware")
            .map(firmware -> Xml.all(firmware, "feature"))
            .orElse(List.of());
    boolean secure =
        DomainXml.attribute(domain.root(), "secure", "os", "loader").equals("yes")
            || is(features, "secure-boot", "yes");
    return secure && !is(features, "enrolled-keys", "no")
        ? Firmware.UEFI_SECURE_BOOT
        : Firmware.UEFI;
  }

  private static boolean is(List<Element> features, String name, String enabled) {
    return features.stream()
        .anyMatch(
            feature ->
                feature.getAttribute("name").equals(name)
                    && feature.getAttribute("enabled").equals(enabled));
  }

  private static String word(Firmware firmware) {
    return firmware.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
