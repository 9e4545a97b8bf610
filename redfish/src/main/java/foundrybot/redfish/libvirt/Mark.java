// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import java.util.List;
import java.util.Optional;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * What a domain's metadata say of who made it: {@code LibvirtHypervisor}, and these volumes with
 * it. Whatever has no such element belongs to somebody else.
 *
 * <p>libvirt keeps elements of foreign namespaces under {@code metadata}, one for each namespace
 * (libvirt.org/formatdomain.html#general-metadata).
 */
record Mark(List<Volume> volumes) {
  static final String NAMESPACE = "urn:foundrybot:machine:1";
  private static final String XMLNS = "http://www.w3.org/2000/xmlns/";
  private static final String MACHINE = "machine";
  private static final String DISK = "disk";

  Mark {
    volumes = List.copyOf(volumes);
  }

  static Optional<Mark> read(DomainXml domain) {
    return Xml.first(domain.root(), "metadata").flatMap(Mark::machine).map(Mark::volumes);
  }

  private static Optional<Element> machine(Element metadata) {
    return children(metadata, MACHINE).stream().findFirst();
  }

  private static Mark volumes(Element machine) {
    return new Mark(
        children(machine, DISK).stream()
            .map(disk -> new Volume(disk.getAttribute("pool"), disk.getAttribute("volume")))
            .toList());
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new java.util.ArrayList<>();
    for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element element
          && NAMESPACE.equals(element.getNamespaceURI())
          && name.equals(element.getLocalName())) {
        found.add(element);
      }
    }
    return found;
  }

  /** Writes it into a domain that has none. */
  void write(Element domain) {
    Element machine = add(Xml.add(domain, "metadata"), MACHINE);
    machine.setAttributeNS(XMLNS, "xmlns:foundrybot", NAMESPACE);
    for (Volume volume : volumes) {
      Element disk = add(machine, DISK);
      disk.setAttribute("pool", volume.pool());
      disk.setAttribute("volume", volume.name());
    }
  }

  private static Element add(Element parent, String name) {
    Document document = parent.getOwnerDocument();
    Element element = document.createElementNS(NAMESPACE, "foundrybot:" + name);
    parent.appendChild(element);
    return element;
  }
}
