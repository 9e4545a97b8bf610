// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Conversations;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.VirtualMachine;
import foundrybot.redfish.proxmox.Guests.Guest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** A cluster of Proxmox VE, or a single host of it. */
final class ProxmoxHypervisor implements Hypervisor {
  private static final Duration MAKING = Duration.ofMinutes(15);
  private static final Duration STOPPING = Duration.ofMinutes(1);

  /** How often a VMID is asked for that somebody else was quicker to take. */
  private static final int VMIDS = 5;

  private final Api api;
  private final Guests guests;
  private final Tasks tasks;
  private final Optional<String> named;
  private final InstantSource clock;
  private final Supplier<UUID> uuids;
  private final Conversations conversations = new Conversations();

  ProxmoxHypervisor(Api api, Optional<String> named, InstantSource clock, Supplier<UUID> uuids) {
    this.api = api;
    this.guests = new Guests(api);
    this.tasks = new Tasks(api);
    this.named = named;
    this.clock = clock;
    this.uuids = uuids;
  }

  @Override
  public String describe() {
    return api.name() + named.map(node -> "/" + node).orElse("");
  }

  @Override
  public Outcome<List<VirtualMachine>> machines() {
    return conversations.hold(
        () -> {
          List<VirtualMachine> machines =
              guests.all().stream()
                  .filter(ProxmoxHypervisor::isMachine)
                  .map(ProxmoxHypervisor::machine)
                  .sorted(Comparator.comparing(VirtualMachine::name))
                  .toList();
          return new Done<>(machines, describe() + ": " + machines.size() + " machines");
        });
  }

  /** Containers and templates are none; a container's cards count all the same. */
  private static boolean isMachine(Guest guest) {
    return guest.row().place().kind().equals("qemu") && !guest.row().template();
  }

  private static VirtualMachine machine(Guest guest) {
    return new VirtualMachine(
        guest.name(),
        Integer.toString(guest.row().place().vmid()),
        guest.row().power(),
        guest.config().map(GuestConfig::macs).orElse(List.of()),
        guest.config().map(GuestConfig::cores).orElse(0),
        guest.config().map(GuestConfig::memoryMiB).orElse(0L),
        guest.config().flatMap(Mark::of).isPresent());
  }

  @Override
  public Outcome<Creation> create(MachineSpec wanted) {
    return conversations.hold(
        () -> {
          Wish wish = new Wish(wanted);
          String asked = "making " + wanted.name();
          wish.impossible()
              .ifPresent(
                  why -> {
                    throw api.fault(Kind.REFUSED, asked, "not sent: " + why, "rename the node");
                  });
          List<Guest> all = guests.all();
          Optional<Guest> there = named(all, wanted.name(), asked);
          if (there.isPresent()) {
            return asItIs(there.get(), wish, asked);
          }
          checkCards(all, wanted, asked);
          return make(wish, asked, warnings(all));
        });
  }

  private Optional<Guest> named(List<Guest> all, String name, String asked) {
    List<Guest> same = all.stream().filter(g -> isMachine(g) && g.name().equals(name)).toList();
    if (same.size() > 1) {
      throw api.fault(
          Kind.REFUSED,
          asked,
          "several machines have this name: "
              + String.join(", ", same.stream().map(g -> g.row().place().toString()).toList()),
          "rename all but one");
    }
    return same.stream().findFirst();
  }

  private Outcome<Creation> asItIs(Guest guest, Wish wish, String asked) {
    Place place = guest.row().place();
    GuestConfig config =
        guest
            .config()
            .orElseThrow(
                () ->
                    api.fault(
                        Kind.UNREACHABLE,
                        asked,
                        place + " has this name, and its node does not answer",
                        "bring the node back"));
    if (isBeingMade(config)) {
      throw api.fault(Kind.BUSY, asked, place + " is being made just now", "try again later");
    }
    List<String> differences = wish.differences(config);
    if (!differences.isEmpty()) {
      throw api.fault(
          Kind.REFUSED,
          asked,
          place + " has this name and differs: " + String.join("; ", differences),
          "correct the rack file or the machine, or delete the machine first");
    }
    return new Done<>(
        new Creation(machine(guest), false), describe() + ": " + place + " is as wanted");
  }

