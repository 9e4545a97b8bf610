// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles.mesh;

import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.Plane;
import foundrybot.answerfiles.RenderException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where nodes reach the appliance over the mesh: a hub passes the bytes of their TLS on to it.
 *
 * @param plane in which that is
 * @param address of the hub there, IPv4
 */
public record MeshRelay(Plane plane, String address) {
  /** TCP, at the hub; nothing else in the product listens there. */
  public static final int PORT = 7443;

  private static final Pattern FORM = Pattern.compile("(wg[0-3]) ([0-9.]{7,15}) " + PORT);

  public MeshRelay {
    if (!isAddress(address)) {
      throw new RenderException("relay: " + address + " (expected: an IPv4 address)");
    }
  }

  private static boolean isAddress(String text) {
    return Cidr.parse(text + "/32").isPresent();
  }

  /** The interface, the address and the port, with a blank between. */
  String text() {
    return plane.interfaceName() + " " + address + " " + PORT;
  }

  /** Reads what {@link #text} makes; empty for anything else. */
  static Optional<MeshRelay> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || !isAddress(matcher.group(2))) {
      return Optional.empty();
    }
    for (Plane plane : Plane.values()) {
      if (plane.interfaceName().equals(matcher.group(1))) {
        return Optional.of(new MeshRelay(plane, matcher.group(2)));
      }
    }
    return Optional.empty();
  }
}
