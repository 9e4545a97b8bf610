// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.MeshSettings.PlaneSettings;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import foundrybot.answerfiles.Tree.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The mesh of a rack; each of its networks against the rack's, and against those before it. */
final class MeshBuilder {
  private static final int MOST_NAMED = 3;

  private final Faults faults;
  private final Map<String, Role> roles;
  private final ApplianceSettings appliance;
  private final List<Node> nodes;
  private final Map<Cidr, String> taken = new LinkedHashMap<>();
  private final Map<Cidr6, String> taken6 = new LinkedHashMap<>();
  private final Map<Integer, String> ports = new HashMap<>();

  MeshBuilder(
      Faults faults, Map<String, Role> roles, ApplianceSettings appliance, List<Node> nodes) {
    this.faults = faults;
    this.roles = roles;
    this.appliance = appliance;
    this.nodes = nodes;
    for (RackNetwork network : appliance.networks()) {
      taken.put(network.subnet(), "the appliance");
    }
  }

  Optional<MeshSettings> build(Branch mesh) {
    List<PlaneSettings> planes = new ArrayList<>();
    mesh.branch("planes")
        .ifPresent(
            table ->
                table
                    .entries()
                    .forEach((name, entry) -> plane(name, entry).ifPresent(planes::add)));
    boolean preshared = mesh.text("preshared").filter("on"::equals).isPresent();
    checkHttps(mesh.at());
    List<MeshFlow> flows = flows(mesh, planes);
    boolean relay = mesh.text("relay").filter("on"::equals).isPresent();
    MeshSettings settings = new MeshSettings(planes, preshared, flows, relay);
    if (relay && settings.relayed().isEmpty()) {
      String expected = "the plane bootstrap or control with topology: hub, whose hub passes on";
      faults.add(mesh.at("relay"), "mesh.relay", "on", expected);
    }
    return planes.isEmpty() ? Optional.empty() : Optional.of(settings);
  }

  /** Nodes send keys and get bundles over HTTPS, and know the appliance by its own CA. */
  private void checkHttps(Position at) {
    if (appliance.ports().https() == Ports.OFF) {
      String expected = "HTTPS (appliance.ports.https), by which nodes send their keys";
      faults.add(at, "mesh", "without HTTPS", expected);
    } else if (appliance.tls().isPresent()) {
      String expected = "the appliance's own CA, by whose certificate nodes know it";
      faults.add(at, "mesh", "with appliance.tls", expected);
    }
  }

  private Optional<PlaneSettings> plane(String name, Tree.Entry entry) {
    Plane plane = Plane.of(name).orElseThrow(() -> new IllegalStateException("unchecked " + name));
    String path = "mesh.planes." + name;
    if (!(entry.value() instanceof Branch branch) || branch.text("subnet").isEmpty()) {
      return Optional.empty();
    }
    Cidr subnet = Cidr.parse(branch.text("subnet").get()).orElseThrow();
    Optional<Cidr6> subnet6 = branch.text("subnet6").flatMap(Cidr6::parse);
    List<String> members = roles(branch, path);
    PlaneSettings settings =
        new PlaneSettings(
            plane,
            subnet,
            subnet6,
            Optional.empty(),
            members,
            branch.text("port").map(Integer::parseInt).orElse(plane.usualPort()),
            branch.text("mtu").map(Integer::parseInt).orElse(PlaneSettings.USUAL_MTU),
            branch
                .text("keepalive")
                .map(text -> text.equals("off") ? 0 : Integer.parseInt(text))
                .orElse(PlaneSettings.USUAL_KEEPALIVE));
    checkSubnets(branch, path, settings);
    checkPort(branch, entry.keyAt(), path, settings.port());
    List<Node> inside = nodes.stream().filter(settings::has).toList();
    if (inside.size() > settings.capacity()) {
      String value = inside.size() + " nodes";
      String expected = "at most " + settings.capacity() + ", which " + subnet + " has room for";
      faults.add(branch.at("subnet"), path + ".subnet", value, expected);
    }
    boolean star = branch.text("topology").filter("hub"::equals).isPresent();
    if (star) {
      return hub(branch, path, inside).map(hub -> through(settings, hub));
    }
    if (branch.has("hub")) {
      String expected = "no hub, or topology: hub beside it";
      faults.add(branch.at("hub"), path + ".hub", branch.text("hub").orElse(""), expected);
    }
    checkReach(entry.keyAt(), path, inside);
    return Optional.of(settings);
  }

  private static PlaneSettings through(PlaneSettings plane, Node hub) {
    return new PlaneSettings(
        plane.plane(),
        plane.subnet(),
        plane.subnet6(),
        Optional.of(hub.mac()),
        plane.roles(),
        plane.port(),
        plane.mtu(),
        plane.keepalive());
  }

