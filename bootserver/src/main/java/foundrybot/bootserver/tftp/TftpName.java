// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file name as it stands in a read request, made plain or refused.
 *
 * <p>Some firmware takes DHCP's option 67 as ending in a NUL and glues the next byte, often 0xFF,
 * to the name; some puts slashes or backslashes in front, and a loader that was told a whole URL
 * may ask for that. All of it is cut off. What remains must be printable ASCII without a way
 * upwards.
 */
sealed interface TftpName {
  /** Most characters of a name. */
  int MAX_LENGTH = 255;

  /** Of a URL of TFTP (RFC 3617): who is asked stands in it, and that is us. */
  Pattern SERVER = Pattern.compile("(?i)/*tftp://[^/]*/");

  record Plain(String name) implements TftpName {}

  record Refused(String reason) implements TftpName {}

  static TftpName of(byte[] wire) {
    int end = wire.length;
    while (end > 0 && !printable(wire[end - 1])) {
      end--;
    }
    if (end == 0) {
      return new Refused("empty name");
    }
    if (end > MAX_LENGTH) {
      return new Refused("name of " + end + " bytes (expected: 1.." + MAX_LENGTH + ")");
    }
    for (int i = 0; i < end; i++) {
      if (!printable(wire[i])) {
        return new Refused(
            "name with byte 0x%02x at %d (expected: printable ASCII)".formatted(wire[i], i));
      }
    }
    String text = new String(wire, 0, end, StandardCharsets.US_ASCII).replace('\\', '/');
    Matcher server = SERVER.matcher(text);
    return plain(server.lookingAt() ? text.substring(server.end()) : text);
  }

  private static TftpName plain(String name) {
    List<String> kept = new ArrayList<>();
    for (String segment : name.split("/", -1)) {
      if (segment.equals("..")) {
        return new Refused("name with '..'");
      }
      if (!segment.isEmpty() && !segment.equals(".")) {
        kept.add(segment);
      }
    }
    if (kept.isEmpty()) {
      return new Refused("empty name");
    }
    if (kept.getFirst().length() == 2 && kept.getFirst().charAt(1) == ':') {
      return new Refused("absolute name with a drive letter");
    }
    return new Plain(String.join("/", kept));
  }

  private static boolean printable(byte b) {
    return b >= 0x20 && b < 0x7f;
  }
}
