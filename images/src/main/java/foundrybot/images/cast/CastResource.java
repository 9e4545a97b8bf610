// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** The scripts that travel with this module. */
final class CastResource {
  private static final String[] DEPLOY_PARTS = {
    "conf.sh",
    "devices.sh",
    "disk.sh",
    "erase.sh",
    "inspect.sh",
    "net.sh",
    "report.sh",
    "rescue.sh",
    "target.sh",
    "udhcpc.sh"
  };

  private CastResource() {}

  static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  static byte[] bytes(String name) {
    try (InputStream in = CastResource.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + ": not in the jar; build it again");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files that {@code /init} reads, by name. */
  static Map<String, byte[]> deployParts() {
    Map<String, byte[]> parts = new TreeMap<>();
    for (String name : DEPLOY_PARTS) {
      parts.put(name, bytes("deploy/" + name));
    }
    return parts;
  }
}
