// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.rig.qemu.FirmwareMatrix.Cell;
import foundrybot.rig.qemu.FirmwareMatrix.Loaders;
import foundrybot.rig.qemu.FirmwareMatrix.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of real firmware, on every kind of network, comes to its script and to a kernel. What
 * comes of it is the page {@code docs/firmware-matrix.md}, which is written anew with {@code
 * -Dfoundrybot.matrix.write=true}; otherwise it must say what is found. {@code
 * -Dfoundrybot.matrix.only=UEFI_PXE@SERVER} tries the cells that match alone.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class FirmwareMatrixTest {
  /** About three times what the slowest takes beside another one, on two idle cores. */
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private static final int AT_ONCE = 2;
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final FirmwareMatrix MATRIX = new FirmwareMatrix();

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForMatrix());
  }

  @ParameterizedTest
  @MethodSource("foundrybot.rig.qemu.Wiring#ofMatrix")
  void eachFirmwareComesToItsScriptAndItsKernel(Wiring wiring) throws IOException {
    for (Loaders loaders : Loaders.values()) {
      List<Row> rows = FirmwareMatrix.tried(wiring, loaders);
      if (!rows.isEmpty()) {
        tryAll(wiring, loaders, rows);
      }
    }
    assertEquals(List.of(), MATRIX.failures(wiring));
  }

  private static void tryAll(Wiring wiring, Loaders loaders, List<Row> rows) throws IOException {
    String name =
        String.join("-", "matrix", wiring.name(), loaders.name())
            .toLowerCase(Locale.ROOT)
            .replace('_', '-');
    Optional<Path> data =
        loaders.suite().isEmpty()
            ? Optional.empty()
            : Optional.of(BuiltData.loaders(loaders.suite()));
    List<Racks.Node> nodes = rows.stream().map(Row::machine).toList();
    Optional<String> table = FirmwareMatrix.firmwareYaml(rows);
    try (QemuRack rack = Racks.create(name, wiring, data, table, nodes)) {
      Map<Row, Cell> column = bootAll(rack, rows);
      column.forEach((row, cell) -> MATRIX.put(wiring, row, judged(rack, wiring, row, cell)));
    }
  }

  private static Map<Row, Cell> bootAll(QemuRack rack, List<Row> rows) {
    Map<Row, Cell> column = new LinkedHashMap<>();
    Deque<Row> waiting = new ArrayDeque<>(rows);
    Map<Row, BootRun> running = new LinkedHashMap<>();
    while (!waiting.isEmpty() || !running.isEmpty()) {
      while (running.size() < AT_ONCE && !waiting.isEmpty()) {
        Row row = waiting.remove();
        BootRun run = new BootRun(rack, rack.machine(row.node()), LIMIT);
        run.begin();
        running.put(row, run);
      }
      QemuRack.pause(LOOK);
      rack.lookAfter("the firmware matrix");
      for (Map.Entry<Row, BootRun> one : List.copyOf(running.entrySet())) {
        Row row = one.getKey();
        switch (one.getValue().look()) {
          case BootRun.Progress.Booting _ -> {}
          case BootRun.Progress.Arrived(Duration script, Duration kernel) ->
              column.put(row, new Cell.Boots(script, kernel));
          case BootRun.Progress.Lost(String why) -> column.put(row, new Cell.Fails(why));
        }
        if (column.containsKey(row)) {
          running.remove(row);
          System.err.println("matrix: " + row.title() + ": " + column.get(row));
        }
      }
    }
    return column;
  }

  /** A machine that booted, but in another way than it should have, has failed. */
  private static Cell judged(QemuRack rack, Wiring wiring, Row row, Cell cell) {
    if (!(cell instanceof Cell.Boots)) {
      return cell;
    }
    List<String> events = rack.appliance().events(row.node());
    List<String> faults = new ArrayList<>();
    for (String kind : List.of("dhcp.offer", "token.minted", "kernel.requested")) {
      if (events.stream().noneMatch(line -> line.contains(kind))) {
        faults.add("no " + kind);
      }
    }
    boolean loaded =
        events.stream()
            .anyMatch(line -> line.matches(".*(tftp.done|loader.fetched) .*\\.(efi|kpxe).*"));
    boolean right =
        events.stream()
            .anyMatch(
                line ->
                    line.matches(".*(tftp.done|loader.fetched) .*")
                        && line.contains(row.program()));
    if (row.program().isEmpty() ? loaded : !right) {
      faults.add("boot program: expected " + (row.program().isEmpty() ? "none" : row.program()));
    }
    // The lease is the site's where it has a server; ours is only the boot part.
    String mac = row.machine().machine().mac();
    boolean leasedBySite = rack.siteLog().lines().anyMatch(l -> isLease(l) && l.contains(mac));
    if (leasedBySite != (wiring.leases() != Wiring.Leases.APPLIANCE)) {
      faults.add("leased by the site: " + leasedBySite);
    }
    return faults.isEmpty() ? cell : new Cell.Fails(faults + " in " + events);
  }

  private static boolean isLease(String line) {
    return line.contains("DHCPACK") || line.contains("LEASE_ALLOC");
  }

  @AfterAll
  static void thePageSaysWhatWasFound() throws IOException {
    Path page = QemuFolders.project().resolve("docs").resolve("firmware-matrix.md");
    System.err.println(MATRIX.table());
    if (Boolean.getBoolean("foundrybot.matrix.write")) {
      assertEquals(List.of(), MATRIX.unfinished(), "page not written: these do not boot");
      Files.writeString(page, MATRIX.page());
    } else if (MATRIX.unfinished().isEmpty()) {
      assertEquals(MATRIX.page(), Files.readString(page), page + ": differs from what was found");
    }
  }
}
