// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Which firmware is tried on which network, what came of it, and the page that shows it. */
final class FirmwareMatrix {
  /** Whose boot programs the appliance serves. */
  enum Loaders {
    DEBIAN_12("iPXE of Debian 12", ""),
    DEBIAN_13("iPXE of Debian 13", "trixie"),
    SID("iPXE of Debian sid", "sid");

    private final String title;
    private final String suite;

    Loaders(String title, String suite) {
      this.title = title;
      this.suite = suite;
    }

    /** The release whose programs are to be fetched; empty for those of the system. */
    String suite() {
      return suite;
    }
  }

  /** A machine of the matrix. */
  enum Row {
    BIOS_ROM(1, "SeaBIOS, iPXE in the card's ROM (virtio)", Firmware.BIOS_IPXE_ROM, "", ""),
    BIOS_ROM_E1000(
        2, "SeaBIOS, iPXE in the card's ROM (e1000)", Firmware.BIOS_IPXE_ROM_E1000, "", ""),
    BIOS_UNDIONLY(3, Loaders.DEBIAN_12, Firmware.BIOS_IPXE_ROM),
    UEFI_PXE(4, Loaders.DEBIAN_12, Firmware.UEFI_PXE),
    UEFI_HTTP(5, Loaders.DEBIAN_12, Firmware.UEFI_HTTP),
    BIOS_UNDIONLY_13(6, Loaders.DEBIAN_13, Firmware.BIOS_IPXE_ROM),
    UEFI_PXE_13(7, Loaders.DEBIAN_13, Firmware.UEFI_PXE),
    UEFI_HTTP_13(8, Loaders.DEBIAN_13, Firmware.UEFI_HTTP),
    ARM64_PXE_13(9, Loaders.DEBIAN_13, Firmware.ARM64_PXE),
    UEFI_PXE_SID(10, Loaders.SID, Firmware.UEFI_PXE),
    ARM64_PXE_SID(11, Loaders.SID, Firmware.ARM64_PXE),
    SECURE_BOOT(
        12,
        "OVMF with Secure Boot, PXE, Debian 12's shim and GRUB",
        Firmware.SECURE_BOOT_PXE,
        "shimx64.efi",
        "secure-boot: true"),
    SECURE_BOOT_HTTP(
        13,
        Loaders.DEBIAN_12,
        "OVMF with Secure Boot, HTTP Boot, Debian 12's shim and GRUB",
        Firmware.SECURE_BOOT_HTTP,
        "shimx64.efi",
        "secure-boot: true"),
    SECURE_BOOT_HTTP_13(
        14,
        Loaders.DEBIAN_13,
        "OVMF with Secure Boot, HTTP Boot, Debian 13's shim and GRUB",
        Firmware.SECURE_BOOT_HTTP,
        "shimx64.efi",
        "secure-boot: true");

    private final String title;
    private final String mac;
    private final Loaders loaders;
    private final Firmware firmware;
    private final String program;
    private final String firmwareRow;

    /** A machine that fetches its platform's boot program. */
    Row(int number, Loaders loaders, Firmware firmware) {
      this(
          number,
          loaders,
          name(firmware) + ", " + loaders.title,
          firmware,
          program(firmware),
          firmware.isBios() ? "replace-ipxe: true" : "");
    }

    /** One that needs none, as its own iPXE runs. */
    Row(int number, String title, Firmware firmware, String program, String firmwareRow) {
      this(number, Loaders.DEBIAN_12, title, firmware, program, firmwareRow);
    }

    /**
     * A row.
     *
     * @param number of its own, for the MAC
     * @param program the boot program that it is to fetch before its script; empty for none
     * @param firmwareRow what the firmware table has to say about it, in YAML; empty for nothing
     */
    Row(
        int number,
        Loaders loaders,
        String title,
        Firmware firmware,
        String program,
        String firmwareRow) {
      this.title = title;
      this.mac = String.format("52:54:00:aa:01:%02x", number);
      this.loaders = loaders;
      this.firmware = firmware;
      this.program = program;
      this.firmwareRow = firmwareRow;
    }

    private static String name(Firmware firmware) {
      return switch (firmware) {
        case BIOS_IPXE_ROM -> "SeaBIOS, chainloaded undionly";
        case BIOS_IPXE_ROM_E1000 -> "SeaBIOS (e1000), chainloaded undionly";
        case UEFI_PXE -> "OVMF, PXE";
        case UEFI_HTTP -> "OVMF, HTTP Boot";
        case SECURE_BOOT_PXE -> "OVMF with Secure Boot, PXE";
        case SECURE_BOOT_HTTP -> "OVMF with Secure Boot, HTTP Boot";
        case ARM64_PXE -> "AAVMF (arm64), PXE";
      };
    }

    private static String program(Firmware firmware) {
      if (firmware.isBios()) {
        return "undionly.kpxe";
      }
      return firmware.isArm() ? "ipxe-arm64.efi" : "snponly.efi";
    }

    Loaders loaders() {
      return loaders;
    }

    String title() {
      return title;
    }

    String program() {
      return program;
    }

    String node() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Racks.Node machine() {
      return new Racks.Node(MachineSpec.of(node(), mac, firmware), "debian-12");
    }

    Optional<String> yaml() {
      return firmwareRow.isEmpty()
          ? Optional.empty()
          : Optional.of("  " + node() + ": { nodes: [" + node() + "], " + firmwareRow + " }\n");
    }
  }

  /** What came of a cell. */
  sealed interface Cell {
    /** It came to its script, and its kernel spoke, after these times from power-on. */
    record Boots(Duration script, Duration kernel) implements Cell {}

    /** It should have. */
    record Fails(String why) implements Cell {}
  }

