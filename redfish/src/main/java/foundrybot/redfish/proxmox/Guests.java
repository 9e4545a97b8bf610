// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The machines of a cluster that the account may see. */
final class Guests {
  private static final int MOST = 10_000;

  private final Api api;

  Guests(Api api) {
    this.api = api;
  }

  /**
   * A machine as the cluster's list has it.
   *
   * @param name may be empty, and old by some seconds
   */
  record Row(Place place, String name, boolean template, PowerState power) {}

  /**
   * A machine and what it is made of.
   *
   * @param config empty where its node does not answer
   */
  record Guest(Row row, Optional<GuestConfig> config) {
    String name() {
      return config.map(GuestConfig::name).filter(n -> !n.isEmpty()).orElse(row.name());
    }
  }

  List<Row> rows() {
    List<Data> items = api.get("/cluster/resources", Map.of("type", "vm")).items();
    if (items.size() > MOST) {
      throw api.fault(
          Kind.BROKEN,
          "GET /cluster/resources",
          items.size() + " machines",
          "no cluster has more than " + MOST);
    }
    List<Row> rows = new ArrayList<>();
    for (Data item : items) {
      String kind = item.text("type");
      String node = item.text("node");
      Optional<Long> vmid = item.number("vmid").filter(id -> id >= 100 && id <= 999_999_999);
      if ((kind.equals("qemu") || kind.equals("lxc")) && Place.isNode(node) && vmid.isPresent()) {
        rows.add(
            new Row(
                new Place(node, kind, vmid.get().intValue()),
                item.text("name"),
                item.flag("template"),
                state(item.text("status"))));
      }
    }
    return rows;
  }

  static PowerState state(String status) {
    return switch (status) {
      case "running", "paused" -> PowerState.ON;
      case "stopped" -> PowerState.OFF;
      default -> PowerState.UNKNOWN;
    };
  }

  /** With what will hold from its next start on. */
  GuestConfig config(Place place) {
    return config(place, Map.of());
  }

  /** As it runs now. */
  GuestConfig current(Place place) {
    return config(place, Map.of("current", "1"));
  }

  private GuestConfig config(Place place, Map<String, String> query) {
    return new GuestConfig(api.get(place.path("/config"), query).texts());
  }

  /** A machine of the list; nothing of one that has gone meanwhile. */
  Optional<Guest> look(Row row) {
    try {
      GuestConfig config = config(row.place());
      return Optional.of(new Guest(withState(row), Optional.of(config)));
    } catch (Trouble e) {
      if (e.is(Kind.NO_SUCH_SYSTEM)) {
        return Optional.empty();
      }
      if (isOfNode(e)) {
        return Optional.of(new Guest(row, Optional.empty()));
      }
      throw e;
    }
  }

  /** The list does not know yet whether a new machine runs; the machine's node does. */
  private Row withState(Row row) {
    if (row.power() != PowerState.UNKNOWN) {
      return row;
    }
    String status = api.get(row.place().path("/status/current")).text("status");
    return new Row(row.place(), row.name(), row.template(), state(status));
  }

  /** Whether the host that was asked is well, and could not reach the machine's node. */
  private static boolean isOfNode(Trouble trouble) {
    return trouble.is(Kind.UNREACHABLE)
        && trouble.outcome() instanceof Outcome.Failed<?>(BmcFault fault)
        && fault.answered().startsWith("59");
  }

  /** All of them. */
  List<Guest> all() {
    return rows().stream().flatMap(row -> look(row).stream()).toList();
  }
}
