// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The API of Proxmox VE as its description has it, as far as machines are concerned. */
final class PveService {
  private static final String BASE = "/api2/json/";
  private static final String HTML = "<html><body>Proxmox Virtual Environment</body></html>";

  /** The list learns the name of a new machine late. */
  private static final Duration NAME_LAG = Duration.ofSeconds(10);

  final PveCluster cluster;
  final Set<String> withoutPrivilege = new HashSet<>();
  private final PveEmulator.Setup setup;
  private final PveLogins logins;
  private final PveTasks tasks;
  private final PveMachines machines;
  private final Dice dice;
  private final List<String> asked = new ArrayList<>();

  PveService(PveEmulator.Setup setup, Dice dice) {
    this.setup = setup;
    this.dice = dice;
    this.cluster = new PveCluster(setup.nodes());
    this.logins = new PveLogins(setup.user(), setup.token(), setup.secondFactor(), setup.clock());
    this.tasks = new PveTasks(setup.clock());
    this.machines = new PveMachines(setup, cluster, tasks, dice);
  }

  synchronized PveEmulator.Account account() {
    return new PveEmulator.Account(List.copyOf(asked), logins.refused(), dice.played());
  }

  Function<PoweredMachine.Plate, PoweredMachine> maker() {
    return setup.maker();
  }

  synchronized List<String> issued() {
    return logins.issued();
  }

  /** Answers one request; called by any number of threads. */
  synchronized Reply handle(Request request) {
    if (dice.hits(Fault.SILENT, request)) {
      return Reply.empty(200).with(Reply.Delivery.NEVER);
    }
    if (dice.hits(Fault.RESET_BEFORE, request)) {
      return Reply.empty(200).with(Reply.Delivery.RESET);
    }
    if (dice.hits(Fault.HTML, request)) {
      return Reply.of(200, "text/html", HTML);
    }
    if (dice.hits(Fault.BUSY_503, request)) {
      return Reply.of(503, "text/html", HTML).saying("Service Unavailable");
    }
    Reply reply = reply(request);
    if (!request.reads() && dice.hits(Fault.RESET_AFTER, request)) {
      return reply.with(Reply.Delivery.RESET);
    }
    return dice.hits(Fault.CUT, request) ? reply.with(Reply.Delivery.CUT) : reply;
  }

  private Reply reply(Request request) {
    tasks.advance();
    asked.add(request.method() + " " + decoded(request.path()).replaceFirst("^/api2/json", ""));
    try {
      if (dice.hits(Fault.ERROR_500, request)) {
        throw PveError.of("got no worker upid - start worker failed");
      }
      return Reply.json(200, Json.object("data", data(request)));
    } catch (PveError e) {
      Map<String, Object> body = Json.object("data", Json.NULL);
      if (!e.errors().isEmpty()) {
        body.put("errors", e.errors());
      }
      if (setup.messageInBody()) {
        body.put("message", e.words() + "\n");
      }
      return Reply.json(e.status(), body).saying(e.words());
    } finally {
      tasks.advance();
    }
  }

  private Object data(Request request) {
    if (!request.path().startsWith(BASE)) {
      throw PveError.of(404, "no such file '" + request.path() + "'");
    }
    List<String> path =
        Arrays.stream(request.path().substring(BASE.length()).split("/", -1))
            .map(PveService::decoded)
            .toList();
    Map<String, String> form = form(request);
    if (path.equals(List.of("access", "ticket")) && request.method().equals("POST")) {
      return logins.ticket(form);
    }
    if (dice.hits(Fault.LOST_SESSION, request)) {
      logins.forget();
    }
    String user = logins.check(request);
    return switch (path.getFirst()) {
      case "version" ->
          Json.object("version", setup.version(), "release", "8.2", "repoid", "faa83925c9641325");
      case "cluster" -> ofCluster(request, path, form);
      case "nodes" -> path.size() == 1 ? nodes() : ofNode(request, path, form, user);
      default -> throw unknown(request);
    };
  }

  private static PveError unknown(Request request) {
    return PveError.of(
        501, "Method '" + request.method() + " " + request.path() + "' not implemented");
  }

  private Object ofCluster(Request request, List<String> path, Map<String, String> form) {
    if (path.equals(List.of("cluster", "nextid")) && request.reads()) {
      return Integer.toString(cluster.nextId());
    }
    if (path.equals(List.of("cluster", "resources"))
        && "vm".equals(form.get("type"))
        && request.reads()) {
      return cluster.guests.values().stream().map(this::resource).toList();
    }
    throw unknown(request);
  }

  private Map<String, Object> resource(PveGuest guest) {
    boolean away = cluster.away.contains(guest.node);
    boolean known = guest.made.plus(NAME_LAG).isBefore(setup.clock().instant());
    return Json.object(
        "id",
        "qemu/" + guest.vmid,
        "type",
        "qemu",
        "vmid",
        guest.vmid,
        "node",
        guest.node,
        "name",
        known ? Optional.of(guest.get("name")) : Optional.empty(),
        "template",
        guest.get("template").equals("1") ? 1 : 0,
        "status",
        away || !known ? "unknown" : guest.runs() ? "running" : "stopped");
  }

