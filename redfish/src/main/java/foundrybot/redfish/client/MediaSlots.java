// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Finds the slots of system and BMC together, since BMCs have them in either place. */
final class MediaSlots {
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final int MAX_SLOTS = 32;
  private static final String PROTOCOL = "TransferProtocolType";
  private static final String ALLOWABLE = "@Redfish.AllowableValues";

  private final RedfishTree tree;
  private final Place place;

  MediaSlots(RedfishTree tree, Place place) {
    this.tree = tree;
    this.place = place;
  }

  List<Slot> all() {
    List<Slot> slots = of(owners().stream().flatMap(uri -> tree.find(uri).stream()).toList());
    // A BMC may have them at a manager that no link leads to.
    return slots.isEmpty() && place.alone()
        ? of(tree.members(tree.root().props().link("Managers")))
        : slots;
  }

  private List<String> owners() {
    List<String> owners = new ArrayList<>(List.of(place.system()));
    owners.addAll(place.managers());
    return owners;
  }

  private List<Slot> of(List<Resource> owners) {
    Map<String, Slot> slots = new LinkedHashMap<>();
    for (Resource owner : owners) {
      for (Slot slot : in(owner.props().link("VirtualMedia"))) {
        if (slots.size() < MAX_SLOTS) {
          slots.putIfAbsent(Resource.path(slot.uri()), slot);
        }
      }
    }
    return List.copyOf(slots.values());
  }

  /** Those that may play a CD, the likeliest first. */
  List<Slot> forCds() {
    Optional<Quirks.MediaFirst> first = place.quirks().first(Quirks.MediaFirst.class);
    return all().stream()
        .filter(slot -> slot.rank() < Slot.NO_CD)
        .sorted(
            Comparator.comparing(
                    (Slot slot) ->
                        first
                            .map(f -> !f.slot().matcher(slot.holder().id()).matches())
                            .orElse(false))
                .thenComparingInt(Slot::rank))
        .toList();
  }

  /** By which protocols a slot fetches images, in capitals; empty where it does not tell. */
  List<String> protocols(Slot slot) {
    Props props = slot.holder().props();
    Props action = props.at("Actions", Slot.INSERT);
    Stream<String> told =
        Stream.of(action, props).flatMap(where -> where.texts(PROTOCOL + ALLOWABLE).stream());
    Stream<String> info =
        tree.find(action.link("@Redfish.ActionInfo")).stream()
            .flatMap(found -> found.props().items("Parameters").stream())
            .filter(parameter -> parameter.textOrEmpty("Name").equals(PROTOCOL))
            .flatMap(parameter -> parameter.texts("AllowableValues").stream());
    return Stream.concat(told, info)
        .map(protocol -> protocol.toUpperCase(Locale.ROOT))
        .distinct()
        .toList();
  }

  /** From what a vendor's own way plays alone, where there is no other way. */
  Optional<String> shares() {
    Props system = tree.get(place.system()).props();
    return place.quirks().all(Quirks.MediaOfShares.class).stream()
        .filter(one -> system.has(one.action().toArray(String[]::new)))
        .filter(one -> all().stream().noneMatch(slot -> slot.insertAction().isPresent()))
        .map(Quirks.MediaOfShares::protocols)
        .findFirst();
  }

  /** As it is now. */
  Slot fresh(Slot slot) {
    if (slot.collection().isEmpty()) {
      return slot.as(tree.fresh(slot.uri()));
    }
    tree.forget();
    return byMembers(slot.holder(), slot.collection(), slot.own());
  }

  private List<Slot> in(Optional<String> collection) {
    List<Slot> members =
        tree.members(collection).stream()
            .map(one -> new Slot(one, one, Optional.empty(), own(one)))
            .toList();
    // What the standard can do is done by the standard.
    boolean usual = members.stream().anyMatch(slot -> hasStandard(slot.holder()));
    return usual ? members : configured(collection).map(List::of).orElse(members);
  }

