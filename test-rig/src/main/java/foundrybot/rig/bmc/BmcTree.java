// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The tree of one BMC: the service itself, its manager, and its systems. */
final class BmcTree {
  static final String ROOT = "/redfish/v1";
  static final String SESSION_SERVICE = ROOT + "/SessionService";
  static final String SESSIONS = SESSION_SERVICE + "/Sessions";

  private final Personality personality;
  private final Resources resources;
  private final List<Node> nodes = new ArrayList<>();

  BmcTree(
      Personality personality,
      List<Machine> machines,
      Sessions sessions,
      Tasks tasks,
      InstantSource clock,
      MediaPlayer player,
      boolean ignoresShutdown) {
    this.personality = personality;
    this.resources = new Resources(personality.pageSize());
    for (Machine machine : machines) {
      Node node = new Node(personality, machine, nodes.size(), clock, player, ignoresShutdown);
      nodes.add(node);
      node.addTo(resources, machines.size() == 1);
    }
    addRoot();
    addServices(sessions, tasks);
    addBareSystem();
    addManager(clock);
  }

  List<Node> nodes() {
    return nodes;
  }

  Optional<Map<String, Object>> read(String path, String query) {
    return resources.read(path, query);
  }

  private void addRoot() {
    resources.add("/redfish", () -> Json.object("v1", ROOT + "/"));
    String uuid =
        UUID.nameUUIDFromBytes(nodes.getFirst().system().getBytes(StandardCharsets.US_ASCII))
            .toString();
    resources.add(
        ROOT,
        () ->
            Json.object(
                "@odata.id",
                ROOT + (personality.slash() == Personality.Slash.ANY ? "" : "/"),
                "@odata.type",
                "#ServiceRoot.v1_15_0.ServiceRoot",
                "Id",
                "RootService",
                "Name",
                "Root Service",
                "RedfishVersion",
                personality.redfishVersion(),
                "UUID",
                uuid,
                "Vendor",
                personality.oem().isEmpty() ? Optional.empty() : Optional.of(personality.oem()),
                "Product",
                personality.bmcModel(),
                "Systems",
                Json.link(ROOT + "/Systems"),
                "Chassis",
                Json.link(ROOT + "/Chassis"),
                "Managers",
                Json.link(ROOT + "/Managers"),
                "Tasks",
                Json.link(Tasks.SERVICE),
                "SessionService",
                personality.sessions() ? Optional.of(Json.link(SESSION_SERVICE)) : Optional.empty(),
                "Links",
                personality.sessions()
                    ? Json.object("Sessions", Json.link(SESSIONS))
                    : Json.object()));
  }

  private void addServices(Sessions sessions, Tasks tasks) {
    if (personality.sessions()) {
      resources.add(
          SESSION_SERVICE,
          "#SessionService.v1_1_8.SessionService",
          "Session Service",
          "ServiceEnabled",
          true,
          "SessionTimeout",
          personality.sessionTimeoutS(),
          "Sessions",
          Json.link(SESSIONS));
      resources.entries(
          SESSIONS,
          "SessionCollection",
          () ->
              sessions.ids().stream()
                  .map(
                      id ->
                          Resources.common(
                              SESSIONS + "/" + id, "#Session.v1_5_0.Session", "Session " + id))
                  .toList());
    }
    resources.add(
        Tasks.SERVICE,
        "#TaskService.v1_2_0.TaskService",
        "Task Service",
        "ServiceEnabled",
        true,
        "Tasks",
        Json.link(Tasks.SERVICE + "/Tasks"));
    resources.collection(Tasks.SERVICE + "/Tasks", "TaskCollection", tasks::paths);
  }

  /** A baseboard that is listed as a system and can do nothing. */
  private void addBareSystem() {
    Stream<String> bare = Stream.empty();
    if (!personality.bareSystem().isEmpty()) {
      String path = ROOT + "/Systems/" + personality.bareSystem();
      bare = Stream.of(path);
      resources.add(
          path,
          "#ComputerSystem.v1_20_0.ComputerSystem",
          "Baseboard",
          "SystemType",
          "Physical",
          "Status",
          Json.object("State", "Enabled", "Health", "OK"));
    }
    List<String> systems = Stream.concat(bare, nodes.stream().map(Node::system)).toList();
    resources.collection(ROOT + "/Systems", "ComputerSystemCollection", () -> systems);
    List<String> chassis = nodes.stream().map(Node::chassis).toList();
    resources.collection(ROOT + "/Chassis", "ChassisCollection", () -> chassis);
  }

  private void addManager(InstantSource clock) {
    String manager = ROOT + "/Managers/" + personality.managerId();
    List<String> media = nodes.stream().flatMap(n -> n.mediaBelow(manager).stream()).toList();
    resources.collection(ROOT + "/Managers", "ManagerCollection", () -> List.of(manager));
    if (!media.isEmpty()) {
      resources.collection(manager + "/VirtualMedia", "VirtualMediaCollection", () -> media);
    }
    resources.add(
        manager,
        () -> {
          Map<String, Object> resource =
              Resources.common(manager, "#Manager.v1_17_0.Manager", "Manager");
          resource.putAll(
              Json.object(
                  "ManagerType",
                  "BMC",
                  "Model",
                  personality.bmcModel(),
                  "FirmwareVersion",
                  personality.bmcVersion(),
                  "DateTime",
                  clock.instant().toString(),
                  "Status",
                  Json.object("State", "Enabled", "Health", "OK"),
                  "VirtualMedia",
                  media.isEmpty()
                      ? Optional.empty()
                      : Optional.of(Json.link(manager + "/VirtualMedia")),
                  "Links",
                  Json.object(
                      "ManagerForServers", Json.links(nodes.stream().map(Node::system).toList()))));
          return resource;
        });
  }
}
