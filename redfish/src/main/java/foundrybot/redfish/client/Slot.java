// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.MediaSlot;
import java.util.List;
import java.util.Optional;

/**
 * A slot of virtual media.
 *
 * @param holder by which it is filled and emptied
 * @param seen what shows whether something is in it; the holder itself but for a few vendors
 * @param collection whose members show it, where the holder does not
 * @param own the vendor's own actions, where it has not the standard ones
 */
record Slot(
    Resource holder,
    Resource seen,
    Optional<String> collection,
    Optional<Quirks.MediaActions> own) {

  static final String INSERT = "#VirtualMedia.InsertMedia";
  static final int NO_CD = 3;
  private static final String EJECT = "#VirtualMedia.EjectMedia";

  Slot as(Resource now) {
    return new Slot(holder, now, collection, own);
  }

  String uri() {
    return holder.uri();
  }

  /** Where something is inserted; empty: by a PATCH of the slot itself. */
  Optional<String> insertAction() {
    return own.isPresent()
        ? action(holder, own.get(), own.get().insert())
        : holder.props().text("Actions", INSERT, "target");
  }

  Optional<String> ejectAction() {
    return own.isPresent()
        ? action(holder, own.get(), own.get().eject())
        : holder.props().text("Actions", EJECT, "target");
  }

  /** Where a vendor has an action of that name. */
  static Optional<String> action(Resource at, Quirks.MediaActions own, String name) {
    return at.props().at(own.actions().toArray(String[]::new)).text(name, "target");
  }

  /** Some go on to name an image that was taken out, and say only that it plays no more. */
  boolean isFull() {
    return shown().inserted()
        && !seen.props().textOrEmpty("ConnectedVia").equalsIgnoreCase("NotConnected");
  }

  MediaSlot shown() {
    Props props = seen.props();
    String image = props.textOrEmpty("Image");
    return new MediaSlot(
        uri().replaceFirst("^/redfish/v1/", ""),
        props.texts("MediaTypes"),
        // Some show the image alone.
        props.flag("Inserted").orElse(!image.isEmpty()),
        image);
  }

  /** How likely it plays a CD; {@link #NO_CD}: not at all. */
  int rank() {
    List<String> types = seen.props().texts("MediaTypes");
    if (types.stream().anyMatch("CD"::equalsIgnoreCase)) {
      return 0;
    }
    if (types.stream().anyMatch("DVD"::equalsIgnoreCase)) {
      return 1;
    }
    return types.isEmpty() ? 2 : NO_CD;
  }
}
