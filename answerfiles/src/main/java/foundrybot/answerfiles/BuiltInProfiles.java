// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The profiles in this module's resources; a jar cannot be listed, so their names stand here. */
public final class BuiltInProfiles {
  private static final List<String> NAMES =
      List.of(
          "alpine",
          "debian-12",
          "debian-12-cast",
          "debian-13",
          "esxi-8",
          "fedora",
          "fedora-coreos",
          "flatcar",
          "nixos",
          "opensuse-leap",
          "opensuse-leap-16",
          "proxmox-ve",
          "rhel-9",
          "rhel-10",
          "talos",
          "ubuntu-22-04",
          "ubuntu-24-04");

  private static final class Once {
    static final Map<String, Profile> ALL = read();
  }

  private BuiltInProfiles() {}

  static Map<String, Profile> all() {
    return Once.ALL;
  }

  /** Their names, in the order in which they are listed. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * A file of a built-in profile's folder.
   *
   * @param file its name there
   */
  public static Optional<String> text(String profile, String file) {
    if (!NAMES.contains(profile) || !ProfileFiles.isFileName(file)) {
      return Optional.empty();
    }
    try (InputStream in =
        BuiltInProfiles.class.getResourceAsStream("profiles/" + profile + "/" + file)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Profile> read() {
    Map<String, Profile> profiles = new LinkedHashMap<>();
    for (String name : NAMES) {
      switch (ProfileFiles.builtIn(name)) {
        case ProfileReading.Valid valid -> profiles.put(name, valid.profile());
        case ProfileReading.Invalid invalid ->
            throw new IllegalStateException(RackFiles.report(invalid.faults()));
      }
    }
    return profiles;
  }
}
