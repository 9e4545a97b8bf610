// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The system to put on a node, and the way to put it there.
 *
 * @param suite the code name under which the mirror knows the release
 * @param packages what every node of this profile gets
 */
public record Profile(String name, Kind kind, String suite, List<String> packages) {
  /** How the system comes to the disk. */
  public enum Kind {
    /** The distribution's own installer, driven by an answer file. */
    INSTALLER,
    /** A finished root image, streamed to the disk. */
    CAST
  }

  public Profile {
    packages = List.copyOf(packages);
  }

  /** The profiles that need no file of the user's, by name. */
  public static Map<String, Profile> builtIn() {
    // wget is what the first boot reports with.
    List<String> packages =
        List.of("openssh-server", "wireguard-tools", "sudo", "wget", "ca-certificates");
    Map<String, Profile> profiles = new LinkedHashMap<>();
    for (Profile profile :
        List.of(
            new Profile("debian-12", Kind.INSTALLER, "bookworm", packages),
            new Profile("debian-12-cast", Kind.CAST, "bookworm", packages))) {
      profiles.put(profile.name(), profile);
    }
    return profiles;
  }
}
