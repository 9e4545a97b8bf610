// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.NodeProgress;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code -Dgolden.write=FOLDER} writes the texts there instead. */
class StatusTableTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:30:00Z");
  private static final Diagnosis SILENT =
      new Diagnosis(
          "installer-silent",
          "the installer went silent",
          List.of("2026-11-24T09:50:00Z report.step partitioning"),
          List.of("the installer asks a question", "no disk"),
          List.of("look at its console", "bootserver logs w2"));

  private static NodeStatus node(
      String name, String stage, String condition, Diagnosis diagnosis, NodeProgress progress) {
    boolean stuck = condition.equals("stuck");
    return new NodeStatus(
        name,
        "52:54:00:aa:00:01",
        "worker",
        "debian-12",
        stage,
        condition,
        "2026-11-24T10:00:00Z",
        "report.step partitioning",
        "2026-11-24T10:00:00Z",
        1,
        1,
        diagnosis.why(),
        diagnosis.tryNext(),
        "told",
        "",
        false,
        "",
        "",
        "",
        diagnosis,
        progress,
        stuck
            ? List.of(
                new FleetStatus.Said("2026-11-24T09:51:00Z", "10.77.0.12", "partman: no disk"))
            : List.of(),
        Map.of());
  }

  private static NodeProgress idle() {
    return new NodeProgress("", 0, 0, -1, List.of());
  }

  private static NodeStatus loading() {
    return node(
        "w1",
        "kernel",
        "ok",
        Diagnosis.NONE,
        new NodeProgress("artifact initrd.gz", 40, 100, 600, List.of()));
  }

  private static NodeStatus stuck() {
    return node(
        "w2",
        "installing",
        "stuck",
        SILENT,
        new NodeProgress(
            "",
            0,
            0,
            -1,
            List.of(
                new NodeProgress.Rung("planned", "2026-11-24T09:30:00Z"),
                new NodeProgress.Rung("dhcp", "2026-11-24T09:40:00Z"),
                new NodeProgress.Rung("installing", "2026-11-24T10:00:00Z"))));
  }

  private static NodeStatus saying(NodeStatus node, List<FleetStatus.Said> log) {
    return new NodeStatus(
        node.name(),
        node.mac(),
        node.role(),
        node.profile(),
        node.stage(),
        node.condition(),
        node.since(),
        node.evidence(),
        node.evidenceAt(),
        node.run(),
        node.attempt(),
        node.why(),
        node.tryNext(),
        node.power(),
        node.powerSaid(),
        node.rescue(),
        node.purpose(),
        node.access(),
        node.next(),
        node.diagnosis(),
        node.progress(),
        log,
        Map.of());
  }

  @Test
  void whatWasReadOnTheConsoleStandsApartFromWhatTheInstallerSent() {
    List<FleetStatus.Said> log =
        List.of(
            new FleetStatus.Said("2026-11-24T09:50:00Z", "console", "Kernel panic"),
            new FleetStatus.Said("2026-11-24T09:51:00Z", "10.77.0.12", "partman: no disk"));
    String view = NodeView.of(saying(stuck(), log), NOW, new Look(80, false, false, false, 40));
    String end =
        """

        last lines of its log (bootserver logs w2):
          2026-11-24T09:51:00Z  partman: no disk

        last lines of its console (bootserver logs w2):
          2026-11-24T09:50:00Z  Kernel panic
        """;
    assertTrue(view.endsWith(end), view);
    String alone =
        NodeView.of(saying(stuck(), log.subList(0, 1)), NOW, new Look(80, false, false, false, 40));
    assertFalse(alone.contains("its log"), alone);
  }

  @Test
  void whoseBmcIsAskedAgainIsToldOfBelowTheTable() {
    NodeStatus node = node("w1", "powering", "retrying", Diagnosis.NONE, idle());
    NodeStatus again =
        new NodeStatus(
            node.name(),
            node.mac(),
            node.role(),
            node.profile(),
            node.stage(),
            node.condition(),
            node.since(),
            node.evidence(),
            node.evidenceAt(),
            node.run(),
            node.attempt(),
            node.why(),
            node.tryNext(),
            "wanted",
            "deployment",
            false,
            "",
            "",
            "its BMC is asked again: asked power, answered 503",
            node.diagnosis(),
            node.progress(),
            List.of(),
            Map.of());
    String table = StatusTable.of(rack(List.of(again)), NOW, new Look(120, false, false, true, 40));
    String line = "w1 is retrying at powering: its BMC is asked again: asked power, answered 503\n";
    assertTrue(table.contains("\n" + line), table);
  }

  private static FleetStatus rack(List<NodeStatus> nodes) {
    return new FleetStatus("alpha", false, nodes, List.of(), "", "", Map.of(), phases());
  }

  private static List<FleetStatus.PhaseStatus> phases() {
    return List.of(
        new FleetStatus.PhaseStatus(
            1, "hub", "done", 1, 1, 1, List.of(), List.of(), List.of("hub")),
        new FleetStatus.PhaseStatus(
            2,
            "workers",
            "blocked",
            0,
            3,
            3,
            List.of(new FleetStatus.Pending("w2", "the installer went silent")),
            List.of(),
            List.of("worker", "storage")));
  }

  private static FleetStatus small() {
    return rack(
        List.of(
            node("hub-1", "enrolled", "ok", Diagnosis.NONE, idle()),
            loading(),
            stuck(),
            node("w3", "planned", "waiting", Diagnosis.NONE, idle())));
  }

  private static void golden(String name, String text) throws IOException {
    String written = System.getProperty("golden.write", "");
    if (!written.isEmpty()) {
      Files.writeString(Path.of(written, name), text);
      return;
    }
    try (InputStream in = StatusTableTest.class.getResourceAsStream(name)) {
      assertEquals(
          in == null ? "no " + name : new String(in.readAllBytes(), StandardCharsets.UTF_8), text);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 80, 160})
  void theTableIsAsAgreedAtEachWidth(int width) throws IOException {
    String plain = StatusTable.of(small(), NOW, new Look(width, false, false, true, 40));
    golden("status-" + width + ".txt", plain);
    assertTrue(plain.lines().allMatch(line -> line.length() <= width), plain);
    String coloured = StatusTable.of(small(), NOW, new Look(width, true, false, true, 40));
    assertTrue(coloured.contains("\u001b[1;31mstuck\u001b[0m"), coloured);
    assertEquals(plain, coloured.replaceAll("\u001b\\[[0-9;]*m", ""));
  }

  private static NodeStatus of(String role, NodeStatus one) {
    return new NodeStatus(
        one.name(),
        one.mac(),
        role,
        one.profile(),
        one.stage(),
        one.condition(),
        one.since(),
        one.evidence(),
        one.evidenceAt(),
        one.run(),
        one.attempt(),
        one.why(),
        one.tryNext(),
        one.power(),
        one.powerSaid(),
        one.rescue(),
        one.purpose(),
        one.access(),
        one.next(),
        one.diagnosis(),
        one.progress(),
        one.log(),
        Map.of());
  }

  private static List<NodeStatus> ofRoles() {
    return List.of(
        of("hub", node("hub-1", "enrolled", "ok", Diagnosis.NONE, idle())),
        loading(),
        stuck(),
        of("storage", node("s1", "planned", "waiting", Diagnosis.NONE, idle())),
        of("spare", node("x1", "installing", "held", Diagnosis.NONE, idle())));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 80, 160})
  void nodesStandUnderTheirPhaseAndRole(int width) throws IOException {
    String plain = StatusTable.of(rack(ofRoles()), NOW, new Look(width, false, false, false, 40));
    golden("groups-" + width + ".txt", plain);
    assertTrue(plain.lines().allMatch(line -> line.length() <= width), plain);
    String coloured = StatusTable.of(rack(ofRoles()), NOW, new Look(width, true, false, false, 40));
    assertTrue(coloured.contains("\u001b[1;31mBLOCKED\u001b[0m by w2"), coloured);
    assertEquals(plain, coloured.replaceAll("\u001b\\[[0-9;]*m", ""));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 60, 80})
  void aLongNameLeavesRoomForWhereItsNodeStands(int width) {
    String name = "control-plane-machine-of-the-left-rack-in-hall-";
    List<NodeStatus> nodes =
        List.of(
            node(name + "01", "first-boot", "retrying", Diagnosis.NONE, idle()),
            node(name + "02", "planned", "waiting", Diagnosis.NONE, idle()));
    for (boolean flat : List.of(true, false)) {
      String text = StatusTable.of(rack(nodes), NOW, new Look(width, false, false, flat, 40));
      List<String> lines = text.lines().filter(line -> line.contains("…")).toList();
      assertTrue(lines.stream().anyMatch(l -> l.matches(".*01 .*first-boot +retrying.*")), text);
      assertTrue(lines.stream().anyMatch(l -> l.matches(".*02 .*planned +waiting.*")), text);
      assertTrue(text.lines().allMatch(line -> line.length() <= width), text);
    }
  }

  @Test
  void withoutPhasesTheyStandUnderTheirRole() {
    FleetStatus status =
        new FleetStatus("alpha", false, ofRoles(), List.of(), "", "", Map.of(), List.of());
    String text = StatusTable.of(status, NOW, new Look(80, false, false, false, 40));
    List<String> heads =
        text.lines().takeWhile(line -> !line.isEmpty()).filter(l -> !l.startsWith("  ")).toList();
    assertEquals(
        List.of(
            "hub (1): 1 enrolled",
            "worker (2): 1 kernel, 1 installing; 1 stuck",
            "storage (1): 1 planned",
            "spare (1): 1 installing; 1 held"),
        heads);
  }

  @Test
  void theDiagnosisOfANodeIsTheOneOfWhy() {
    String alone = NodeView.of(stuck(), NOW, new Look(80, false, false, false, 40));
    assertTrue(alone.contains("\n\n" + DiagnosisText.of(stuck(), 80) + "\n"), alone);
  }

  @Test
  void aNodeAloneShowsItsWayItsTroubleAndItsLog() throws IOException {
    golden("node-80.txt", NodeView.of(stuck(), NOW, new Look(80, false, false, true, 40)));
  }

  @Test
  void ofAThousandNodesThoseInTroubleComeFirstAndTheRestIsCounted() {
    List<NodeStatus> nodes = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      nodes.add(node("n" + i, "enrolled", "ok", Diagnosis.NONE, idle()));
    }
    nodes.set(700, stuck());
    nodes.set(800, loading());
    String text = StatusTable.of(rack(nodes), NOW, new Look(80, false, false, true, 40));
    List<String> lines = text.lines().toList();
    assertTrue(lines.get(1).startsWith("w2 "), text);
    assertTrue(lines.get(2).startsWith("w1 "), text);
    assertTrue(text.contains("\nand 960 more; --all shows them\n"), text);
    assertTrue(text.contains("stages: 1 kernel, 1 installing, 998 enrolled"), text);
    assertTrue(lines.size() < 60, text);
    String groups = StatusTable.of(rack(nodes), NOW, new Look(80, false, false, false, 40));
    assertTrue(groups.contains("worker (1000): 1 kernel, 1 installing, 998 enrolled; 1 stuck"));
    assertTrue(groups.contains("\nand 960 more; --all shows them\n"), groups);
    assertTrue(groups.lines().count() < 60, groups);
    String all = StatusTable.of(rack(nodes), NOW, new Look(80, false, true, true, 40));
    assertTrue(all.contains("\nn999 "), "n999");
    assertFalse(all.contains("--all"), "nothing is left out");
  }

  @Test
  void aBarNeverLeavesItsBounds() {
    assertEquals(".......... 0 %", Paint.bar(0, 0));
    assertEquals("####...... 40 %", Paint.bar(40, 100));
    assertEquals("########## 100 %", Paint.bar(900, 100));
  }

  @Test
  void anInstallerAtWorkHasABarAndItsStep() {
    NodeProgress progress =
        new NodeProgress("", 0, 0, -1, List.of(), 55, "installing packages", "");
    NodeStatus node = node("w1", "installing", "ok", Diagnosis.NONE, progress);
    FleetStatus status =
        new FleetStatus("alpha", false, List.of(node), List.of(), "", "", Map.of(), List.of());
    String table = StatusTable.of(status, NOW, 160);
    assertTrue(table.contains("#####..... 55 % installed; installing packages"), table);
    assertTrue(table.contains(", time left unknown: no earlier run of that profile"), table);
    String view = NodeView.of(node, NOW, Look.plain(160));
    assertTrue(view.contains("\n#####..... 55 % installed; installing packages\n"), view);
    assertTrue(view.contains("time left unknown: no earlier run of debian-12 from"), view);
    String waits =
        NodeView.of(node("w1", "planned", "waiting", Diagnosis.NONE, idle()), NOW, Look.plain(160));
    assertFalse(waits.contains("time left"), waits);
  }

  @Test
  void theWidthIsThatOfTheVariableElseOfTheTerminal() {
    TerminalWidth own = TerminalWidth.read("24 80");
    assertEquals(new TerminalWidth(80, 24), own);
    assertEquals(120, TerminalWidth.of("120", own).columns());
    assertEquals(80, TerminalWidth.of("", own).columns());
    assertEquals(80, TerminalWidth.of("wide", own).columns());
    assertEquals(40, TerminalWidth.of("7", own).columns());
    assertEquals(160, TerminalWidth.of("", TerminalWidth.read("stty: no tty")).columns());
  }

  @Test
  void coloursAreForTerminalsUnlessSomebodySaysOtherwise() {
    assertTrue(ColourOption.wanted(ColourOption.When.AUTO, true, "", "xterm"));
    assertFalse(ColourOption.wanted(ColourOption.When.AUTO, false, "", "xterm"));
    assertFalse(ColourOption.wanted(ColourOption.When.AUTO, true, "1", "xterm"));
    assertFalse(ColourOption.wanted(ColourOption.When.AUTO, true, "", "dumb"));
    assertTrue(ColourOption.wanted(ColourOption.When.ALWAYS, false, "1", "dumb"));
    assertFalse(ColourOption.wanted(ColourOption.When.NEVER, true, "", "xterm"));
  }
}
