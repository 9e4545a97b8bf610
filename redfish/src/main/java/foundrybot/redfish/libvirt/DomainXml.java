// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.MediaSlot;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * A domain's definition (libvirt.org/formatdomain.html), as far as it matters here. What is not
 * understood stays as it is.
 */
final class DomainXml {
  private static final long KIB_PER_MIB = 1024;

  private final Document document;
  private final Element root;

  private DomainXml(Document document) {
    this.document = document;
    this.root = document.getDocumentElement();
  }

  /** Nothing of a text that is no domain. */
  static Optional<DomainXml> read(String text) {
    return Xml.read(text)
        .filter(document -> document.getDocumentElement().getTagName().equals("domain"))
        .map(DomainXml::new);
  }

  String name() {
    return Xml.text(root, "name");
  }

  String uuid() {
    return Xml.text(root, "uuid");
  }

  String text() {
    return Xml.write(document);
  }

  Element root() {
    return root;
  }

  FirmwareMode firmware() {
    boolean efi =
        Xml.first(root, "os").filter(os -> os.getAttribute("firmware").equals("efi")).isPresent()
            || Xml.first(root, "os", "loader")
                .filter(loader -> loader.getAttribute("type").equals("pflash"))
                .isPresent();
    return efi ? FirmwareMode.UEFI : FirmwareMode.LEGACY;
  }

  /** Which kind of device comes first; the usual order where nothing says so. */
  BootDevice boots() {
    Optional<Element> first =
        bootable().stream()
            .filter(device -> order(device) < Integer.MAX_VALUE)
            .min(Comparator.comparingInt(DomainXml::order));
    if (first.isPresent()) {
      return kind(first.get());
    }
    return switch (Xml.first(root, "os", "boot").map(b -> b.getAttribute("dev")).orElse("")) {
      case "network" -> BootDevice.PXE;
      case "hd" -> BootDevice.DISK;
      case "cdrom" -> BootDevice.CD;
      default -> BootDevice.USUAL;
    };
  }

  /** Whether it has a device of the kind. */
  boolean has(BootDevice device) {
    return bootable().stream().anyMatch(element -> kind(element) == device);
  }

  /**
   * Puts devices of one kind first, by an order of each device, which goes before that of kinds.
   *
   * @param card goes before the other cards
   */
  void boot(BootDevice device, Optional<HardwareAddress> card) {
    Xml.first(root, "os").ifPresent(os -> Xml.remove(os, "boot"));
    List<Element> devices = new ArrayList<>(bootable());
    devices.sort(
        Comparator.<Element>comparingInt(element -> kind(element) == device ? 0 : 1)
            .thenComparingInt(element -> kind(element) == BootDevice.DISK ? 0 : 1)
            .thenComparingInt(element -> kind(element) == BootDevice.CD ? 1 : 0)
            .thenComparingInt(element -> card.equals(mac(element)) ? 0 : 1));
    int place = 1;
    for (Element element : devices) {
      Xml.remove(element, "boot");
      Xml.add(element, "boot", "order", Integer.toString(place++));
    }
  }

  /** Slots for CDs. */
  List<MediaSlot> slots() {
    return drives("cdrom").stream()
        .map(
            cd ->
                new MediaSlot(target(cd), List.of("CD", "DVD"), !source(cd).isEmpty(), source(cd)))
        .toList();
  }

  /** The drive's element with that in it, or with nothing; for update-device. */
  String drive(String slot, Optional<URI> image) {
    Element cd =
        drives("cdrom").stream().filter(d -> target(d).equals(slot)).findFirst().orElseThrow();
    Element changed = (Element) cd.cloneNode(true);
    Xml.remove(changed, "source");
    Xml.remove(changed, "backingStore");
    changed.setAttribute("type", "file");
    image.ifPresent(uri -> fill(changed, uri));
    return Xml.write(changed);
  }

  private static void fill(Element cd, URI image) {
    if (image.getScheme().equals("file")) {
      Xml.add(cd, "source", "file", image.getPath());
      return;
    }
    String scheme = image.getScheme().toLowerCase(Locale.ROOT);
    cd.setAttribute("type", "network");
    String path = image.getRawPath().replaceFirst("^/", "");
    Element source = Xml.add(cd, "source", "protocol", scheme, "name", path);
    if (image.getRawQuery() != null) {
      source.setAttribute("query", image.getRawQuery());
    }
    boolean secure = scheme.equals("https");
    int usual = secure ? 443 : 80;
    int port = image.getPort() < 0 ? usual : image.getPort();
    Xml.add(source, "host", "name", image.getHost(), "port", Integer.toString(port));
    if (secure) {
      // Who serves images has a CA of its own, which the hypervisor's system does not know.
      Xml.add(source, "ssl", "verify", "no");
    }
  }

