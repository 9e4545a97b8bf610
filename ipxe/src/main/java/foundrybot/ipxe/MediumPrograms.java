// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The iPXE programs that start from a boot medium: with drivers of their own, since no network card
 * has started them, and able to read their script from the medium.
 *
 * @param uefi content by the name under which firmware looks for it (UEFI 2.10, section 3.5.1.1)
 * @param bios the program that is started as a Linux kernel, with the script as its initrd
 * @param problems why there is none for UEFI or BIOS, a sentence each with its cure
 */
public record MediumPrograms(
    Map<String, byte[]> uefi, Optional<BootProgram> bios, Map<Platform.Firmware, String> problems) {
  /** The name of the program for BIOS. */
  static final String BIOS = "ipxe.lkrn";

  private static final String CURE =
      "take a newer iPXE: bootserver loaders fetch, then restart the appliance";

  /** For each platform what firmware looks for, and the program with drivers. */
  private static final Map<String, String> UEFI =
      Map.of("BOOTX64.EFI", "ipxe.efi", "BOOTAA64.EFI", "ipxe-arm64.efi");

  /** What iPXE looks for on the medium; a build that does not is of before 2021. */
  private static final String SCRIPT = "autoexec.ipxe";

  public MediumPrograms {
    uefi = Map.copyOf(uefi);
    problems = Map.copyOf(problems);
  }

  /**
   * Those among the programs that the appliance serves.
   *
   * @param expected where they come from, and what {@code ipxe.lkrn} must digest to
   */
  public static MediumPrograms of(BootPrograms.Loaded served, BootPrograms expected) {
    Map<String, BootProgram> byName = served.byName();
    Map<String, byte[]> uefi = new TreeMap<>();
    Map<Platform.Firmware, String> problems = new TreeMap<>();
    UEFI.forEach(
        (name, program) ->
            Optional.ofNullable(byName.get(program))
                .map(BootProgram::bytes)
                .filter(MediumPrograms::readsItsScript)
                .ifPresent(bytes -> uefi.put(name, bytes)));
    if (!uefi.containsKey("BOOTX64.EFI")) {
      problems.put(
          Platform.Firmware.UEFI,
          "UEFI: ipxe.efi: "
              + (byName.containsKey("ipxe.efi") ? "does not read " + SCRIPT : "is not there")
              + " (expected: iPXE of 2021 or later); "
              + CURE);
    }
    // A folder without one is no fault: any build reads its script as an initrd.
    boolean there = Files.exists(expected.folder().resolve(BIOS));
    Optional<BootProgram> bios =
        switch ((there ? expected : BootPrograms.debian12()).only(BIOS).load()) {
          case BootPrograms.Loaded loaded -> loaded.others().stream().findFirst();
          case BootPrograms.Refused(var lines) -> {
            problems.put(Platform.Firmware.BIOS, "BIOS: " + String.join("; ", lines));
            yield Optional.empty();
          }
        };
    return new MediumPrograms(uefi, bios, problems);
  }

  /** Whether there is something to start for a firmware. */
  public boolean has(Platform.Firmware firmware) {
    return firmware == Platform.Firmware.BIOS ? bios.isPresent() : !uefi.isEmpty();
  }

  /** The name stands in the program, in 8 or in 16 bits a character. */
  private static boolean readsItsScript(byte[] program) {
    String text = new String(program, StandardCharsets.ISO_8859_1);
    return text.contains(SCRIPT) || text.contains(String.join("\0", SCRIPT.split("", -1)));
  }
}
