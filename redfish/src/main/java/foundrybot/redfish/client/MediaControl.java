// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.client.Message.Meaning;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * Virtual media: what is in a slot, and what is to be.
 *
 * <p>A slot is emptied before it is filled, because some show an old image for a while; after an
 * error nothing that the slot says is believed.
 */
final class MediaControl {
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration AGAIN = Duration.ofSeconds(4);

  /** How many times as long as anything else an insertion may take to be seen. */
  private static final int FETCHES = 3;

  /** By which images are served; OEM may be anything. */
  private static final Set<String> WEB = Set.of("HTTP", "HTTPS", "OEM");

  private final RedfishTree tree;
  private final MediaSlots slots;
  private final Faults faults;

  MediaControl(RedfishTree tree, Place place) {
    this.tree = tree;
    this.slots = new MediaSlots(tree, place);
    this.faults = tree.http().faults();
  }

  Done<List<MediaSlot>> read() {
    List<MediaSlot> shown = slots.all().stream().map(Slot::shown).toList();
    return new Done<>(shown, shown.size() + " slots of virtual media");
  }

  /** Tries one slot after the other. */
  Done<MediaSlot> insert(URI image) {
    List<String> warnings = slots.switchOn();
    Optional<RedfishException> refusal = Optional.empty();
    List<Slot> fetching = fetching();
    List<Slot> otherwise =
        fetching.stream().flatMap(slot -> slots.otherwise(slot).stream()).toList();
    for (Slot slot : Stream.concat(fetching.stream(), otherwise.stream()).toList()) {
      try {
        eject(slot);
        Answer answer = fill(slot, image.toString());
        if (answer.ok()) {
          MediaSlot shown = await(slot, true).shown();
          if (shown.inserted() && holds(shown.image(), image)) {
            return new Done<>(
                shown, shown.name() + ": " + answer.summary() + ", Inserted", warnings);
          }
          refusal = Optional.of(noEffect(slot, "InsertMedia", answer, shown));
        } else {
          refusal = Optional.of(faults.of(answer));
        }
      } catch (RedfishException e) {
        if (!passes(e)) {
          throw e;
        }
        refusal = Optional.of(e);
      }
    }
    throw refusal.orElseThrow();
  }

  /** Whether what goes wrong with one slot may go well with the next. */
  private static boolean passes(RedfishException e) {
    return e.is(Kind.REFUSED)
        || e.is(Kind.NO_EFFECT)
        || e.is(Kind.BROKEN)
        || e.is(Kind.UNKNOWN_OUTCOME)
        || e.is(Kind.BUSY);
  }

  /** Some show the image under another name, as that of a file; none at all is none. */
  private static boolean holds(String shown, URI image) {
    String path = image.getPath() == null ? "" : image.getPath();
    String file = path.substring(path.lastIndexOf('/') + 1);
    return shown.isEmpty() || shown.equals(image.toString()) || shown.endsWith(file);
  }

  /**
   * Slots for CDs, without those that say that they fetch nothing from web servers: what such a BMC
   * answers to a URL comes late, and in many words.
   */
  private List<Slot> fetching() {
    slots.shares().ifPresent(MediaControl::onlyFrom);
    List<Slot> all = forCds();
    List<Slot> fetching = all.stream().filter(slot -> isOnWeb(slots.protocols(slot))).toList();
    if (fetching.isEmpty()) {
      onlyFrom(String.join(" and ", slots.protocols(all.getFirst())));
    }
    return fetching;
  }

  /** Whoever names no protocol may speak each. */
  private static boolean isOnWeb(List<String> protocols) {
    return protocols.isEmpty() || protocols.stream().anyMatch(WEB::contains);
  }

  private static void onlyFrom(String protocols) {
    throw RedfishException.unsupported(
        "virtual media from a web server (HTTPS or HTTP): it plays images from "
            + protocols
            + " shares only, which the appliance has not; deploy it by the network");
  }

  private List<Slot> forCds() {
    List<Slot> found = slots.forCds();
    if (found.isEmpty()) {
      throw RedfishException.unsupported("virtual media that plays a CD");
    }
    return found;
  }

  Done<List<MediaSlot>> eject() {
    List<MediaSlot> after = new ArrayList<>();
    for (Slot slot : forCds()) {
      Optional<Answer> answer = eject(slot);
      Slot seen = await(slot, false);
      MediaSlot shown = seen.shown();
      if (seen.isFull() && answer.isPresent()) {
        throw noEffect(slot, "EjectMedia", answer.get(), shown);
      }
      after.add(seen.isFull() ? shown : new MediaSlot(shown.name(), shown.types(), false, ""));
    }
    return new Done<>(after, after.size() + " slots are empty");
  }