  /** The cells that are tried, as a regular expression: {@code UEFI_PXE@SERVER}. */
  private static final String ONLY = System.getProperty("foundrybot.matrix.only", ".*");

  private final Map<Wiring, Map<Row, Cell>> cells = new EnumMap<>(Wiring.class);

  /** Why this firmware cannot boot on this network; empty if it is to be tried. */
  static Optional<String> cannot(Row row, Wiring wiring) {
    if (row == Row.SECURE_BOOT_HTTP) {
      return Optional.of(
          "Debian 12's signed GRUB (2.06) has no HTTP built in, and Secure Boot lets it load no"
              + " module. That of Debian 13 (2.12) has it: `bootserver loaders fetch`.");
    }
    return row == Row.SECURE_BOOT && wiring.leases() != Wiring.Leases.APPLIANCE
        ? Optional.of(
            "Debian 12's signed GRUB (2.06) knows its server only from the answer that gave the"
                + " address. Beside another DHCP server it starts, and then asks nobody for its"
                + " configuration. Name the appliance as next-server there, or let it give the"
                + " addresses. Debian has no signed iPXE.")
        : Optional.empty();
  }

  static List<Row> tried(Wiring wiring) {
    return Stream.of(Row.values()).filter(row -> cannot(row, wiring).isEmpty()).toList();
  }

  /** Those that one appliance with these boot programs can serve. */
  static List<Row> tried(Wiring wiring, Loaders loaders) {
    return tried(wiring).stream()
        .filter(row -> row.loaders == loaders)
        .filter(row -> (row + "@" + wiring).matches(ONLY))
        .toList();
  }

  /** The firmware table for these rows; empty where none needs one. */
  static Optional<String> firmwareYaml(List<Row> rows) {
    String table = String.join("", rows.stream().flatMap(row -> row.yaml().stream()).toList());
    return table.isEmpty() ? Optional.empty() : Optional.of("rules:\n" + table);
  }

  void put(Wiring wiring, Row row, Cell cell) {
    cells.computeIfAbsent(wiring, _ -> new EnumMap<>(Row.class)).put(row, cell);
  }

  /** What did not boot though it should; one text each. */
  List<String> failures(Wiring wiring) {
    List<String> failures = new ArrayList<>();
    cells
        .getOrDefault(wiring, Map.of())
        .forEach(
            (row, cell) -> {
              if (cell instanceof Cell.Fails(String why)) {
                failures.add(row.title() + ", " + wiring.title() + ": " + why);
              }
            });
    return failures;
  }

  /** The cells that are neither known to be impossible nor seen to boot. */
  List<String> unfinished() {
    List<String> unfinished = new ArrayList<>();
    for (Wiring wiring : Wiring.ofMatrix()) {
      for (Row row : tried(wiring)) {
        if (!(cells.getOrDefault(wiring, Map.of()).get(row) instanceof Cell.Boots)) {
          unfinished.add(row.title() + ", " + wiring.title());
        }
      }
    }
    return unfinished;
  }

  /** The page {@code docs/firmware-matrix.md}. */
  String page() {
    return """
    # Firmware matrix

    Real firmware in QEMU machines, on real networks (namespaces with the site's own DHCP server and relay), boots from this appliance: from power-on to its script, and to the first words of its kernel.
    The test `FirmwareMatrixTest` of `bin/check` runs all of it and fails where a cell no longer boots; `mvn verify -Dtest=FirmwareMatrixTest -Dgroups=qemu -Dexcluded.test.groups=none -Dfoundrybot.matrix.write=true` writes this page.

    A cell says whether the machine fetched its script and its kernel spoke. How long that takes is printed by the test, and not written here: the processor is emulated, and the machine that runs it is shared. On each network a router advertises itself; without one, Debian 12's iPXE waits 16 s longer.

    @TABLE

    Beside the matrix, `AutoexecBootTest` boots unmodified iPXE of Debian 13 (1.21) and sid (2.0), fetched by TFTP and by HTTP, where the site's own DHCP server names the program to everybody and the appliance answers no DHCP at all: iPXE finds its script by `autoexec.ipxe` alone.
    """
        .replace("@TABLE", table().strip().replaceAll("[0-9]+ s, [0-9]+ s", "boots"));
  }

  /** The table, in Markdown: a line per firmware, a column per network. */
  String table() {
    List<Wiring> wirings = Wiring.ofMatrix();
    List<String> reasons = new ArrayList<>();
    StringBuilder text = new StringBuilder("| firmware |");
    wirings.forEach(wiring -> text.append(' ').append(wiring.title()).append(" |"));
    text.append("\n|---|").append("---|".repeat(wirings.size())).append('\n');
    for (Row row : Row.values()) {
      text.append("| ").append(row.title()).append(" |");
      for (Wiring wiring : wirings) {
        text.append(' ').append(shown(row, wiring, reasons)).append(" |");
      }
      text.append('\n');
    }
    if (!reasons.isEmpty()) {
      text.append('\n');
      for (int i = 0; i < reasons.size(); i++) {
        text.append(i + 1).append(". ").append(reasons.get(i)).append('\n');
      }
    }
    return text.toString();
  }

  private String shown(Row row, Wiring wiring, List<String> reasons) {
    Optional<String> cannot = cannot(row, wiring);
    if (cannot.isPresent()) {
      if (!reasons.contains(cannot.get())) {
        reasons.add(cannot.get());
      }
      return "cannot (" + (reasons.indexOf(cannot.get()) + 1) + ")";
    }
    return switch (cells.getOrDefault(wiring, Map.of()).get(row)) {
      case Cell.Boots(Duration script, Duration kernel) ->
          script.toSeconds() + " s, " + kernel.toSeconds() + " s";
      case Cell.Fails _ -> "FAILS";
      case null -> "not tried";
    };
  }
}
