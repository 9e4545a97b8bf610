// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an iPXE says it was built with (its own option 175).
 *
 * @param version such as 1.21.1; empty where it says none
 * @param features known ones only
 */
public record IpxeFeatures(Optional<String> version, Set<Feature> features) {
  /** It said nothing, which proves nothing. */
  public static final IpxeFeatures UNKNOWN = new IpxeFeatures(Optional.empty(), Set.of());

  /** Features by their number in option 175 (iPXE's {@code features.h}). */
  public enum Feature {
    PXE_EXTENSIONS(0x10),
    ISCSI(0x11),
    AOE(0x12),
    HTTP(0x13),
    HTTPS(0x14),
    TFTP(0x15),
    FTP(0x16),
    DNS(0x17),
    BZIMAGE(0x18),
    MULTIBOOT(0x19),
    SLAM(0x1a),
    SRP(0x1b),
    NBI(0x20),
    PXE(0x21),
    ELF(0x22),
    COMBOOT(0x23),
    EFI(0x24),
    FCOE(0x25),
    VLAN(0x26),
    MENU(0x27),
    SDI(0x28),
    NFS(0x29);

    private final int number;

    Feature(int number) {
      this.number = number;
    }

    /** The feature of that number, if it is known here. */
    public static Optional<Feature> of(int number) {
      for (Feature feature : values()) {
        if (feature.number == number) {
          return Optional.of(feature);
        }
      }
      return Optional.empty();
    }
  }

  public IpxeFeatures {
    features = features.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(features));
  }

  /** Whether it listed what it has, and this is not among it. */
  public boolean lacks(Feature feature) {
    return !features.isEmpty() && !features.contains(feature);
  }

  /** Version and features in short, such as {@code 1.0.0 http,menu,tftp}. */
  @Override
  public String toString() {
    Set<String> names = new TreeSet<>();
    features.forEach(feature -> names.add(feature.name().toLowerCase(Locale.ROOT)));
    return version.orElse("?") + " " + String.join(",", names);
  }
}
