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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * Virtual media: the slots of system and BMC together, since BMCs have them in either place.
 *
 * <p>A slot is emptied before it is filled, because some show an old image for a while; after an
 * error nothing that the slot says is believed.
 */
final class MediaControl {
  private static final String INSERT = "#VirtualMedia.InsertMedia";
  private static final String EJECT = "#VirtualMedia.EjectMedia";
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final int MAX_SLOTS = 32;

  /** How many times as long as anything else an insertion may take to be seen. */
  private static final int FETCHES = 3;

  private final RedfishTree tree;
  private final Place place;
  private final Faults faults;

  MediaControl(RedfishTree tree, Place place) {
    this.tree = tree;
    this.place = place;
    this.faults = tree.http().faults();
  }

  Done<List<MediaSlot>> read() {
    List<MediaSlot> slots = slots().stream().map(MediaControl::shown).toList();
    return new Done<>(slots, slots.size() + " slots of virtual media");
  }

  /** Tries one slot after the other. */
  Done<MediaSlot> insert(URI image) {
    List<Resource> slots = forCds();
    if (slots.isEmpty()) {
      throw RedfishException.unsupported("virtual media that plays a CD");
    }
    Optional<RedfishException> refusal = Optional.empty();
    for (Resource slot : slots) {
      try {
        eject(slot);
        Answer answer = fill(slot, image.toString());
        if (answer.ok()) {
          Resource seen = await(slot, true);
          MediaSlot shown = shown(seen);
          if (shown.inserted() && holds(shown.image(), image)) {
            return new Done<>(shown, shown.name() + ": " + answer.summary() + ", Inserted");
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

  Done<List<MediaSlot>> eject() {
    List<Resource> slots = forCds();
    if (slots.isEmpty()) {
      throw RedfishException.unsupported("virtual media that plays a CD");
    }
    List<MediaSlot> after = new ArrayList<>();
    for (Resource slot : slots) {
      Optional<Answer> answer = eject(slot);
      Resource seen = await(slot, false);
      MediaSlot shown = shown(seen);
      if (isFull(seen) && answer.isPresent()) {
        throw noEffect(slot, "EjectMedia", answer.get(), shown);
      }
      after.add(isFull(seen) ? shown : new MediaSlot(shown.name(), shown.types(), false, ""));
    }
    return new Done<>(after, after.size() + " slots are empty");
  }

  private RedfishException noEffect(Resource slot, String action, Answer answer, MediaSlot shown) {
    String property = shown.inserted() && action.equals("InsertMedia") ? "Image" : "Inserted";
    String value = property.equals("Image") ? "another" : String.valueOf(shown.inserted());
    return faults.fault(
        answer.ok() ? Kind.NO_EFFECT : Faults.kind(answer),
        action + " " + slot.uri(),
        answer.summary() + ", but " + property + " is " + value,
        "check that the BMC reaches the image's server, and its log");
  }

  /** Empties a slot that has something in it; what an empty one answers does not matter. */
  private Optional<Answer> eject(Resource slot) {
    MediaSlot shown = shown(slot);
    if (!shown.inserted() && shown.image().isEmpty()) {
      return Optional.empty();
    }
    Optional<String> action = slot.props().text("Actions", EJECT, "target");
    Answer answer =
        action.isPresent() ? tree.post(action.get(), Props.object(), "EjectMedia") : emptied(slot);
    await(slot, false);
    return Optional.of(answer);
  }

  private Answer emptied(Resource slot) {
    ObjectNode none = Props.object().putNull("Image");
    Answer answer =
        tree.patch(slot.uri(), none.deepCopy().put(MediaBody.INSERTED, false), "Inserted no");
    return rejects(answer) ? tree.patch(slot.uri(), none, "Image none") : answer;
  }

  private Answer fill(Resource slot, String image) {
    Optional<String> action = slot.props().text("Actions", INSERT, "target");
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

  private Resource await(Resource slot, boolean inserted) {
    Duration usual = tree.http().settings().readBack();
    // An image is fetched, at least in part, before it is called inserted.
    Instant end = tree.http().now().plus(inserted ? usual.multipliedBy(FETCHES) : usual);
    Resource seen = tree.fresh(slot.uri());
    while ((inserted ? !shown(seen).inserted() : isFull(seen))
        && tree.http().now().plus(LOOK).isBefore(end)) {
      tree.http().pause(LOOK, "GET " + slot.uri());
      seen = tree.fresh(slot.uri());
    }
    return seen;
  }

  private List<Resource> slots() {
    Map<String, Resource> slots = new LinkedHashMap<>();
    List<String> owners = new ArrayList<>(List.of(place.system()));
    owners.addAll(place.managers());
    for (String owner : owners) {
      Optional<String> collection =
          tree.find(owner).flatMap(resource -> resource.props().link("VirtualMedia"));
      for (Resource slot : tree.members(collection)) {
        if (slots.size() < MAX_SLOTS) {
          slots.putIfAbsent(slot.uri(), slot);
        }
      }
    }
    return List.copyOf(slots.values());
  }

  /** Those that may play a CD, the likeliest first. */
  private List<Resource> forCds() {
    Optional<Quirks.MediaFirst> first = place.quirks().first(Quirks.MediaFirst.class);
    return slots().stream()
        .filter(slot -> rank(slot) < 3)
        .sorted(
            Comparator.comparing(
                    (Resource slot) ->
                        first.map(f -> !f.slot().matcher(slot.id()).matches()).orElse(false))
                .thenComparingInt(MediaControl::rank))
        .toList();
  }

  private static int rank(Resource slot) {
    List<String> types = slot.props().texts("MediaTypes");
    if (types.stream().anyMatch("CD"::equalsIgnoreCase)) {
      return 0;
    }
    if (types.stream().anyMatch("DVD"::equalsIgnoreCase)) {
      return 1;
    }
    return types.isEmpty() ? 2 : 3;
  }

  /** Some go on to name an image that was taken out, and say only that it plays no more. */
  private static boolean isFull(Resource slot) {
    return shown(slot).inserted()
        && !slot.props().textOrEmpty("ConnectedVia").equalsIgnoreCase("NotConnected");
  }

  private static MediaSlot shown(Resource slot) {
    Props props = slot.props();
    return new MediaSlot(
        slot.uri().replaceFirst("^/redfish/v1/", ""),
        props.texts("MediaTypes"),
        props.flag("Inserted").orElse(false),
        props.textOrEmpty("Image"));
  }
}
