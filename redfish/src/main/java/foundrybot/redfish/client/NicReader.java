// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory.Nic;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The MACs of a machine, from all places where BMCs have them, each once.
 *
 * <p>A link that is down or a status that is missing is no reason to leave one out; an address that
 * somebody made up is, where it is disabled: it belongs to the wire between machine and BMC.
 */
final class NicReader {
  private static final int MAX_NICS = 128;

  /** The newer name, and the older one. */
  private static final List<String> PORTS = List.of("Ports", "NetworkPorts");

  /** Of one machine, with all that is in it. */
  private static final int MAX_CHASSIS = 64;

  private final RedfishTree tree;
  private final Place place;
  private final Map<HardwareAddress, Nic> nics = new LinkedHashMap<>();

  /** What has been looked at, as some is linked from several places. */
  private final Set<String> seen = new HashSet<>();

  private final Set<String> chassis = new HashSet<>();

  NicReader(RedfishTree tree, Place place) {
    this.tree = tree;
    this.place = place;
  }

  List<Nic> read() {
    Props system = tree.get(place.system()).props();
    for (Resource nic : tree.members(system.link("EthernetInterfaces"))) {
      interfaceOf(nic);
    }
    for (Resource one : tree.members(system.link("NetworkInterfaces"))) {
      adapter(one);
      tree.find(one.props().link("Links", "NetworkAdapter")).ifPresent(this::adapter);
    }
    place.chassis().forEach(uri -> tree.find(uri).ifPresent(this::chassis));
    if (nics.isEmpty()) {
      elsewhere();
    }
    for (Quirks.AdaptersAt own : place.quirks().all(Quirks.AdaptersAt.class)) {
      tree.members(system.link(own.path().toArray(String[]::new))).forEach(this::physicalPorts);
    }
    if (nics.isEmpty() || undecided()) {
      bootOptions(system);
    }
    return List.copyOf(nics.values());
  }

  private void chassis(Resource one) {
    if (chassis.size() < MAX_CHASSIS && chassis.add(one.uri())) {
      tree.members(one.props().link("NetworkAdapters")).forEach(this::adapter);
    }
  }

  /** Cards may be in chassis of their own, which are linked from the machine's, or from nowhere. */
  private void elsewhere() {
    Deque<String> inner = new ArrayDeque<>(place.chassis());
    Set<String> known = new HashSet<>();
    while (!inner.isEmpty() && known.size() < MAX_CHASSIS) {
      String uri = inner.removeFirst();
      if (known.add(uri)) {
        tree.find(uri)
            .ifPresent(
                one -> {
                  chassis(one);
                  inner.addAll(one.props().links("Links", "Contains"));
                });
      }
    }
    if (nics.isEmpty() && place.alone()) {
      tree.members(tree.root().props().link("Chassis")).forEach(this::chassis);
    }
  }

  private void physicalPorts(Resource adapter) {
    for (Props port : adapter.props().items("PhysicalPorts")) {
      add(adapter.id(), first(port.texts("MacAddress"), List.of()), link(port), "");
    }
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

  /** By its collections, or by what its controllers link to. */
  private void adapter(Resource adapter) {
    Props props = adapter.props();
    tree.members(props.link("NetworkDeviceFunctions")).forEach(this::function);
    for (String ports : PORTS) {
      tree.members(props.link(ports)).forEach(this::port);
    }
    for (Props controller : props.items("Controllers")) {
      Props links = controller.at("Links");
      linked(links, "NetworkDeviceFunctions").forEach(this::function);
      PORTS.forEach(ports -> linked(links, ports).forEach(this::port));
    }
  }

  private List<Resource> linked(Props links, String property) {
    return links.links(property).stream()
        .filter(uri -> !seen.contains(uri))
        .flatMap(uri -> tree.find(uri).stream())
        .toList();
  }

  private void function(Resource function) {
    seen.add(function.uri());
    Props props = function.props();
    Props ethernet = props.at("Ethernet");
    Optional<HardwareAddress> mac =
        first(ethernet.texts("PermanentMACAddress"), ethernet.texts("MACAddress"));
    add(function.id(), mac, "", netBoot(props));
    if (mac.isEmpty()) {
      interfaces(props);
    }
  }

  /** Some have the address only in the interface that a card's function or port leads to. */
  private void interfaces(Props props) {
    tree.members(props.link("Ethernet", "EthernetInterfaces")).forEach(this::interfaceOf);
    for (String property : List.of("EthernetInterfaces", "EthernetInterface")) {
      linked(props.at("Links"), property).forEach(this::interfaceOf);
    }
  }

  private void port(Resource port) {
    seen.add(port.uri());
    Props props = port.props();
    Stream.of(
            props.texts("AssociatedNetworkAddresses"),
            props.texts("Ethernet", "AssociatedMACAddresses"))
        .flatMap(List::stream)
        .forEach(text -> add(port.id(), Macs.read(text), link(props), ""));
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
