// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.client.Message.Meaning;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * What InsertMedia is given. It starts with the image alone, as newer BMCs want it, and grows only
 * by what an older one asks for.
 *
 * @param extras names of further parameters, in the order in which they came
 */
record MediaBody(String image, boolean asProperties, List<String> extras) {
  static final String INSERTED = "Inserted";
  static final String WRITE_PROTECTED = "WriteProtected";

  /** In the order in which they are tried where a BMC does not say what is missing. */
  private static final List<String> ORDER =
      List.of("TransferProtocolType", "TransferMethod", "UserName", "Password");

  MediaBody {
    extras = List.copyOf(extras);
  }

  static MediaBody of(String image, boolean asProperties) {
    return new MediaBody(image, asProperties, List.of());
  }

  /** What to send after this refusal; empty: nothing more can be added. */
  Optional<MediaBody> after(List<Message> refusal) {
    List<String> missing = new ArrayList<>();
    for (String name : ORDER) {
      boolean named =
          refusal.stream().anyMatch(m -> m.meaning() == Meaning.MISSING && m.about(name));
      if (named && !extras.contains(name)) {
        missing.add(name);
      }
    }
    if (missing.isEmpty()) {
      ORDER.stream().filter(name -> !extras.contains(name)).findFirst().ifPresent(missing::add);
    }
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    List<String> more = new ArrayList<>(extras);
    more.addAll(missing);
    return Optional.of(new MediaBody(image, asProperties, more));
  }

  /** The image and nothing else. */
  MediaBody bare() {
    return new MediaBody(image, false, List.of());
  }

  ObjectNode json() {
    ObjectNode body = Props.object().put("Image", image);
    if (asProperties) {
      body.put(INSERTED, true).put(WRITE_PROTECTED, true);
    }
    for (String extra : extras) {
      switch (extra) {
        case "TransferProtocolType" -> body.put(extra, protocol(image));
        case "TransferMethod" -> body.put(extra, "Stream");
        // The server wants none, but some BMCs want them named.
        default -> body.put(extra, "none");
      }
    }
    return body;
  }

  /** What a vendor's own action is given, by a row of the table. */
  static ObjectNode filled(Map<String, String> template, String image) {
    URI uri = URI.create(image);
    ObjectNode body = Props.object();
    new TreeMap<>(template)
        .forEach(
            (name, value) ->
                body.put(
                    name,
                    switch (value) {
                      case "$image" -> image;
                      case "$server" -> uri.getScheme() + "://" + uri.getRawAuthority();
                      case "$path" -> uri.getRawPath();
                      case "$protocol" -> protocol(image);
                      default -> value;
                    }));
    return body;
  }

  private static String protocol(String image) {
    return image.replaceFirst(":.*", "").toUpperCase(Locale.ROOT);
  }

  String note(String action) {
    return action + (extras.isEmpty() ? "" : " with " + String.join(", ", extras));
  }
}
