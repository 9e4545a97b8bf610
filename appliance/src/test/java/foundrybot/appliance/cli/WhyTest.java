// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.NodeProgress;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WhyTest {
  private static NodeStatus node(Diagnosis diagnosis) {
    String condition = diagnosis.code().isEmpty() ? "ok" : "stuck";
    return node(diagnosis, condition, "power cycle 1 of 3 within seconds");
  }

  private static NodeStatus node(Diagnosis diagnosis, String condition, String next) {
    return new NodeStatus(
        "w1",
        "52:54:00:aa:00:01",
        "worker",
        "debian-12",
        "dhcp",
        condition,
        "2026-01-01T00:00:00Z",
        "dhcp.offer",
        "2026-01-01T00:00:01Z",
        1,
        0,
        diagnosis.why(),
        diagnosis.tryNext(),
        "told",
        "on",
        false,
        "",
        "",
        next,
        diagnosis,
        new NodeProgress("", 0, 0, -1, List.of()),
        List.of(),
        Map.of());
  }

  @Test
  void theWholeDiagnosisIsOnPaperInItsOrder() {
    Diagnosis found =
        new Diagnosis(
            "competing-dhcp",
            "another DHCP server won",
            List.of("2026-01-01T00:00:00Z our offer", "2026-01-01T00:00:01Z \u001b[31mevil"),
            List.of("a second server"),
            List.of("switch it off", "or let it serve"));
    assertEquals(
        """
        w1 is at dhcp since 2026-01-01T00:00:00Z, stuck
        competing-dhcp: another DHCP server won

        evidence:
          2026-01-01T00:00:00Z our offer
          2026-01-01T00:00:01Z  [31mevil

        likely, the first most:
          - a second server

        try:
          > switch it off
          > or let it serve

        the appliance itself: power cycle 1 of 3 within seconds
        """,
        DiagnosisText.of(node(found), 160));
  }

  @Test
  void theAppliancesOwnTroubleIsSaidBelowWhateverTheNodeHas() {
    Diagnosis own = Diagnosis.ofRoom(3 << 20, "/srv", Instant.EPOCH).orElseThrow();
    assertEquals(
        """

        appliance-disk-full: the appliance's own disk is nearly full: 3 MB left for /srv

        try first:
          > make room on the disk of the data folder: an appliance that cannot write its journal stops
        """,
        DiagnosisText.ofAppliance(own, 160));
    assertEquals("", DiagnosisText.ofAppliance(Diagnosis.NONE, 160));
  }

  @Test
  void asDataItHasAllThatIsOnPaper() {
    Diagnosis found =
        new Diagnosis("code", "why", List.of("seen"), List.of("cause"), List.of("try"));
    Diagnosis own = Diagnosis.ofRoom(3 << 20, "/srv", Instant.EPOCH).orElseThrow();
    FleetStatus status =
        new FleetStatus(
            "alpha",
            false,
            List.of(node(found)),
            List.of(),
            "",
            "",
            Map.of(),
            List.of(
                phase(1, "network", "done"),
                phase(2, "etcd", "blocked", new FleetStatus.Pending("etcd-3", "silent")),
                phase(3, "control-plane", "waiting"),
                phase(4, "worker", "waiting")),
            own);
    JsonMapper json = JsonMapper.builder().build();
    JsonNode told =
        json.readTree(
            json.writeValueAsString(WhyCommand.Told.of(status.nodes().getFirst(), status)));
    assertEquals("code", told.get("code").asString());
    assertEquals("[\"seen\"][\"cause\"][\"try\"]", lists(told));
    assertEquals("power cycle 1 of 3 within seconds", told.get("next").asString());
    assertEquals("dhcp.offer", told.get("heard").asString());
    JsonNode blocked = told.get("phases").get(0);
    assertEquals("etcd", blocked.get("name").asString());
    assertEquals("etcd-3", blocked.get("blockedBy").get(0).get("node").asString());
    assertEquals("worker", told.get("phases").get(1).get("name").asString());
    assertEquals(2, told.get("phases").size());
    assertEquals("appliance-disk-full", told.get("appliance").get("code").asString());
    assertEquals(
        """

        phase 2/4 etcd: BLOCKED by etcd-3 (silent); 0 of 1 ready
        phase 4/4 worker: waiting, 0 of 1 ready
        """,
        DiagnosisText.ofPhases(WhyCommand.phases(node(found), status), status, 160));
  }

  private static String lists(JsonNode told) {
    return told.get("evidence") + "" + told.get("causes") + told.get("tries");
  }

  private static FleetStatus.PhaseStatus phase(
      int number, String name, String state, FleetStatus.Pending... blockers) {
    return new FleetStatus.PhaseStatus(
        number, name, state, 0, 1, 1, List.of(blockers), List.of(), List.of(name));
  }

  @Test
  void anApplianceThatDoesNotAnswerMayHaveEndedForWantOfRoom() {
    assertEquals(
        " the appliance's own disk is nearly full: 0 MB left for /srv; make room on the disk of"
            + " the data folder: an appliance that cannot write its journal stops",
        ApiClient.wantOfRoom(Path.of("/srv"), 0));
    assertEquals("", ApiClient.wantOfRoom(Path.of("/srv"), Diagnosis.LEAST_ROOM));
  }

  @Test
  void ofANodeThatMovesTheLastThingHeardIsSaid() {
    String text = DiagnosisText.of(node(Diagnosis.NONE), 160);
    assertTrue(text.contains("nothing is wrong; last heard: dhcp.offer"), text);
  }

  @Test
  void ofABmcThatIsAskedAgainNobodyIsToldThatNothingIsWrong() {
    String next = "its BMC is asked again: asked power, answered 503; failed once";
    String text = DiagnosisText.of(node(Diagnosis.NONE, "retrying", next), 160);
    assertEquals(
        """
        w1 is at dhcp since 2026-01-01T00:00:00Z, retrying
        last heard: dhcp.offer
        the appliance itself: its BMC is asked again: asked power, answered 503; failed once
        """,
        text);
  }
}