  private RedfishException noEffect(Slot slot, String action, Answer answer, MediaSlot shown) {
    String property = shown.inserted() && action.equals("InsertMedia") ? "Image" : "Inserted";
    String value = property.equals("Image") ? "another" : String.valueOf(shown.inserted());
    return faults.fault(
        answer.ok() ? Kind.NO_EFFECT : Faults.kind(answer),
        action + " " + slot.uri(),
        answer.summary() + ", but " + property + " is " + value,
        "check that the BMC reaches the image's server, and its log");
  }

  /** Empties a slot that has something in it; what an empty one answers does not matter. */
  private Optional<Answer> eject(Slot slot) {
    MediaSlot shown = slot.shown();
    if (!shown.inserted() && shown.image().isEmpty()) {
      return Optional.empty();
    }
    Optional<String> action = slot.ejectAction();
    ObjectNode body =
        slot.own().map(own -> MediaBody.filled(own.ejecting(), "")).orElseGet(Props::object);
    Answer answer =
        action.isPresent() ? tree.post(action.get(), body, "EjectMedia") : emptied(slot);
    await(slot, false);
    return Optional.of(answer);
  }

  private Answer emptied(Slot slot) {
    ObjectNode none = Props.object().putNull("Image");
    Answer answer =
        tree.patch(slot.uri(), none.deepCopy().put(MediaBody.INSERTED, false), "Inserted no");
    return rejects(answer) ? tree.patch(slot.uri(), none, "Image none") : answer;
  }

  private Answer fill(Slot slot, String image) {
    return slot.own().isPresent()
        ? fillAsItsVendorDoes(slot, slot.own().get(), image)
        : fillByTheStandard(slot, image);
  }

  private Answer fillAsItsVendorDoes(Slot slot, Quirks.MediaActions own, String image) {
    if (!own.settings().isEmpty()) {
      ObjectNode settings = MediaBody.filled(own.settings(), image);
      Answer set = tree.patch(slot.uri(), settings, "settings of the image");
      if (!set.ok()) {
        return set;
      }
    }
    String action = slot.insertAction().orElseThrow();
    ObjectNode body = MediaBody.filled(own.inserting(), image);
    for (int tried = 1; ; tried++) {
      try {
        return tree.post(action, body, own.insert());
      } catch (RedfishException failed) {
        if (tried == own.tries() || !failed.is(Kind.REFUSED)) {
          throw failed;
        }
        tree.http().pause(AGAIN, own.insert());
      }
    }
  }

  private Answer fillByTheStandard(Slot slot, String image) {
    Optional<String> action = slot.insertAction();
    MediaBody body = MediaBody.of(image, action.isEmpty());
    while (true) {
      Answer answer =
          action.isPresent()
              ? tree.post(action.get(), body.json(), body.note("InsertMedia"))
              : tree.patch(slot.uri(), body.json(), body.note("Image"));
      if (body.asProperties() && rejects(answer)) {
        body = body.bare();
        continue;
      }
      boolean incomplete =
          answer.status() == 400 || answer.status() == 500 || answer.says(Meaning.MISSING);
      Optional<MediaBody> more =
          incomplete && !answer.says(Meaning.NOT_FETCHED)
              ? body.after(answer.messages())
              : Optional.empty();
      if (answer.ok() || more.isEmpty()) {
        return answer;
      }
      body = more.get();
    }
  }

  /** Some take the image alone, and tell by it whether there is one. */
  private static boolean rejects(Answer answer) {
    return !answer.ok()
        && Stream.of(MediaBody.INSERTED, MediaBody.WRITE_PROTECTED)
            .anyMatch(
                property ->
                    answer.says(Meaning.NOT_WRITABLE, property)
                        || answer.says(Meaning.UNKNOWN_PROPERTY, property));
  }

  private Slot await(Slot slot, boolean inserted) {
    Duration usual = tree.http().settings().readBack();
    // An image is fetched, at least in part, before it is called inserted.
    Instant end = tree.http().now().plus(inserted ? usual.multipliedBy(FETCHES) : usual);
    Slot seen = slots.fresh(slot);
    while ((inserted ? !seen.shown().inserted() : seen.isFull())
        && tree.http().now().plus(LOOK).isBefore(end)) {
      tree.http().pause(LOOK, "GET " + slot.uri());
      seen = slots.fresh(slot);
    }
    return seen;
  }
}