  private List<String> roles(Branch branch, String path) {
    List<Leaf> leaves = leaves(branch, "roles");
    leaves.forEach(leaf -> RackBuilder.lookUp(faults, leaf, path + ".roles", roles));
    return leaves.stream().map(Leaf::text).toList();
  }

  private static List<Leaf> leaves(Branch branch, String key) {
    Tree.Entry entry = branch.entries().get(key);
    return entry != null && entry.value() instanceof Row row ? row.items() : List.of();
  }

  private void checkSubnets(Branch branch, String path, PlaneSettings settings) {
    Cidr subnet = settings.subnet();
    taken.keySet().stream()
        .filter(other -> overlap(other, subnet))
        .findFirst()
        .ifPresent(other -> refuse(branch, "subnet", path, other + " of " + taken.get(other)));
    taken.putIfAbsent(subnet, path);
    settings
        .subnet6()
        .ifPresent(
            subnet6 -> {
              taken6.keySet().stream()
                  .filter(subnet6::overlaps)
                  .findFirst()
                  .ifPresent(
                      other -> refuse(branch, "subnet6", path, other + " of " + taken6.get(other)));
              taken6.putIfAbsent(subnet6, path);
            });
  }

  private void refuse(Branch branch, String key, String path, String other) {
    faults.add(
        branch.at(key),
        path + "." + key,
        branch.text(key).orElse(""),
        "a subnet that shares no address with " + other);
  }

  private static boolean overlap(Cidr one, Cidr other) {
    return one.contains(other.address()) || other.contains(one.address());
  }

  private void checkPort(Branch branch, Position keyAt, String path, int port) {
    String owner = ports.putIfAbsent(port, path);
    if (owner != null) {
      Position at = branch.has("port") ? branch.at("port") : keyAt;
      faults.add(at, path + ".port", Integer.toString(port), "a port that " + owner + " has not");
    }
  }

  /** The node through which all speak: it is in the network itself, and can be reached first. */
  private Optional<Node> hub(Branch branch, String path, List<Node> inside) {
    Optional<Leaf> named = branch.leaf("hub");
    List<Node> candidates =
        inside.stream()
            .filter(
                node ->
                    named
                        .map(leaf -> leaf.text().equals(node.name()))
                        .orElseGet(() -> node.role().name().equals("hub")))
            .toList();
    Position at = branch.at("hub");
    if (candidates.size() != 1) {
      String value = named.map(Leaf::text).orElse(candidates.size() + " nodes of role hub");
      String expected =
          named.isPresent() ? "the name of a node of this plane" : "one, or hub: NAME beside it";
      faults.add(at, path + ".hub", value, expected);
      return Optional.empty();
    }
    Node hub = candidates.getFirst();
    if (hub.meshEndpoint().isEmpty()) {
      String expected = "a node with an address or an endpoint, as the others must reach it";
      faults.add(at, path + ".hub", hub.name(), expected);
    }
    return Optional.of(hub);
  }

  /** Of two that speak to each other, one has to know where the other is. */
  private void checkReach(Position keyAt, String path, List<Node> inside) {
    List<Node> lost = inside.stream().filter(node -> node.meshEndpoint().isEmpty()).toList();
    if (lost.size() > 1) {
      String names =
          lost.stream().limit(MOST_NAMED).map(Node::name).collect(Collectors.joining(", "));
      String more = lost.size() > MOST_NAMED ? ", ..." : "";
      String expected =
          "an address or an endpoint on all but one of its nodes, else these cannot find each"
              + " other; or topology: hub";
      faults.add(keyAt, path, "none on " + lost.size() + " (" + names + more + ")", expected);
    }
  }

  private List<MeshFlow> flows(Branch mesh, List<PlaneSettings> planes) {
    List<MeshFlow> flows = new ArrayList<>();
    for (Leaf leaf : leaves(mesh, "flows")) {
      MeshFlow flow = MeshFlow.parse(leaf.text()).orElseThrow();
      for (String role : List.of(flow.from(), flow.to())) {
        if (!role.equals(MeshFlow.ANY)) {
          var _ = RackBuilder.lookUp(faults, new Leaf(leaf.at(), role), "mesh.flows", roles);
        }
      }
      if (planes.stream().noneMatch(plane -> plane.plane() == flow.plane())) {
        String expected = "a plane that stands under mesh.planes";
        faults.add(leaf.at(), "mesh.flows", flow.plane().text(), expected);
      }
      flows.add(flow);
    }
    return flows;
  }
}