  private void checkCards(List<Guest> all, MachineSpec wanted, String asked) {
    for (MachineSpec.Nic nic : wanted.nics()) {
      for (Guest guest : all) {
        if (guest.config().map(c -> c.macs().contains(nic.mac())).orElse(false)
            && !guest.row().template()) {
          throw api.fault(
              Kind.REFUSED,
              asked,
              guest.row().place() + " (" + guest.name() + ") has the card " + nic.mac(),
              "give one of the two another MAC, or correct the node's name");
        }
      }
    }
  }

  private static List<String> warnings(List<Guest> all) {
    List<String> away =
        all.stream()
            .filter(guest -> guest.config().isEmpty())
            .map(guest -> guest.row().place().toString())
            .toList();
    return away.isEmpty()
        ? List.of()
        : List.of(
            "whether these have one of its MACs is not known, as their nodes do not answer: "
                + String.join(", ", away.subList(0, Math.min(5, away.size())))
                + (away.size() > 5 ? ", ..." : ""));
  }

  private Outcome<Creation> make(Wish wish, String asked, List<String> known) {
    String node = node(asked);
    String usual = wish.needsUsualStorage() ? usualStorage(node, asked) : "";
    String uuid = uuids.get().toString();
    for (int tried = 1; ; tried++) {
      int vmid = nextId(asked);
      Place place = new Place(node, "qemu", vmid);
      try {
        String exit =
            tasks.run(
                Call.post("/nodes/" + node + "/qemu", wish.form(vmid, uuid, usual)),
                clock.instant().plus(MAKING));
        List<String> warnings = new ArrayList<>(known);
        Tasks.warning(exit).ifPresent(warnings::add);
        return made(place, wish, asked, warnings);
      } catch (Trouble e) {
        boolean taken =
            e.is(Kind.REFUSED) && String.valueOf(e.getMessage()).contains("already exists");
        if (taken && tried < VMIDS) {
          continue;
        }
        throw undone(place, uuid, e);
      }
    }
  }

  /** Reads back what was made. */
  private Outcome<Creation> made(Place place, Wish wish, String asked, List<String> warnings) {
    GuestConfig config = guests.config(place);
    List<String> differences = new ArrayList<>(wish.differences(config));
    if (Mark.of(config).isEmpty()) {
      differences.add("the mark is not there");
    }
    if (!differences.isEmpty()) {
      throw api.fault(
          Kind.NO_EFFECT,
          asked,
          place + " was made, and differs: " + String.join("; ", differences),
          "see the node's task list");
    }
    Guests.Row row = new Guests.Row(place, wish.spec().name(), false, PowerState.OFF);
    return new Done<>(
        new Creation(machine(new Guest(row, Optional.of(config))), true),
        describe() + ": made " + place,
        warnings);
  }

  /** Takes away what was made before something failed: only what has this very UUID. */
  private Trouble undone(Place place, String uuid, Trouble why) {
    String left;
    try {
      GuestConfig config = guests.config(place);
      if (isBeingMade(config)) {
        // Perhaps by somebody else who got this VMID, so it is not touched.
        left = "it is being made";
      } else if (config.uuid().equals(uuid)) {
        remove(place);
        return why;
      } else {
        return why;
      }
    } catch (Trouble e) {
      if (e.is(Kind.NO_SUCH_SYSTEM)) {
        return why;
      }
      left = e.getMessage();
    }
    return why.outcome() instanceof Outcome.Failed<?>(var fault)
        ? api.fault(
            fault.kind(),
            fault.asked(),
            fault.answered(),
            fault.advice() + "; " + place + " may be left over: " + left)
        : why;
  }

  /** A machine is a lock and nothing else until its task has ended. */
  private static boolean isBeingMade(GuestConfig config) {
    return config.get("lock").equals("create");
  }

  private int nextId(String asked) {
    String text = api.get("/cluster/nextid").text();
    if (!text.matches("[1-9]\\d{2,8}")) {
      throw api.fault(
          Kind.BROKEN, asked, "nextid: " + text + " (expected: a number)", "check the cluster");
    }
    return Integer.parseInt(text);
  }

  private String node(String asked) {
    List<String> nodes =
        api.get("/nodes").items().stream()
            .map(item -> item.text("node"))
            .filter(Place::isNode)
            .sorted()
            .toList();
    if (named.isPresent() ? nodes.contains(named.get()) : nodes.size() == 1) {
      return named.orElseGet(nodes::getFirst);
    }
    throw api.fault(
        Kind.REFUSED,
        asked,
        named.map(node -> "no node " + node).orElse("several nodes")
            + ": "
            + String.join(", ", nodes),
        "name one of them in the URL, as in proxmox://HOST:8006/"
            + nodes.stream().findFirst().orElse("NODE"));
  }

