// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The version of a resource, as it came (RFC 9110, 8.8.3; DSP0266, 6.5).
 *
 * @param text printable ASCII, at most {@link #MAX} characters
 */
record Etag(String text) {
  static final int MAX = 256;

  /** How an ETag is sent back; BMCs differ in what they find equal to their own. */
  enum Form {
    AS_IT_CAME,
    /** Without the mark of a weak one. */
    STRONG,
    /** Without quotes, as some compare. */
    BARE,
    /** No If-Match at all. */
    NONE,
    /** Any version. */
    ANY
  }

  /** An ETag that can be sent back; an empty one, {@code ""}, is none. */
  static Optional<Etag> read(String value) {
    String text = value.strip();
    boolean sendable = text.length() <= MAX && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    return sendable && !core(text).isEmpty() ? Optional.of(new Etag(text)) : Optional.empty();
  }

  /** What goes into If-Match; empty for no such header. */
  Optional<String> in(Form form) {
    return switch (form) {
      case AS_IT_CAME -> Optional.of(text);
      case STRONG -> Optional.of('"' + core(text) + '"');
      case BARE -> Optional.of(core(text));
      case NONE -> Optional.empty();
      case ANY -> Optional.of("*");
    };
  }

  /** Each different thing to send once, the likely ones first. */
  List<Form> forms(Form first) {
    Set<Optional<String>> seen = new LinkedHashSet<>();
    List<Form> order = new java.util.ArrayList<>(List.of(first));
    order.addAll(List.of(Form.values()));
    return order.stream().filter(form -> seen.add(in(form))).toList();
  }

  private static String core(String text) {
    String rest = text.startsWith("W/") || text.startsWith("w/") ? text.substring(2) : text;
    return rest.replace("\"", "").strip();
  }
}
