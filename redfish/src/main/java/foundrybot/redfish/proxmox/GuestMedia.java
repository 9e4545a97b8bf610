// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Trouble;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CDs. A drive plays only what lies in a storage, so the node fetches an image into one first, and
 * it is deleted again when it is ejected.
 */
final class GuestMedia {
  private static final Duration FETCH = Duration.ofMinutes(10);
  private static final Duration CHANGE = Duration.ofMinutes(1);
  private static final String DRIVE = "ide2";

  private final Api api;
  private final Tasks tasks;
  private final Guests guests;
  private final Place place;

  GuestMedia(Api api, Guests guests, Place place) {
    this.api = api;
    this.tasks = new Tasks(api);
    this.guests = guests;
    this.place = place;
  }

  /** What is in them now. */
  List<MediaSlot> slots() {
    return guests.current(place).slots();
  }

  MediaSlot insert(URI image) {
    eject();
    List<MediaSlot> slots = slots();
    String drive = slots.isEmpty() ? DRIVE : slots.getFirst().name();
    if (slots.isEmpty() && !guests.config(place).get(DRIVE).isEmpty()) {
      throw api.fault(
          Kind.REFUSED,
          "a CD for " + place,
          "it has no CD drive, and " + DRIVE + " is something else",
          "add a CD drive to it");
    }
    String storage = storage();
    forget(storage + ":iso/" + fileName());
    fetch(storage, image);
    String volume = storage + ":iso/" + fileName();
    set(drive, volume);
    MediaSlot seen =
        slots().stream()
            .filter(slot -> slot.name().equals(drive))
            .findFirst()
            .orElseThrow(() -> noEffect(drive, "there is no such drive yet: switch it off first"));
    if (!seen.image().equals(volume)) {
      throw noEffect(drive, "in it is " + (seen.inserted() ? seen.image() : "nothing"));
    }
    return seen;
  }

  List<MediaSlot> eject() {
    for (MediaSlot slot : slots()) {
      if (slot.inserted()) {
        set(slot.name(), "none");
        if (slot.image().endsWith(":iso/" + fileName())) {
          forget(slot.image());
        }
      }
    }
    List<MediaSlot> slots = slots();
    for (MediaSlot slot : slots) {
      if (slot.inserted()) {
        throw noEffect(slot.name(), "in it is still " + slot.image());
      }
    }
    return slots;
  }

  private Trouble noEffect(String drive, String seen) {
    return api.fault(
        Kind.NO_EFFECT,
        drive + " of " + place,
        "accepted, and " + seen,
        "see the machine's pending changes: the drive may be locked by its system");
  }

  private String fileName() {
    return "foundrybot-" + place.vmid() + ".iso";
  }

  private void set(String drive, String volume) {
    tasks.run(
        Call.post(place.path("/config"), Map.of(drive, volume + ",media=cdrom")),
        api.now().plus(CHANGE));
  }

  /** The first storage of the node that takes ISO images; a shared one may be slow to see it. */
  private String storage() {
    return Storages.taking(api, place.node(), "iso").stream()
        .findFirst()
        .orElseThrow(
            () ->
                api.fault(
                    Kind.REFUSED,
                    "a CD for " + place,
                    "no storage of the node that the account sees takes ISO images",
                    "allow 'ISO image' as content of one, and give the account"
                        + " Datastore.AllocateTemplate there"));
  }

  /** The API checks no certificate where it is told not to: the appliance's is its own. */
  private void fetch(String storage, URI image) {
    tasks.run(
        Call.post(
            "/nodes/" + place.node() + "/storage/" + storage + "/download-url",
            Map.of(
                "content",
                "iso",
                "filename",
                fileName(),
                "url",
                image.toString(),
                "verify-certificates",
                "0")),
        api.now().plus(FETCH));
  }

  private void forget(String volume) {
    String storage = volume.substring(0, volume.indexOf(':'));
    String content = "/nodes/" + place.node() + "/storage/" + storage + "/content";
    Optional<Data> there =
        api.get(content, Map.of("content", "iso")).items().stream()
            .filter(item -> item.text("volid").equals(volume))
            .findFirst();
    if (there.isPresent()) {
      tasks.run(Call.delete(content + "/" + volume, Map.of()), api.now().plus(CHANGE));
    }
  }
}