  private String usualStorage(String node, String asked) {
    List<String> storages = Storages.taking(api, node, "images");
    if (storages.size() == 1) {
      return storages.getFirst();
    }
    // What the installer of Proxmox VE makes for disks.
    return List.of("local-lvm", "local-zfs").stream()
        .filter(storages::contains)
        .findFirst()
        .orElseThrow(
            () ->
                api.fault(
                    Kind.REFUSED,
                    asked,
                    storages.isEmpty()
                        ? "no storage of " + node + " that the account sees takes disks"
                        : "several storages take disks: " + String.join(", ", storages),
                    "name one by 'pool' in the rack file; the account needs"
                        + " Datastore.AllocateSpace on it"));
  }

  @Override
  public Outcome<VirtualMachine> delete(String name, HardwareAddress card, Whose whose) {
    return conversations.hold(
        () -> {
          String asked = "deleting " + name + " with the card " + card;
          Guest guest = doomed(name, card, asked);
          GuestConfig config = guest.config().orElseThrow();
          Place place = guest.row().place();
          checkDrives(config, place, whose, asked);
          VirtualMachine was = machine(guest);
          List<String> steps = new ArrayList<>();
          new GuestPower(api, place).act(PowerAction.OFF, STOPPING, steps);
          String exit = remove(place);
          return new Done<>(
              was,
              describe() + ": deleted " + place + " (" + String.join(", ", steps) + ")",
              Tasks.warning(exit).stream().toList());
        });
  }

  private Guest doomed(String name, HardwareAddress card, String asked) {
    List<Guest> same =
        guests.all().stream().filter(g -> isMachine(g) && g.name().equals(name)).toList();
    List<Guest> found =
        same.stream()
            .filter(g -> g.config().map(c -> c.macs().contains(card)).orElse(false))
            .toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (found.isEmpty() && same.stream().anyMatch(g -> g.config().isEmpty())) {
      throw api.fault(
          Kind.UNREACHABLE,
          asked,
          same.getFirst().row().place() + " has this name, and its node does not answer",
          "bring the node back");
    }
    String seen =
        same.isEmpty()
            ? "no machine that the account sees has this name"
            : String.join(
                ", ",
                same.stream()
                    .map(g -> g.row().place() + " with " + g.config().map(GuestConfig::macs))
                    .toList());
    throw api.fault(
        found.isEmpty() ? Kind.NO_SUCH_SYSTEM : Kind.REFUSED,
        asked,
        seen,
        "delete it in Proxmox VE if it is the right one");
  }

  /** Proxmox VE deletes all drives that belong to a machine's VMID with it; none can be kept. */
  private void checkDrives(GuestConfig config, Place place, Whose whose, String asked) {
    Optional<Mark> mark = Mark.of(config);
    if (whose == Whose.OURS && mark.isEmpty()) {
      throw api.fault(
          Kind.REFUSED,
          asked,
          place + " was not made here: its notes and tags have no mark",
          "delete it in Proxmox VE, if it is to go");
    }
    List<String> foreign = mark.orElseGet(() -> new Mark("", Set.of())).foreign(config);
    if (!foreign.isEmpty()) {
      throw api.fault(
          Kind.REFUSED,
          asked,
          "these were not made with it, and Proxmox VE would delete them, too: "
              + String.join(", ", foreign),
          "move them to another machine or remove them first, or delete it in Proxmox VE");
    }
  }

  private String remove(Place place) {
    String exit =
        tasks.run(
            Call.delete(place.path(""), Map.of("purge", "1", "destroy-unreferenced-disks", "0")),
            clock.instant().plus(MAKING));
    try {
      guests.config(place);
    } catch (Trouble e) {
      if (e.is(Kind.NO_SUCH_SYSTEM)) {
        return exit;
      }
      throw e;
    }
    throw api.fault(
        Kind.NO_EFFECT,
        "DELETE " + place.path(""),
        "its task ended well, and it is still there",
        "see the node's task list");
  }

  @Override
  public void close() {
    api.close();
  }
}
