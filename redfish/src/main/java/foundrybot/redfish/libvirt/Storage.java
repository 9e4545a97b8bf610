// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MachineSpec.Format;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Storage pools and their volumes (libvirt.org/formatstorage.html). */
final class Storage {
  /** What libvirt's own tools make and take where nobody names one. */
  static final String USUAL_POOL = "default";

  /** Kinds of pools whose volumes are files. */
  private static final Set<String> OF_FILES = Set.of("dir", "fs", "netfs", "gluster", "vstorage");

  private static final Pattern CAPACITY = Pattern.compile("(?m)^Capacity:\\s*(\\d{1,18})\\s*$");

  private final Virsh virsh;

  Storage(Virsh virsh) {
    this.virsh = virsh;
  }

  /** A volume for a disk, which is not there yet. */
  record Planned(Volume volume, Format format, long mebibytes, boolean ofFiles) {

    /** What vol-create takes. */
    String text() {
      Document document = Xml.empty();
      Element root = document.createElement("volume");
      document.appendChild(root);
      Xml.add(root, "name").setTextContent(volume.name());
      Xml.add(root, "capacity", "unit", "MiB").setTextContent(Long.toString(mebibytes));
      if (ofFiles) {
        // Else libvirt writes all of a raw file.
        Xml.add(root, "allocation").setTextContent("0");
        Xml.add(Xml.add(root, "target"), "format", "type", word(format));
      }
      return Xml.write(root);
    }
  }

  /**
   * Where a machine's disk will lie.
   *
   * @param number of the disk, from 0
   */
  Planned plan(String machine, int number, MachineSpec.Disk disk) {
    String pool = disk.pool().orElse(USUAL_POOL);
    String type = poolType(virsh.run("pool-dumpxml", "--pool", pool)).orElse("");
    boolean ofFiles = OF_FILES.contains(type);
    if (!ofFiles && disk.format().equals(Optional.of(Format.QCOW2))) {
      throw virsh.fault(
          Kind.REFUSED,
          "a qcow2 disk in pool " + pool,
          "that pool is of type '" + type + "'",
          "leave 'format' out there, or set 'format: raw'");
    }
    Format format = ofFiles ? disk.format().orElse(Format.QCOW2) : Format.RAW;
    String name = machine + "-" + number + (ofFiles ? "." + word(format) : "");
    return new Planned(new Volume(pool, name), format, disk.mebibytes(), ofFiles);
  }

  void make(Planned planned) {
    virsh.feed(
        planned.text(), "vol-create", "--pool", planned.volume().pool(), "--file", "/dev/stdin");
  }

  /** Whether it was there. */
  boolean delete(Volume volume) {
    return virsh.find("vol-delete", "--pool", volume.pool(), "--vol", volume.name()).isPresent();
  }

  /** Where it lies on the host. */
  Optional<String> path(Volume volume) {
    return virsh
        .find("vol-path", "--pool", volume.pool(), "--vol", volume.name())
        .map(String::strip);
  }

  /** Of a domain's disk, in bytes; absent where nobody can tell. */
  OptionalLong capacity(DomainXml domain, Element disk) {
    return volume(disk)
        .map(
            volume ->
                virsh
                    .find("vol-dumpxml", "--pool", volume.pool(), "--vol", volume.name())
                    .map(Storage::capacityOfVolume)
                    .orElse(OptionalLong.empty()))
        .orElseGet(() -> capacityOfBlock(domain, disk));
  }

  private OptionalLong capacityOfBlock(DomainXml domain, Element disk) {
    String target = DomainXml.target(disk);
    return capacityOfBlock(virsh.run("domblkinfo", "--domain", domain.uuid(), "--device", target));
  }

  static Optional<Volume> volume(Element disk) {
    return Xml.first(disk, "source")
        .filter(source -> !source.getAttribute("volume").isEmpty())
        .map(source -> new Volume(source.getAttribute("pool"), source.getAttribute("volume")));
  }

  static Optional<String> poolType(String told) {
    return Xml.read(told).map(pool -> pool.getDocumentElement().getAttribute("type"));
  }

  /** Of vol-dumpxml, which counts in bytes. */
  static OptionalLong capacityOfVolume(String told) {
    String text = Xml.read(told).map(v -> Xml.text(v.getDocumentElement(), "capacity")).orElse("");
    return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  /** Of domblkinfo. */
  static OptionalLong capacityOfBlock(String told) {
    Matcher found = CAPACITY.matcher(told);
    return found.find() ? OptionalLong.of(Long.parseLong(found.group(1))) : OptionalLong.empty();
  }

  static String word(Format format) {
    return format.name().toLowerCase(Locale.ROOT);
  }
}
