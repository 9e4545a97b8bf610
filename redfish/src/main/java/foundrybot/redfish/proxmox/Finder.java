// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Trouble;
import foundrybot.redfish.proxmox.Guests.Guest;
import foundrybot.redfish.proxmox.Guests.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds a node's machine. Whatever it is named by, it must have the node's card: VMIDs and names
 * are given again to other machines, and nobody else's is to be switched off.
 */
final class Finder {
  private final Api api;
  private final Guests guests;
  private final Optional<String> system;
  private final String usualName;
  private final HardwareAddress card;
  private Optional<Place> known = Optional.empty();

  Finder(Api api, Guests guests, Optional<String> system, String usualName, HardwareAddress card) {
    this.api = api;
    this.guests = guests;
    this.system = system;
    this.usualName = usualName;
    this.card = card;
  }

  HardwareAddress card() {
    return card;
  }

  Guests guests() {
    return guests;
  }

  /** A machine where it was found, and what it is made of. */
  record Found(Place place, GuestConfig config) {}

  /**
   * The machine, looked for again where it has moved.
   *
   * @throws Trouble if there is none, or several
   */
  Found find() {
    if (known.isPresent()) {
      try {
        GuestConfig config = guests.config(known.get());
        if (config.macs().contains(card)) {
          return new Found(known.get(), config);
        }
      } catch (Trouble e) {
        if (!e.is(Kind.NO_SUCH_SYSTEM)) {
          throw e;
        }
      }
      known = Optional.empty();
    }
    Guest guest = search();
    known = Optional.of(guest.row().place());
    return new Found(guest.row().place(), guest.config().orElseThrow());
  }

  private Guest search() {
    List<Row> rows =
        guests.rows().stream()
            .filter(row -> row.place().kind().equals("qemu") && !row.template())
            .toList();
    if (system.isEmpty()) {
      return byCard(rows);
    }
    String named = system.get();
    boolean byId = named.matches("\\d+");
    List<Row> candidates =
        rows.stream()
            .filter(
                row ->
                    byId
                        ? named.equals(Integer.toString(row.place().vmid()))
                        : named.equals(row.name()) || row.name().isEmpty())
            .toList();
    // The list learns the name of a new machine some seconds late; its configuration has it.
    List<Guest> found =
        having(candidates).stream().filter(guest -> byId || guest.name().equals(named)).toList();
    return only(found, "VM " + named, candidates.size());
  }

  /** The one of the usual name is probably it, which saves looking at all of them. */
  private Guest byCard(List<Row> rows) {
    List<Row> likely = rows.stream().filter(row -> row.name().equals(usualName)).toList();
    List<Guest> found = having(likely);
    return found.size() == 1 ? found.getFirst() : only(having(rows), "a VM", rows.size());
  }

  private List<Guest> having(List<Row> rows) {
    List<Guest> having = new ArrayList<>();
    List<String> away = new ArrayList<>();
    for (Row row : rows) {
      Optional<Guest> guest = guests.look(row);
      if (guest.isPresent() && guest.get().config().isEmpty()) {
        away.add(row.place().toString());
      }
      guest
          .filter(g -> g.config().map(c -> c.macs().contains(card)).orElse(false))
          .ifPresent(having::add);
    }
    if (having.isEmpty() && !away.isEmpty()) {
      throw api.fault(
          Kind.UNREACHABLE,
          "which VM has the card " + card,
          "the nodes of these do not answer: " + some(away),
          "bring the node back; the machine may be there");
    }
    return having;
  }

  private Guest only(List<Guest> found, String what, int looked) {
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (found.isEmpty()) {
      throw api.fault(
          Kind.NO_SUCH_SYSTEM,
          what + " with the card " + card,
          "none of " + looked + " that the account sees has it",
          "make the machine, correct 'system', or give the account VM.Audit on it");
    }
    throw api.fault(
        Kind.NO_SUCH_SYSTEM,
        what + " with the card " + card,
        "several: " + some(found.stream().map(guest -> guest.row().place().toString()).toList()),
        "name its VMID by 'system', and give the other another MAC");
  }

  private static String some(List<String> all) {
    return String.join(", ", all.subList(0, Math.min(5, all.size())))
        + (all.size() > 5 ? " and " + (all.size() - 5) + " more" : "");
  }
}
