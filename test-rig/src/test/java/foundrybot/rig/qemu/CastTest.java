// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The whole way, from powered off to a member of the cluster, on real firmware. */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
final class CastTest {
  /** About three times what two machines take on two idle cores. */
  private static final Duration TO_DISK = Duration.ofMinutes(10);

  private static final Duration TO_ENROLLED = Duration.ofMinutes(15);
  private static final Duration OUTAGE = Duration.ofSeconds(5);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  @BeforeAll
  static void toolsAreThere() {
    QemuFolders.require(Prerequisites.missingForCast());
  }

  @Test
  void aBiosAndAUefiMachineEnrollThoughTheApplianceIsKilledMeanwhile() throws IOException {
    Path image = BuiltData.cast();
    MachineSpec bios = MachineSpec.of("bios", "52:54:00:aa:00:11", Firmware.BIOS_IPXE_ROM);
    MachineSpec uefi = MachineSpec.of("uefi", "52:54:00:aa:00:12", Firmware.UEFI_PXE);
    try (QemuRack rack = Racks.create("cast", "debian-12-cast", Optional.of(image), bios, uefi)) {
      ApplianceProcess appliance = rack.appliance();
      rack.machine("bios").powerOn();
      rack.machine("uefi").powerOn();

      rack.await(
          "the first machine to be in the middle of its installation",
          TO_DISK,
          () -> isInTheMiddle(rack, "bios") || isInTheMiddle(rack, "uefi"));
      List<String> begun =
          List.of("bios", "uefi").stream().filter(node -> isInTheMiddle(rack, node)).toList();
      assertFalse(begun.isEmpty(), "nobody was in the middle any more");
      appliance.kill();
      assertFalse(appliance.isServing());
      QemuRack.pause(OUTAGE);
      rack.startAppliance();

      for (String node : List.of("bios", "uefi")) {
        rack.await(node + " to enroll", TO_ENROLLED, () -> rack.hasReached(node, "enrolled"));
      }
      ApplianceProcess.Status status = appliance.status();
      assertEquals(0, status.exitStatus(), () -> status.json().toString());
      assertTrue(status.json().get("complete").asBoolean(), () -> status.json().toString());
      for (JsonNode node : status.json().get("nodes")) {
        String name = node.get("name").asString();
        assertEquals(1, node.get("run").asInt(), name);
        if (begun.contains(name) && !rack.retried().contains(name)) {
          assertEquals(1, node.get("attempt").asInt(), name + ": begun twice");
        }
        assertWholeWay(appliance.events(name), name);
      }
    }
  }

  /** Its partitions are made and its disk is not finished. */
  private static boolean isInTheMiddle(QemuRack rack, String node) {
    if (!rack.hasReached(node, "installing")) {
      return false;
    }
    QemuRack.pause(BETWEEN_LOOKS);
    List<String> events = rack.appliance().events(node);
    return has(events, "partitioned") && !has(events, "report.installed");
  }

  private static void assertWholeWay(List<String> events, String node) {
    int last = -1;
    for (String kind :
        List.of(
            "token.minted",
            "kernel.requested",
            "answer.served",
            "report.step",
            "report.installed",
            "boot.local",
            "report.first-boot",
            "enrolled")) {
      int at = first(events, kind);
      assertTrue(at > last, node + ": " + kind + " is missing or too early: " + events);
      last = at;
    }
  }

  private static int first(List<String> events, String kind) {
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i).matches("\\S+ +" + kind + "( .*)?")) {
        return i;
      }
    }
    return -1;
  }

  private static boolean has(List<String> events, String text) {
    return events.stream().anyMatch(line -> line.contains(text));
  }
}