  Inventory inventory() {
    List<Inventory.Nic> nics =
        devices("interface").stream()
            .flatMap(
                nic -> mac(nic).stream().map(mac -> new Inventory.Nic(model(nic), mac, "", "")))
            .toList();
    List<Inventory.Drive> drives =
        drives("disk").stream()
            .map(d -> new Inventory.Drive(target(d), "", Xml.text(d, "serial"), 0, source(d)))
            .toList();
    String tpm =
        devices("tpm").stream()
            .findFirst()
            .map(t -> ("TPM " + attribute(t, "version", "backend")).strip())
            .orElse("");
    int cores = number(Xml.text(root, "vcpu"));
    return new Inventory(
        Xml.text(root, "uuid"),
        "",
        "libvirt",
        Xml.first(root, "os", "type").map(t -> t.getAttribute("machine")).orElse(""),
        firmware() == FirmwareMode.UEFI ? "UEFI" : "BIOS",
        "",
        cores == 0 ? List.of() : List.of(new Inventory.Cpu("", "virtual", cores, cores)),
        memoryMiB(),
        nics,
        drives,
        tpm);
  }

  private long memoryMiB() {
    return Xml.first(root, "memory")
        .map(
            memory -> {
              long value = number(memory.getTextContent().strip());
              // Definitions that libvirt prints are in KiB; others it takes in any unit.
              return switch (memory.getAttribute("unit")) {
                case "", "KiB", "k" -> value / KIB_PER_MIB;
                case "MiB", "M" -> value;
                case "GiB", "G" -> value * KIB_PER_MIB;
                default -> 0L;
              };
            })
        .orElse(0L);
  }

  private List<Element> bootable() {
    List<Element> all = new ArrayList<>(drives("disk"));
    all.addAll(devices("interface"));
    all.addAll(drives("cdrom"));
    return all;
  }

  private static BootDevice kind(Element device) {
    if (device.getTagName().equals("interface")) {
      return BootDevice.PXE;
    }
    return device.getAttribute("device").equals("cdrom") ? BootDevice.CD : BootDevice.DISK;
  }

  private static int order(Element device) {
    int order =
        number(Xml.first(device, "boot").map(boot -> boot.getAttribute("order")).orElse(""));
    return order == 0 ? Integer.MAX_VALUE : order;
  }

  /** The file on its host that keeps what its first serial line says. */
  Optional<String> consoleLog() {
    return Stream.of("serial", "console")
        .flatMap(name -> devices(name).stream())
        .flatMap(device -> Xml.first(device, "log").stream())
        .map(log -> log.getAttribute("file"))
        .filter(file -> file.startsWith("/"))
        .findFirst();
  }

  List<Element> devices(String name) {
    return Xml.first(root, "devices").map(devices -> Xml.all(devices, name)).orElse(List.of());
  }

  /** Drives whose device is that; without a word it is a disk. */
  List<Element> drives(String device) {
    return devices("disk").stream()
        .filter(
            disk -> {
              String told = disk.getAttribute("device");
              return (told.isEmpty() ? "disk" : told).equals(device);
            })
        .toList();
  }

  static Optional<HardwareAddress> mac(Element card) {
    try {
      return Optional.of(new HardwareAddress(attribute(card, "address", "mac")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static String target(Element disk) {
    return attribute(disk, "dev", "target");
  }

  private static String model(Element card) {
    return attribute(card, "type", "model");
  }

  /** Where a drive's content lies: a file, a device, a volume, or a URL. */
  static String source(Element disk) {
    Optional<Element> source = Xml.first(disk, "source");
    if (source.isEmpty()) {
      return "";
    }
    Element at = source.get();
    if (!at.getAttribute("protocol").isEmpty()) {
      String query = at.getAttribute("query");
      return at.getAttribute("protocol")
          + "://"
          + attribute(at, "name", "host")
          + ":"
          + attribute(at, "port", "host")
          + "/"
          + at.getAttribute("name")
          + (query.isEmpty() ? "" : "?" + query);
    }
    String volume = at.getAttribute("volume");
    return volume.isEmpty()
        ? at.getAttribute("file") + at.getAttribute("dev")
        : at.getAttribute("pool") + "/" + volume;
  }

  static String attribute(Element parent, String attribute, String... path) {
    return Xml.first(parent, path).map(element -> element.getAttribute(attribute)).orElse("");
  }

  private static int number(String text) {
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }
}
