// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Identity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which of a BMC's resources are about the one machine; found once, by links from the root.
 *
 * @param system its URI
 * @param managers URIs of the BMC's own resources
 * @param chassis URIs
 * @param alone whether the BMC has no other machine, so that all it has belongs to this one
 */
record Place(
    String system,
    List<String> managers,
    List<String> chassis,
    boolean alone,
    Identity identity,
    Quirks quirks) {

  private static final int MAX_PAGES = 20;

  /** Of a machine of its own, the surest first. */
  private static final List<Predicate<Resource>> SIGNS =
      List.of(Place::hasReset, Place::isBox, Place::boots);

  Place {
    managers = List.copyOf(managers);
    chassis = List.copyOf(chassis);
  }

  /** Looks for it. */
  static Place find(RedfishTree tree, Optional<String> wanted) {
    Resource root = tree.root();
    Systems systems = Systems.of(tree, root, wanted.isPresent() ? List.of() : parts(tree, root));
    Resource system = systems.choose(tree, wanted);
    boolean alone = systems.machines().equals(List.of(system));
    List<Resource> managers =
        managers(tree, root, system, alone).stream()
            .sorted(Comparator.comparing(manager -> !isBmc(manager)))
            .toList();
    List<String> chassis = system.props().links("Links", "Chassis");
    if (chassis.isEmpty()) {
      chassis = chassis(tree, root, system, alone).stream().map(Resource::uri).toList();
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
        alone,
        identity,
        Quirks.of(who, tree.http().quirks()));
  }

  /**
   * The systems behind a BMC.
   *
   * @param unread why one of them could not be read: none may then be taken for the only one
   */
  private record Systems(List<Resource> read, Optional<RedfishException> unread) {

    /** Without those of a name by which a part of a machine goes, unless there are no others. */
    static Systems of(RedfishTree tree, Resource root, List<Pattern> parts) {
      Optional<String> collection = root.props().link("Systems");
      if (collection.isPresent()) {
        tree.get(collection.get());
      }
      List<String> all =
          tree.memberProps(collection, MAX_PAGES).stream()
              .flatMap(member -> member.text("@odata.id").stream())
              .toList();
      List<String> whole = all.stream().filter(uri -> !isPart(uri, parts)).toList();
      return read(tree, whole.isEmpty() ? all : whole);
    }

    private static boolean isPart(String uri, List<Pattern> parts) {
      String name = uri.replaceAll("/+$", "").replaceAll(".*/", "");
      return parts.stream().anyMatch(part -> part.matcher(name).matches());
    }

    private static Systems read(RedfishTree tree, List<String> uris) {
      List<Resource> read = new ArrayList<>();
      Optional<RedfishException> unread = Optional.empty();
      Optional<RedfishException> gone = Optional.empty();
      for (String uri : uris) {
        try {
          read.add(tree.get(uri));
        } catch (RedfishException e) {
          // A link that leads nowhere leads to no other machine.
          if (e.is(Kind.REFUSED)) {
            gone = Optional.of(e);
          } else {
            unread = Optional.of(e);
          }
        }
      }
      return new Systems(read, unread.isPresent() || !read.isEmpty() ? unread : gone);
    }

    Resource choose(RedfishTree tree, Optional<String> wanted) {
      List<Resource> fitting =
          wanted.isPresent()
              ? read.stream().filter(s -> isCalled(s, wanted.get())).toList()
              : machines();
      if (unread.isPresent() && (wanted.isEmpty() || fitting.isEmpty())) {
        throw unread.get();
      }
      if (fitting.size() == 1) {
        return fitting.getFirst();
      }
      throw noneOrSeveral(tree.http().faults(), wanted);
    }

    /**
     * Those that are machines of their own: what can be switched, is no card with a system of its
     * own, and boots, as a board of accelerators does not; all, if none of them would be left.
     */
    List<Resource> machines() {
      List<Resource> machines = read;
      for (Predicate<Resource> sign : SIGNS) {
        List<Resource> signed = machines.stream().filter(sign).toList();
        machines = signed.isEmpty() ? machines : signed;
      }
      return machines;
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

  /** By its SystemType, which many do not tell (DSP2046, ComputerSystem). */
  private static boolean isBox(Resource system) {
    String type = system.props().textOrEmpty("SystemType").toLowerCase(Locale.ROOT);
    return type.isEmpty() || type.equals("physical");
  }

  private static boolean boots(Resource system) {
    return system.props().at("Boot").node().size() > 0;
  }

  /** As far as the root tells whose BMC it is. */
  private static List<Pattern> parts(RedfishTree tree, Resource root) {
    return Quirks.of(Quirks.Who.of(root.props()), tree.http().quirks())
        .all(Quirks.PartOfMachine.class)
        .stream()
        .map(Quirks.PartOfMachine::name)
        .toList();
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
    return Resource.path(name).toLowerCase(Locale.ROOT);
  }

  /** And not what manages a rack or a chassis, nor a service (DSP2046, Manager). */
  private static boolean isBmc(Resource manager) {
    String type = manager.props().textOrEmpty("ManagerType").toLowerCase(Locale.ROOT);
    return type.isEmpty() || type.equals("bmc") || type.equals("managementcontroller");
  }

  /** Those that say that the machine is in them; of one that is alone, all. */
  private static List<Resource> chassis(
      RedfishTree tree, Resource root, Resource system, boolean alone) {
    List<Resource> all = tree.members(root.props().link("Chassis"));
    List<Resource> claiming =
        all.stream().filter(c -> linksTo(c, "ComputerSystems", system)).toList();
    return claiming.isEmpty() && alone ? all : claiming;
  }

  private static List<Resource> managers(
      RedfishTree tree, Resource root, Resource system, boolean alone) {
    List<String> links = system.props().links("Links", "ManagedBy");
    if (links.isEmpty()) {
      links = system.props().links("Links", "Managers");
    }
    List<Resource> named = links.stream().flatMap(uri -> tree.find(uri).stream()).toList();
    if (!named.isEmpty()) {
      return named;
    }
    // Some say nothing of who manages a system; then a manager may, and where there is but one of
    // the two, it is that.
    List<Resource> all = tree.members(root.props().link("Managers"));
    List<Resource> claiming =
        all.stream().filter(m -> linksTo(m, "ManagerForServers", system)).toList();
    return all.size() == 1 || (claiming.isEmpty() && alone) ? all : claiming;
  }

  private static boolean linksTo(Resource from, String property, Resource system) {
    return from.props().links("Links", property).stream()
        .anyMatch(uri -> plain(uri).equals(plain(system.uri())));
  }

  private static Identity identity(Props root, Props system, List<Resource> managers) {
    return new Identity(
        ("Redfish " + root.textOrEmpty("RedfishVersion")).strip(),
        system.text("Manufacturer").orElseGet(() -> Quirks.Who.maker(root)),
        system.textOrEmpty("Model"),
        managers.stream()
            .flatMap(m -> m.props().text("FirmwareVersion").stream())
            .findFirst()
            .orElse(""));
  }
}
