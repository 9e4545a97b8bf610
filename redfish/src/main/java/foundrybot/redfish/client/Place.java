// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which of a BMC's resources are about the one machine; found once, by links from the root.
 *
 * @param system its URI
 * @param managers URIs of the BMC's own resources
 * @param chassis URIs
 */
record Place(
    String system, List<String> managers, List<String> chassis, Identity identity, Quirks quirks) {

  private static final int MAX_PAGES = 20;

  Place {
    managers = List.copyOf(managers);
    chassis = List.copyOf(chassis);
  }

  /** Looks for it. */
  static Place find(RedfishTree tree, Optional<String> wanted) {
    Resource root = tree.get(tree.http().root());
    Systems systems = Systems.of(tree, root);
    Resource system = systems.choose(tree, wanted);
    List<Resource> managers = managers(tree, root, system);
    List<String> chassis = system.props().links("Links", "Chassis");
    if (chassis.isEmpty() && systems.read().size() == 1) {
      chassis = tree.members(root.props().link("Chassis")).stream().map(Resource::uri).toList();
    }
    Identity identity = identity(root.props(), system.props(), managers);
    String products =
        identity.model()
            + " "
            + root.props().textOrEmpty("Product")
            + managers.stream().map(m -> " " + m.props().textOrEmpty("Model")).toList();
    Quirks.Who who = new Quirks.Who(identity.vendor(), products, identity.firmware());
    return new Place(
        system.uri(),
        managers.stream().map(Resource::uri).toList(),
        chassis,
        identity,
        Quirks.of(who, tree.http().quirks()));
  }

  /**
   * The systems behind a BMC.
   *
   * @param unread why one of them could not be read: none may then be taken for the only one
   */
  private record Systems(List<Resource> read, Optional<RedfishException> unread) {

    static Systems of(RedfishTree tree, Resource root) {
      List<Resource> read = new ArrayList<>();
      Optional<RedfishException> unread = Optional.empty();
      Optional<String> collection = root.props().link("Systems");
      if (collection.isPresent()) {
        tree.get(collection.get());
      }
      for (Props member : tree.memberProps(collection, MAX_PAGES)) {
        try {
          if (member.text("@odata.id").isPresent()) {
            read.add(tree.get(member.textOrEmpty("@odata.id")));
          }
        } catch (RedfishException e) {
          unread = Optional.of(e);
        }
      }
      return new Systems(read, unread);
    }

    Resource choose(RedfishTree tree, Optional<String> wanted) {
      List<Resource> fitting = read;
      if (wanted.isPresent()) {
        fitting = read.stream().filter(s -> isCalled(s, wanted.get())).toList();
      } else if (read.size() > 1) {
        List<Resource> switchable = read.stream().filter(Place::hasReset).toList();
        fitting = switchable.isEmpty() ? read : switchable;
      }
      if (unread.isPresent() && (wanted.isEmpty() || fitting.isEmpty())) {
        throw unread.get();
      }
      if (fitting.size() == 1) {
        return fitting.getFirst();
      }
      throw noneOrSeveral(tree.http().faults(), wanted);
    }

    private RedfishException noneOrSeveral(Faults faults, Optional<String> wanted) {
      List<String> names = read.stream().limit(20).map(Resource::id).toList();
      String advice =
          names.isEmpty() ? "is this the BMC of a machine?" : "say which one by 'system: ID'";
      return faults.fault(
          Kind.NO_SUCH_SYSTEM,
          "which systems it has",
          names.isEmpty() ? "none" : String.join(", ", names),
          wanted.map(w -> "'system: " + w + "' names none of them, or several").orElse(advice));
    }
  }

  private static boolean hasReset(Resource system) {
    return system.props().at("Actions", "#ComputerSystem.Reset").text("target").isPresent();
  }

  private static boolean isCalled(Resource system, String wanted) {
    List<String> names = new ArrayList<>(List.of(system.id(), system.uri()));
    for (String property : List.of("Name", "UUID", "SerialNumber", "HostName", "AssetTag")) {
      system.props().text(property).ifPresent(names::add);
    }
    String plain = plain(wanted);
    return names.stream().anyMatch(name -> plain(name).equals(plain));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("/+$", "");
  }

  private static List<Resource> managers(RedfishTree tree, Resource root, Resource system) {
    List<Resource> named = new ArrayList<>();
    for (String uri : system.props().links("Links", "ManagedBy")) {
      tree.find(uri).ifPresent(named::add);
    }
    if (!named.isEmpty()) {
      return named;
    }
    // Some say nothing of who manages a system; where there is but one, it is that.
    List<Resource> all = tree.members(root.props().link("Managers"));
    return all.size() == 1 ? all : List.of();
  }

  private static Identity identity(Props root, Props system, List<Resource> managers) {
    String oem =
        root.at("Oem").node().properties().stream()
            .map(java.util.Map.Entry::getKey)
            .findFirst()
            .orElse("");
    return new Identity(
        ("Redfish " + root.textOrEmpty("RedfishVersion")).strip(),
        system.text("Manufacturer").or(() -> root.text("Vendor")).orElse(oem),
        system.textOrEmpty("Model"),
        managers.stream()
            .flatMap(m -> m.props().text("FirmwareVersion").stream())
            .findFirst()
            .orElse(""));
  }
}
