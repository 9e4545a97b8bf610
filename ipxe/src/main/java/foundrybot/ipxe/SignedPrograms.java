// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Debian's shim, signed by Microsoft, and the GRUB that this shim starts. No digest is expected of
 * them: a machine with Secure Boot checks their signatures itself, and they change with every
 * security update. Of the shim it is asked how old it is: firmware takes old ones, too.
 */
public final class SignedPrograms {
  /** The program that firmware is offered. */
  public static final String SHIM = "shimx64.efi";

  /** What shim asks for beside itself. */
  public static final String GRUB = "grubx64.efi";

  /** How to get them. */
  public static final String CURE = "apt install shim-signed grub-efi-amd64-signed";

  /** That of shim 15.8. */
  private static final int LEAST_SHIM = 4;

  private static final String SHIM_PATH = "usr/lib/shim/shimx64.efi.signed";
  private static final String GRUB_PATH = "usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed";
  private static final Path ROOT = Path.of("/");

  private SignedPrograms() {}

  /**
   * Those that are installed, by the name under which they are offered; both, or none at all.
   *
   * @throws IOException if one is there and cannot be read
   */
  public static Map<String, byte[]> installed() throws IOException {
    return contents(Map.of(SHIM, ROOT.resolve(SHIM_PATH), GRUB, ROOT.resolve(GRUB_PATH)));
  }

  /** As {@link #installed}, of those in this folder, where they are called as they are offered. */
  public static Map<String, byte[]> in(Path folder) throws IOException {
    return contents(Map.of(SHIM, folder.resolve(SHIM), GRUB, folder.resolve(GRUB)));
  }

  /**
   * Why these programs are not to be offered; empty if nothing speaks against them. A shim before
   * 15.8 runs what whoever answers its HTTP likes (CVE-2023-40547), and firmware takes it as long
   * as nobody has revoked it there.
   *
   * @param programs by the name under which they are offered; none at all is no fault
   */
  public static Optional<String> fault(Map<String, byte[]> programs) {
    byte[] shim = programs.get(SHIM);
    if (shim == null) {
      return Optional.empty();
    }
    int found = Sbat.read(shim).map(sbat -> sbat.generation("shim")).orElse(0);
    return found >= LEAST_SHIM
        ? Optional.empty()
        : Optional.of(
            SHIM
                + ": SBAT "
                + (found == 0 ? "without a generation of shim" : "shim," + found)
                + " (expected: shim,"
                + LEAST_SHIM
                + " or more, as of shim 15.8: CVE-2023-40547); "
                + CURE);
  }

  /**
   * Where Debian has one of them.
   *
   * @param path in the package, without a slash in front
   * @param name by which it is offered
   */
  public record Source(String debianPackage, String path, String name) {}

  /** Where Debian has them, in every release. */
  public static List<Source> sources() {
    return List.of(
        new Source("shim-signed", SHIM_PATH, SHIM),
        new Source("grub-efi-amd64-signed", GRUB_PATH, GRUB));
  }

  static Map<String, byte[]> contents(Map<String, Path> files) throws IOException {
    Map<String, byte[]> programs = new LinkedHashMap<>();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      if (!Files.exists(file.getValue())) {
        return Map.of();
      }
      try (InputStream in = Files.newInputStream(file.getValue())) {
        programs.put(file.getKey(), in.readNBytes(BootPrograms.MAX_SIZE));
      }
    }
    return Map.copyOf(programs);
  }
}