  private Object nodes() {
    return cluster.nodes.stream()
        .map(
            node ->
                Json.object(
                    "node",
                    node,
                    "type",
                    "node",
                    "status",
                    cluster.away.contains(node) ? "offline" : "online"))
        .toList();
  }

  private Object ofNode(Request request, List<String> path, Map<String, String> form, String user) {
    String node = path.get(1);
    if (!cluster.nodes.contains(node)) {
      throw PveError.of("hostname lookup '" + node + "' failed - failed to get address info");
    }
    if (cluster.away.contains(node)) {
      throw PveError.of(595, "No route to host");
    }
    return switch (path.size() > 2 ? path.get(2) : "") {
      case "storage" -> storage(request, path, form, user);
      case "tasks" ->
          path.size() == 5 && path.get(4).equals("status")
              ? tasks.status(node, path.get(3))
              : tasks.list(
                  node,
                  Integer.parseInt(form.getOrDefault("vmid", "0")),
                  Integer.parseInt(form.getOrDefault("limit", "50")));
      case "qemu" -> qemu(request, path, form, user);
      default -> throw unknown(request);
    };
  }

  private Object qemu(Request request, List<String> path, Map<String, String> form, String user) {
    String node = path.get(1);
    if (path.size() == 3 && request.method().equals("POST")) {
      allowed("/vms/" + form.get("vmid"), "VM.Allocate");
      return machines.create(node, form, user, request);
    }
    if (path.size() < 4 || !path.get(3).matches("\\d{3,9}")) {
      throw unknown(request);
    }
    PveGuest guest = cluster.guest(node, Integer.parseInt(path.get(3)));
    String object = "/vms/" + guest.vmid;
    String below = request.method() + " " + String.join("/", path.subList(4, path.size()));
    return switch (below) {
      case "GET config" -> machines.config(guest, "1".equals(form.get("current")));
      case "PUT config", "POST config" -> {
        form.forEach((key, value) -> allowed(object, privilege(key, value)));
        yield machines.change(guest, form, user, request);
      }
      case "GET status/current" -> guest.status();
      case "DELETE " -> {
        allowed(object, "VM.Allocate");
        yield machines.delete(guest, user, request);
      }
      default -> {
        if (!below.startsWith("POST status/")) {
          throw unknown(request);
        }
        allowed(object, "VM.PowerMgmt");
        yield machines.power(guest, below.substring("POST status/".length()), form, user, request);
      }
    };
  }

  /** What changing an option takes; the order of booting counts as one of the disks. */
  private static String privilege(String key, String value) {
    if (value.contains("media=cdrom")) {
      return "VM.Config.CDROM";
    }
    return key.equals("boot") ? "VM.Config.Disk" : "VM.Config.Options";
  }

  private void allowed(String object, String privilege) {
    if (withoutPrivilege.contains(privilege)) {
      throw PveError.of(403, "Permission check failed (" + object + ", " + privilege + ")");
    }
  }

  private Object storage(
      Request request, List<String> path, Map<String, String> form, String user) {
    if (path.size() == 3 && request.reads()) {
      return cluster.storages.stream()
          .filter(s -> s.content().contains(form.getOrDefault("content", "")))
          .map(
              s ->
                  Json.object(
                      "storage",
                      s.name(),
                      "active",
                      1,
                      "enabled",
                      1,
                      "content",
                      String.join(",", s.content())))
          .toList();
    }
    String below = request.method() + " " + (path.size() > 4 ? path.get(4) : "");
    String storage = path.get(3);
    return switch (below) {
      case "GET content" ->
          cluster.content(storage, form.getOrDefault("content", "")).stream()
              .map(volume -> Json.object("volid", volume, "content", "iso"))
              .toList();
      case "POST download-url" -> {
        allowed("/storage/" + storage, "Datastore.AllocateTemplate");
        yield machines.fetch(path.get(1), storage, form, user, request);
      }
      case "DELETE content" -> {
        String volume = String.join("/", path.subList(5, path.size()));
        yield tasks.begin(
            path.get(1), "imgdel", 0, user, setup.taskTime(), () -> cluster.volumes.remove(volume));
      }
      default -> throw unknown(request);
    };
  }

  /** From the query, and from the body where that has one of a form. */
  private static Map<String, String> form(Request request) {
    Map<String, String> form = new LinkedHashMap<>();
    boolean body =
        request.header("content-type").orElse("").startsWith("application/x-www-form-urlencoded");
    for (String text : List.of(request.query(), body ? request.body() : "")) {
      for (String pair : text.isEmpty() ? new String[0] : text.split("&", -1)) {
        int equals = pair.indexOf('=');
        form.put(
            decoded(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    return form;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
