// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.store.Journal;
import foundrybot.appliance.store.Store;
import foundrybot.bootserver.MacAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final String PLANNED = "52:54:00:aa:00:01";
  private static final String STRANGER = "52:54:00:bb:00:01";

  @TempDir private Path data = Path.of("");

  static RackFile rack(String mac) {
    return rackWith(
        """
        nodes:
          %s: worker
        """
            .formatted(mac));
  }

  /** A rack file of these lines and of what each has to have. */
  static RackFile rackWith(String rest) {
    String head =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24 }
        admin:
          user: ops
          ssh-keys:
            - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me
        """;
    return switch (RackFiles.read(head + rest, "rack.yaml")) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid ->
          throw new IllegalStateException(invalid.faults().toString());
    };
  }

  private static Fact fact(String mac, FactKind kind) {
    return new Fact(AT, mac, kind.text(), "x");
  }

  private static Stage stage(Fleet fleet, String mac) {
    return fleet.state(Mac.parse(mac).orElseThrow()).stage();
  }

  @Test
  void whatAnybodyCanSendInAStrangersNameCostsNoMemory() {
    Fleet fleet = new Fleet(rack(PLANNED), AT);

    for (FactKind kind :
        List.of(FactKind.TFTP_REQUEST, FactKind.LOADER_FETCHED, FactKind.DHCP_OFFER)) {
      fleet.apply(fact(STRANGER, kind));
      fleet.apply(fact(PLANNED, kind));
    }

    assertEquals(1, fleet.remembered());
    assertEquals(Stage.BOOTLOADER, stage(fleet, PLANNED));
  }

  @Test
  void aMachineThatLeftTheRackFileIsStillKnownWhenItComesBack() {
    Fleet fleet = new Fleet(rack(STRANGER), AT);

    fleet.apply(fact(PLANNED, FactKind.TOKEN_MINTED));
    fleet.apply(fact(PLANNED, FactKind.INSTALLED));
    fleet.replace(rack(PLANNED));

    assertEquals(Stage.INSTALLED, stage(fleet, PLANNED));
  }

  @Test
  void whoNamesAMachineItselfIsOnlyWrittenDownAsOneOfTheRackFileAndWithinItsAllowance() {
    Fleet fleet = new Fleet(rack(PLANNED), AT);
    try (Store store = Store.open(data)) {
      try (Journal journal = new Journal(store, _ -> {}, _ -> {})) {
        FlightRecorder recorder =
            new FlightRecorder(journal, fleet, Clock.fixed(AT, ZoneOffset.UTC));
        for (int i = 0; i < 1000; i++) {
          recorder.noteClaimed(new MacAddress(i), "loader.fetched", "snponly.efi");
          recorder.noteClaimed(MacAddress.parse(PLANNED).orElseThrow(), "boot.local", "");
        }
        assertEquals(1000 - 300, recorder.suppressed());
      }

      assertEquals(List.of(), store.history(new MacAddress(7).toString(), 10));
      assertEquals(300, store.history(PLANNED, 5000).size());
    }
  }
}
