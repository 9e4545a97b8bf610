// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.rig.bmc.Personality.VerifyCertificate;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** One virtual drive (schema VirtualMedia). */
final class MediaPanel {
  private static final String VERIFY = "VerifyCertificate";
  private static final Duration EJECT_LAG = Duration.ofSeconds(5);
  private static final String URL = "https?://[!-~&&[^\"<>\\\\^`{|}]]+";

  private final Personality personality;
  private final Personality.Slot slot;
  private final Machine machine;
  private final MediaPlayer player;
  private final EventLog log;
  private final InstantSource clock;
  private Optional<String> image = Optional.empty();
  private String ejected = "";
  private Instant lagsUntil = Instant.MIN;
  private Optional<MediaPlayer.Playing> playing = Optional.empty();
  private int earlierRequests;
  private boolean writeProtected = true;
  private boolean verifies;

  MediaPanel(
      Personality personality,
      Personality.Slot slot,
      Machine machine,
      MediaPlayer player,
      EventLog log,
      InstantSource clock) {
    this.personality = personality;
    this.slot = slot;
    this.machine = machine;
    this.player = player;
    this.verifies = personality.verifyCertificate() == VerifyCertificate.ON;
    this.log = log;
    this.clock = clock;
  }

  /** What it says to hold. */
  private Optional<String> shown() {
    return clock.instant().isBefore(lagsUntil) ? Optional.of(ejected) : image;
  }

  private Optional<String> stillNamed() {
    return personality.has(Personality.Oddity.NAMES_EJECTED) && !ejected.isEmpty()
        ? Optional.of(ejected)
        : Optional.empty();
  }

  Map<String, Object> resource(String path) {
    Optional<String> plays = shown();
    Optional<String> shown = plays.or(this::stillNamed);
    Map<String, Object> resource =
        Json.object(
            "@odata.id",
            path,
            "@odata.type",
            "#VirtualMedia.v1_5_1.VirtualMedia",
            "Id",
            slot.id(),
            "Name",
            "Virtual media " + slot.id(),
            "MediaTypes",
            slot.types(),
            "Image",
            shown.<Object>map(text -> text).orElse(Json.NULL),
            "ImageName",
            shown.map(text -> text.substring(text.lastIndexOf('/') + 1)).orElse(""),
            "Inserted",
            shown.isPresent(),
            "WriteProtected",
            writeProtected,
            "ConnectedVia",
            plays.isPresent() ? "URI" : "NotConnected");
    if (personality.verifyCertificate() != VerifyCertificate.NONE) {
      resource.put(VERIFY, verifies);
    }
    if (personality.mediaActions()) {
      resource.put(
          "Actions",
          Json.object(
              "#VirtualMedia.InsertMedia",
              Json.object("target", path + "/Actions/VirtualMedia.InsertMedia"),
              "#VirtualMedia.EjectMedia",
              Json.object("target", path + "/Actions/VirtualMedia.EjectMedia")));
    }
    return resource;
  }

  /** The action InsertMedia, or why not. */
  Optional<Reply> insert(ObjectNode body) {
    for (String name : personality.mediaNeeds()) {
      if (!body.has(name)) {
        return Optional.of(Errors.missingParameter("InsertMedia", name));
      }
    }
    return put(body);
  }

  private Optional<Reply> put(ObjectNode body) {
    String url = body.path("Image").asString("");
    if (!url.matches(URL)) {
      return Optional.of(
          url.isEmpty()
              ? Errors.missingParameter("InsertMedia", "Image")
              : Errors.notInList(url, "Image"));
    }
    if (shown().isPresent()) {
      return Optional.of(
          Errors.of(
              409, "ResourceInUse", "The drive holds a medium already; it must be ejected first."));
    }
    if (isCd()) {
      switch (player.play(URI.create(url), verifies)) {
        case MediaPlayer.Refused(Reply reply) -> {
          log.add("Warning", "Virtual media " + slot.id() + " cannot be connected");
          return Optional.of(reply);
        }
        case MediaPlayer.Playing plays -> playing = Optional.of(plays);
      }
    }
    image = Optional.of(url);
    writeProtected = body.path("WriteProtected").asBoolean(true);
    log.add("OK", "Virtual media " + slot.id() + " connected");
    playing.ifPresent(plays -> machine.media(Optional.of(plays.forMachine())));
    return Optional.empty();
  }

  private boolean isCd() {
    return !slot.types().stream().allMatch(type -> List.of("Floppy", "USBStick").contains(type));
  }

  int imageRequests() {
    return earlierRequests + playing.map(MediaPlayer.Playing::requests).orElse(0);
  }

  /** Nothing more can be read of the image. */
  void stop() {
    earlierRequests = imageRequests();
    playing.ifPresent(MediaPlayer.Playing::close);
    playing = Optional.empty();
  }

  /** The action EjectMedia; an empty drive stays empty. */
  void eject() {
    if (image.isPresent()) {
      ejected = image.get();
      if (personality.has(Personality.Oddity.EJECT_LAGS)) {
        lagsUntil = clock.instant().plus(EJECT_LAG);
      }
      image = Optional.empty();
      log.add("OK", "Virtual media " + slot.id() + " disconnected");
      machine.media(Optional.empty());
      stop();
    }
  }

  /**
   * A PATCH: of the image where there are no actions, or of what is asked of servers; or why not.
   */
  Optional<Reply> patch(ObjectNode body) {
    if (body.has(VERIFY)) {
      return verify(body);
    }
    if (personality.mediaActions()) {
      return Optional.of(Errors.notWritable("Image"));
    }
    boolean ejects =
        (body.has("Image") && body.get("Image").isNull())
            || (body.has("Inserted") && !body.get("Inserted").asBoolean(false));
    if (ejects) {
      eject();
      return Optional.empty();
    }
    return put(body);
  }

  private Optional<Reply> verify(ObjectNode body) {
    if (personality.verifyCertificate() == VerifyCertificate.NONE) {
      return Optional.of(Errors.unknownProperty(VERIFY));
    }
    verifies = body.get(VERIFY).asBoolean(true);
    return Optional.empty();
  }
}