  private static boolean hasStandard(Resource slot) {
    return slot.props().text("Actions", Slot.INSERT, "target").isPresent();
  }

  private Optional<Quirks.MediaActions> own(Resource slot) {
    return hasStandard(slot) ? Optional.empty() : vendors(slot);
  }

  /** The same slot by its vendor's own action, which some have beside a standard one that fails. */
  Optional<Slot> otherwise(Slot slot) {
    return vendors(slot.holder())
        .filter(own -> slot.own().isEmpty())
        .map(own -> new Slot(slot.holder(), slot.seen(), slot.collection(), Optional.of(own)));
  }

  private Optional<Quirks.MediaActions> vendors(Resource slot) {
    return place.quirks().all(Quirks.MediaActions.class).stream()
        .filter(own -> own.config().isEmpty())
        .filter(own -> Slot.action(slot, own, own.insert()).isPresent())
        .findFirst();
  }

  /** One slot for the whole collection, filled by what that links to. */
  private Optional<Slot> configured(Optional<String> collection) {
    for (Quirks.MediaActions own : place.quirks().all(Quirks.MediaActions.class)) {
      Optional<Resource> holder =
          tree.find(collection)
              .filter(c -> !own.config().isEmpty())
              .flatMap(c -> c.props().link(own.config().toArray(String[]::new)))
              .flatMap(tree::find)
              .filter(config -> Slot.action(config, own, own.insert()).isPresent());
      if (holder.isPresent()) {
        return Optional.of(byMembers(holder.get(), collection, Optional.of(own)));
      }
    }
    return Optional.empty();
  }

  private Slot byMembers(
      Resource holder, Optional<String> collection, Optional<Quirks.MediaActions> own) {
    Slot empty =
        new Slot(
            holder, new Resource(holder.uri(), Props.NOTHING, Optional.empty()), collection, own);
    return tree.members(collection).stream()
        .map(empty::as)
        .filter(slot -> slot.rank() < Slot.NO_CD)
        .min(Comparator.comparing((Slot slot) -> !slot.shown().inserted()))
        .orElse(empty);
  }

  /**
   * Switches media on as a whole, where the BMC says that they are off.
   *
   * @return what was done, for people
   */
  List<String> switchOn() {
    List<String> done = new ArrayList<>();
    for (Quirks.MediaSwitch one : place.quirks().all(Quirks.MediaSwitch.class)) {
      for (String owner : owners()) {
        tree.find(owner)
            .filter(resource -> resource.props().has(one.action().toArray(String[]::new)))
            .filter(resource -> isOff(resource, one))
            .flatMap(resource -> resource.props().text(one.action().toArray(String[]::new)))
            .ifPresent(
                action -> {
                  switchOn(action, owner, one);
                  done.add("Media were switched off at this BMC; they are on now, and stay so.");
                });
      }
    }
    return done;
  }

  /** As its owner says; where that says nothing, media are off if there is no slot for them. */
  private boolean isOff(Resource owner, Quirks.MediaSwitch one) {
    return owner
        .props()
        .text(one.status().toArray(String[]::new))
        .map(status -> !status.equalsIgnoreCase(one.on()))
        .orElseGet(() -> forCds().isEmpty());
  }

  /** The slots appear some seconds later. */
  private void switchOn(String action, String owner, Quirks.MediaSwitch one) {
    ObjectNode body = Props.object();
    one.body().forEach(body::put);
    Answer answer = tree.post(action, body, "media on");
    if (!answer.ok()) {
      throw tree.http().faults().of(answer);
    }
    Instant end = tree.http().now().plus(tree.http().settings().readBack());
    while ((isOff(tree.fresh(owner), one) || forCds().isEmpty())
        && tree.http().now().plus(LOOK).isBefore(end)) {
      tree.http().pause(LOOK, "GET " + owner);
      tree.forget();
    }
  }
}
