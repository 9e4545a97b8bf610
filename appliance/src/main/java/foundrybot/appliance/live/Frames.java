// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The wire form of server-sent events (WHATWG HTML, section 9.2.5): fields in lines, and an empty
 * line. JSON of one line needs no more care.
 */
final class Frames {
  /** What a browser waits before it comes again, in milliseconds. */
  private static final int RETRY_MS = 2_000;

  /** A comment. */
  static final byte[] PULSE = ": still here\n\n".getBytes(StandardCharsets.US_ASCII);

  /**
   * An event that says no more than a comment, but that a script hears: so it notices also a proxy
   * that keeps the connection and lets nothing through.
   */
  static final byte[] ALIVE = event("alive", "-".getBytes(StandardCharsets.US_ASCII));

  private Frames() {}

  static byte[] event(String name, byte[] json) {
    return frame("event: " + name + "\ndata: ", json);
  }

  /** With an id, from which a client that was cut off goes on. */
  static byte[] event(long id, String name, byte[] json) {
    return frame("id: " + id + "\nevent: " + name + "\ndata: ", json);
  }

  /** Sets where a client stands that has heard nothing yet; no event by itself. */
  static byte[] opening(long id) {
    return ("retry: " + RETRY_MS + "\nid: " + id + "\n\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** The first thing that a page hears. */
  static byte[] begin() {
    return frame("retry: " + RETRY_MS + "\nevent: alive\ndata: ", new byte[] {'-'});
  }

  /** A mark, which is the event's id as well: a browser that comes again says it. */
  static byte[] mark(String mark) {
    return frame(
        "id: " + mark + "\nevent: changed\ndata: ", mark.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] frame(String head, byte[] json) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(head.length() + json.length + 2);
    out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(json);
    out.write('\n');
    out.write('\n');
    return out.toByteArray();
  }
}
