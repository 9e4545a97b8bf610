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
    if (nics.isEmpty() || undecided()) {
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
      add(nic.id(), mac, link(props), "");
    }
  }

  private void adapter(Resource adapter) {
    Props props = adapter.props();
    for (Resource function : tree.members(props.link("NetworkDeviceFunctions"))) {
      Props ethernet = function.props().at("Ethernet");
      add(
          function.id(),
          first(ethernet.texts("PermanentMACAddress"), ethernet.texts("MACAddress")),
          "",
          netBoot(function.props()));
    }
    for (String collection : List.of("Ports", "NetworkPorts")) {
      for (Resource port : tree.members(props.link(collection))) {
        Stream.of(
                port.props().texts("AssociatedNetworkAddresses"),
                port.props().texts("Ethernet", "AssociatedMACAddresses"))
            .flatMap(List::stream)
            .forEach(text -> add(port.id(), Macs.read(text), link(port.props()), ""));
      }
    }
  }

  /** Several cards, and no word on which of them the machine may boot from. */
  private boolean undecided() {
    return nics.size() > 1 && nics.values().stream().allMatch(nic -> nic.netBoot().isEmpty());
  }

  /** The firmware's own list names the cards that it can boot from; beside others, only them. */
  private void bootOptions(Props system) {
    boolean nothingElse = nics.isEmpty();
    for (Resource option : tree.members(system.link("Boot", "BootOptions"))) {
      bootable(option.id(), option.props().textOrEmpty("UefiDevicePath"), nothingElse);
    }
    for (String path : system.texts("Boot", BootView.DEVICE_PATH + "@Redfish.AllowableValues")) {
      bootable("", path, nothingElse);
    }
  }

  private void bootable(String name, String path, boolean asNew) {
    Optional<HardwareAddress> mac = Macs.readDevicePath(path);
    add(name, mac.filter(m -> asNew || nics.containsKey(m)), "", "on");
  }

  private void add(String name, Optional<HardwareAddress> mac, String link, String netBoot) {
    mac.filter(m -> nics.size() < MAX_NICS)
        .ifPresent(
            m ->
                nics.merge(
                    m,
                    new Nic(name, m, link, netBoot),
                    (old, more) ->
                        new Nic(
                            old.name(),
                            m,
                            old.link().isEmpty() ? link : old.link(),
                            old.netBoot().isEmpty() ? netBoot : old.netBoot())));
  }

  /** As NetworkDeviceFunction tells it: of the other modes none is by PXE or HTTP. */
  private static String netBoot(Props function) {
    return switch (function.textOrEmpty("BootMode").toLowerCase(Locale.ROOT)) {
      case "" -> "";
      case "pxe", "http" -> "on";
      default -> "off";
    };
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
