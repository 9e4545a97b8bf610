// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory.Nic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The MACs of a machine, from all places where BMCs have them, each once.
 *
 * <p>A link that is down or a status that is missing is no reason to leave one out; an address that
 * somebody made up is, where it is disabled: it belongs to the wire between machine and BMC.
 */
final class NicReader {
  private static final int MAX_NICS = 128;

  private final RedfishTree tree;
  private final Place place;
  private final Map<HardwareAddress, Nic> nics = new LinkedHashMap<>();

  NicReader(RedfishTree tree, Place place) {
    this.tree = tree;
    this.place = place;
  }

  List<Nic> read() {
    Props system = tree.get(place.system()).props();
    for (Resource nic : tree.members(system.link("EthernetInterfaces"))) {
      interfaceOf(nic);
    }
    List<Optional<String>> adapters = new ArrayList<>();
    adapters.add(system.link("NetworkInterfaces"));
    for (String chassis : place.chassis()) {
      adapters.add(tree.find(chassis).flatMap(c -> c.props().link("NetworkAdapters")));
    }
    for (Optional<String> collection : adapters) {
      for (Resource adapter : tree.members(collection)) {
        adapter(adapter);
      }
    }
    if (nics.isEmpty()) {
      bootOptions(system);
    }
    return List.copyOf(nics.values());
  }

  private void interfaceOf(Resource nic) {
    Props props = nic.props();
    Optional<HardwareAddress> mac =
        first(props.texts("PermanentMACAddress"), props.texts("MACAddress"));
    boolean disabled = props.textOrEmpty("Status", "State").equalsIgnoreCase("Disabled");
    if (mac.isPresent() && !(disabled && Macs.locallyMade(mac.get()))) {
      add(nic.id(), mac, link(props));
    }
  }

  private void adapter(Resource adapter) {
    Props props = adapter.props();
    for (Resource function : tree.members(props.link("NetworkDeviceFunctions"))) {
      Props ethernet = function.props().at("Ethernet");
      add(
          function.id(),
          first(ethernet.texts("PermanentMACAddress"), ethernet.texts("MACAddress")),
          "");
    }
    for (String collection : List.of("Ports", "NetworkPorts")) {
      for (Resource port : tree.members(props.link(collection))) {
        Stream.of(
                port.props().texts("AssociatedNetworkAddresses"),
                port.props().texts("Ethernet", "AssociatedMACAddresses"))
            .flatMap(List::stream)
            .forEach(text -> add(port.id(), Macs.read(text), link(port.props())));
      }
    }
  }

  /** Where nothing else is told, the firmware's own list names the cards that it can boot from. */
  private void bootOptions(Props system) {
    for (Resource option : tree.members(system.link("Boot", "BootOptions"))) {
      String path = option.props().textOrEmpty("UefiDevicePath");
      add(option.id(), Macs.readDevicePath(path), "");
    }
    for (String path : system.texts("Boot", BootView.DEVICE_PATH + "@Redfish.AllowableValues")) {
      add("", Macs.readDevicePath(path), "");
    }
  }

  private void add(String name, Optional<HardwareAddress> mac, String link) {
    mac.filter(m -> nics.size() < MAX_NICS)
        .ifPresent(
            m ->
                nics.merge(
                    m,
                    new Nic(name, m, link),
                    (old, more) -> old.link().isEmpty() ? new Nic(old.name(), m, link) : old));
  }

  private static Optional<HardwareAddress> first(List<String> better, List<String> other) {
    return Stream.concat(better.stream(), other.stream())
        .flatMap(text -> Macs.read(text).stream())
        .findFirst();
  }

  private static String link(Props props) {
    String told = props.text("LinkStatus").or(() -> props.text("LinkState")).orElse("");
    return switch (told.toLowerCase(Locale.ROOT)) {
      case "linkup", "up" -> "up";
      case "linkdown", "nolink", "down" -> "down";
      default -> "";
    };
  }
}
