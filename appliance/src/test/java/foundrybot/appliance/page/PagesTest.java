// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.hardware.HardwareTable;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PagesTest {
  private static final Instant AT = Instant.parse("2026-01-31T12:00:00Z");
  private static final String EVIL = "<script>alert('\"1&\")</script>\u001b[31m";
  private static final String HARMLESS =
      "&lt;script&gt;alert(&#39;&quot;1&amp;&quot;)&lt;/script&gt;\ufffd[31m";
  private static final Visitor VISITOR =
      new Visitor("ops", "operate", "p".repeat(64), "", List.of(Action.values()));
  private static final List<String> STEPS = List.of("planned", "dhcp", "installing", "enrolled");

  private static NodeView node(String name, String stage, String condition) {
    return node(name, stage, condition, Diagnosis.NONE, "heard");
  }

  private static NodeView node(
      String name, String stage, String condition, Diagnosis diagnosis, String evidence) {
    return new NodeView(
        name,
        "52:54:00:00:00:01",
        "worker",
        "debian-12",
        stage,
        STEPS.indexOf(stage),
        condition,
        stage.equals("enrolled"),
        AT,
        evidence,
        AT,
        1,
        1,
        diagnosis,
        "none",
        "",
        "",
        "",
        Optional.empty(),
        "",
        Progress.NONE);
  }

  private static RackView rack(List<NodeView> nodes) {
    return new RackView("alpha", STEPS, nodes, List.of(), List.of(), "", "", Diagnosis.NONE);
  }

  private static String page(RackView rack) {
    return Pages.rack(rack, VISITOR, new Changes("a"), Optional.empty(), Optional.empty());
  }

  @Test
  void aPageThatHearsNothingMoreSaysSo() {
    String page = page(rack(List.of(node("w1", "dhcp", "ok"))));
    assertTrue(page.contains("&quot;timeout&quot;:8000"), page);
    assertTrue(page.contains("id=\"offline\""), page);
    String script = asset(page, "page.js");
    String htmx = asset(page, "htmx.js");
    for (String event : List.of("htmx:sendError", "htmx:timeout", "htmx:responseError")) {
      assertTrue(script.contains('"' + event + '"'), event);
      assertTrue(htmx.contains('"' + event + '"'), event + " is none of htmx's");
    }
    assertTrue(htmx.contains(".timeout="), "htmx takes a timeout");
  }

  private static String asset(String page, String name) {
    Matcher version = Pattern.compile("/ui/asset/([^/]+)/" + name).matcher(page);
    assertTrue(version.find(), name);
    return new String(Assets.find(version.group(1), name).orElseThrow().bytes(), UTF_8);
  }

  @Test
  void whatMachinesSayIsNeverMarkup() {
    Diagnosis evil = new Diagnosis("x", EVIL, List.of(EVIL), List.of(EVIL), List.of(EVIL));
    NodeView node = node("w1", "dhcp", "stuck", evil, EVIL);
    NodeStory story =
        new NodeStory(
            node,
            STEPS,
            List.of(new NodeStory.Event(AT, "dhcp.discover", EVIL)),
            List.of(new NodeStory.Line(AT, EVIL, EVIL)),
            BmcView.NONE,
            Diagnosis.NONE);
    RackView rack =
        new RackView(
            EVIL,
            STEPS,
            List.of(node),
            List.of(),
            List.of(new RackView.Stranger(EVIL, AT, EVIL)),
            EVIL,
            EVIL,
            evil);
    Visitor visitor = new Visitor(EVIL, EVIL, EVIL, EVIL, List.of());
    for (String text :
        List.of(
            page(rack),
            Pages.rack(rack, visitor, new Changes("a"), Optional.of(EVIL), Optional.of(EVIL)),
            Pages.node(EVIL, story, visitor, "m"),
            Pages.nodeSince(story, visitor, EVIL, "m"),
            Pages.login(EVIL, EVIL, EVIL),
            Pages.said(EVIL, true),
            Pages.note(EVIL, Optional.of(visitor), EVIL, EVIL))) {
      assertTrue(text.contains(HARMLESS), text);
      assertFalse(text.contains("<script>") || text.contains("\u001b"), text);
    }
  }

  @Test
  void howFarItsInstallerIsAndWhenItIsThereAreOnItsPage() {
    Optional<Instant> until = Optional.of(AT.plusSeconds(600));
    NodeView node =
        in(node("w1", "installing", "ok"), new Progress(55, EVIL, "artifact <x>", 40, until));
    String page = Pages.node("alpha", story(node), VISITOR, "m");
    String bar = "<progress value=\"55\" max=\"100\" aria-label=\"Installed\"></progress>";
    assertTrue(page.contains(bar + "<span>Installed 55 %: " + HARMLESS), page);
    assertTrue(page.contains("<progress value=\"40\""), page);
    assertTrue(page.contains("Transferred 40 %: artifact &lt;x&gt;"), page);
    assertTrue(page.contains("Probably ready at ") && page.contains(">12:10:00</time>"), page);
    assertTrue(page(rack(List.of(node))).contains("<span class=\"stage\">installing 55 %<"));

    String unknown = Pages.node("alpha", story(node("w1", "installing", "ok")), VISITOR, "m");
    assertFalse(unknown.contains("<progress"), unknown);
    assertTrue(unknown.contains("there is no earlier run of debian-12."), unknown);
    String there = Pages.node("alpha", story(node("w1", "enrolled", "ok")), VISITOR, "m");
    assertFalse(there.contains("no earlier run"), there);
  }

  private static NodeStory story(NodeView node) {
    return new NodeStory(node, STEPS, List.of(), List.of(), BmcView.NONE, Diagnosis.NONE);
  }

  private static NodeView in(NodeView node, Progress progress) {
    return new NodeView(
        node.name(),
        node.mac(),
        node.role(),
        node.profile(),
        node.stage(),
        node.step(),
        node.condition(),
        node.arrived(),
        node.since(),
        node.evidence(),
        node.evidenceAt(),
        node.run(),
        node.attempt(),
        node.diagnosis(),
        node.power(),
        node.powerSaid(),
        node.purpose(),
        node.access(),
        node.place(),
        node.bmc(),
        progress);
  }

  @Test
  void whatAMachineReportedOfItsHardwareIsATableOfTexts() {
    HardwareTable disks =
        new HardwareTable("Disks", List.of("Name", "Serial"), List.of(List.of("sda", EVIL)));
    HardwareTable none = new HardwareTable("Network cards", List.of("Name"), List.of());
    Reported made =
        new Reported("Made of", AT, "Not as it says:", false, List.of(EVIL), List.of(disks, none));
    NodeStory story =
        new NodeStory(
            node("w1", "planned", "waiting"),
            STEPS,
            List.of(),
            List.of(),
            BmcView.NONE,
            Diagnosis.NONE,
            List.of(made));
    String page = Pages.node("alpha", story, VISITOR, "m");
    assertTrue(page.contains("<h2>Made of</h2>"), page);
    assertTrue(page.contains("<th scope=\"col\">Serial</th>"), page);
    assertTrue(page.contains("<td data-title=\"Serial\">" + HARMLESS), page);
    assertTrue(page.contains("<p>Network cards: none</p>"), page);
    assertFalse(page.contains("<script>"), page);
  }

  @Test
  void markupOfOursCannotBeMadeOfTexts() {
    assertThrows(IllegalArgumentException.class, () -> Html.el("script", "alert(1)"));
    assertThrows(IllegalArgumentException.class, () -> Html.el("b><i", "x"));
    assertThrows(IllegalArgumentException.class, () -> Html.el("b").at("onclick", "alert(1)"));
    assertThrows(IllegalArgumentException.class, () -> Html.el("b").at("x y", ""));
    assertEquals("<b title=\"&quot;\">&lt;</b>", Html.el("b", "<").at("title", "\"").written());
  }

  @Test
  void eachConditionHasAWordBesideItsColour() {
    String page =
        page(
            rack(
                List.of(
                    node("a", "dhcp", "stuck"),
                    node("b", "dhcp", "held"),
                    node("c", "dhcp", "retrying"),
                    node("d", "dhcp", "ok"),
                    node("e", "planned", "waiting"),
                    node("f", "enrolled", "ok"))));
    for (Tone tone :
        List.of(Tone.STUCK, Tone.HELD, Tone.RETRYING, Tone.MOVING, Tone.WAITING, Tone.READY)) {
      assertTrue(page.contains("</span>" + tone.word() + "</span>"), tone.word());
    }
    assertTrue(page.contains("<strong>1 of 6</strong> ready"), page);
  }

  @Test
  void whoIsOutOfItsRunHasAWordOfItsOwn() {
    String page =
        page(
            rack(
                List.of(
                    aside("a", "inspecting", "inspect", "ok"),
                    aside("b", "dhcp", "inspect", "retrying"),
                    aside("c", "rescue", "rescue", "ok"),
                    aside("d", "dhcp", "erase", "ok"),
                    aside("e", "erasing", "erase", "stuck"),
                    aside("f", "erased", "", "ok"),
                    aside("g", "released", "", "ok"))));
    for (String cell :
        List.of(
            "inspecting\" id=\"n-a",
            "retrying\" id=\"n-b",
            "rescue\" id=\"n-c",
            "erasing\" id=\"n-d",
            "stuck\" id=\"n-e",
            "erased\" id=\"n-f",
            "released\" id=\"n-g")) {
      assertTrue(page.contains("class=\"cell " + cell), cell + ": " + page);
    }
    assertTrue(page.contains(">inspect: dhcp<") && page.contains(">erase: dhcp<"), page);
    assertTrue(page.contains(">erasing</span>"), "not 'erase: erasing'");
    assertFalse(page.contains("on its way</span></li>"), page);
  }

  private static NodeView aside(String name, String stage, String purpose, String condition) {
    NodeView node = node(name, stage, condition);
    return with(node, purpose, node.place());
  }

  private static NodeView with(NodeView node, String purpose, Optional<NodeView.Place> place) {
    return new NodeView(
        node.name(),
        node.mac(),
        node.role(),
        node.profile(),
        node.stage(),
        node.step(),
        node.condition(),
        node.arrived(),
        node.since(),
        node.evidence(),
        node.evidenceAt(),
        node.run(),
        node.attempt(),
        node.diagnosis(),
        node.power(),
        node.powerSaid(),
        purpose,
        node.access(),
        place,
        node.bmc(),
        Progress.NONE);
  }

  @Test
  void cabinetsStandInTheOrderInWhichPeopleCountThem() {
    List<NodeView> nodes =
        Stream.of("r10", "r2", "b", "r2-1", "r02", "r")
            .map(rack -> placed(node("in-" + rack, "dhcp", "ok"), rack))
            .toList();
    List<String> titles =
        Pattern.compile("<h3>([^<]+)</h3>")
            .matcher(page(rack(nodes)))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertEquals(List.of("b", "r", "r02", "r2", "r2-1", "r10"), titles);
  }

  private static NodeView placed(NodeView node, String rack) {
    return with(node, node.purpose(), Optional.of(new NodeView.Place(rack, 1)));
  }

  @Test
  void theAppliancesOwnTroubleStandsAboveAllElse() {
    Diagnosis own = Diagnosis.ofRoom(1 << 20, "/var/lib/foundrybot", AT).orElseThrow();
    List<NodeView> nodes = List.of(node("a", "enrolled", "ok"));
    RackView rack =
        new RackView("alpha", STEPS, nodes, List.of(), List.of(), "", "stopped at X", own);
    String page = page(rack);
    int at = page.indexOf(own.code());
    assertTrue(at > 0 && at < page.indexOf("id=\"summary\""), page);
    assertTrue(page.contains("1 MB left for /var/lib/foundrybot"), page);
    assertTrue(page.contains("stopped at X"), page);
    NodeStory story =
        new NodeStory(nodes.getFirst(), STEPS, List.of(), List.of(), BmcView.NONE, own);
    assertTrue(Pages.node("alpha", story, VISITOR, "m").contains(own.code()));
    assertFalse(page(rack(nodes)).contains("The appliance itself"));
  }

  @Test
  void whoIsStuckStandsFirstWithTheNextThingToTry() {
    Diagnosis why =
        new Diagnosis(
            "no-discover", "no DISCOVER since", List.of(), List.of(), List.of("the cable"));
    String page =
        page(rack(List.of(node("a", "enrolled", "ok"), node("b", "dhcp", "stuck", why, "x"))));
    assertTrue(page.indexOf("no DISCOVER since") < page.indexOf("id=\"n-a\""), page);
    assertTrue(page.contains("the cable"));
    assertFalse(page(rack(List.of(node("a", "enrolled", "ok")))).contains("Needs you"));
  }

  @Test
  void aPhaseIsShownWithItsGateAndWhoHoldsItUp() {
    RackView.Phase phase =
        new RackView.Phase(
            2, "etcd", "blocked", 2, 3, 3, List.of(new RackView.Pending("etcd-3", EVIL)));
    String page =
        page(
            new RackView(
                "alpha",
                STEPS,
                List.of(node("etcd-3", "dhcp", "stuck")),
                List.of(phase),
                List.of(),
                "",
                "",
                Diagnosis.NONE));
    assertTrue(page.contains("2 of 3 ready, needs 3"), page);
    assertTrue(page.contains("blocked</span>") && page.contains(": " + HARMLESS), page);
  }

  @Test
  void theFilterHidesWhatDoesNotFit() {
    RackView rack = rack(List.of(node("a1", "enrolled", "ok"), node("b2", "dhcp", "stuck")));
    String page =
        Pages.rack(rack, VISITOR, new Changes("a"), Optional.of("WORKER b"), Optional.of("stuck"));
    assertTrue(
        Pattern.compile("<li class=\"slot\" hidden><input [^>]*value=\"a1\"").matcher(page).find(),
        page);
    assertTrue(
        Pattern.compile("<li class=\"slot\"><input [^>]*value=\"b2\"").matcher(page).find(), page);
  }

  @Test
  void severalAreChosenByTicksByTroubleOrByRole() {
    NodeView a = node("a", "dhcp", "stuck");
    NodeView b = node("b", "dhcp", "held");
    NodeView c = node("c", "enrolled", "ok");
    RackView rack = rack(List.of(a, b, c));
    assertEquals(List.of(a, c), ManyPage.chosen(rack, "ticked", List.of("c", "a", "x")));
    assertEquals(List.of(a), ManyPage.chosen(rack, "stuck", List.of("c")));
    assertEquals(List.of(a, b, c), ManyPage.chosen(rack, "role:worker", List.of()));
    assertEquals(List.of(), ManyPage.chosen(rack, "role:", List.of("c")));
    assertEquals(List.of(), ManyPage.chosen(rack, "", List.of("c")));

    String asked =
        Pages.askMany(rack, "role:worker", List.of(), Action.RESUME, VISITOR, "u".repeat(36));
    assertTrue(asked.contains("Resume 1 machine?") && asked.contains("value=\"b\""), asked);
    assertTrue(asked.contains("</b>a, c</p>"), "who is left out is named: " + asked);
    String nobody = Pages.askMany(rack, "ticked", List.of(), Action.HOLD, VISITOR, "u".repeat(36));
    assertTrue(nobody.contains("No machine is chosen") && !nobody.contains("/many/do"), nobody);
    Visitor reader = new Visitor("r", "read", "p".repeat(64), "", List.of());
    String page = Pages.rack(rack, reader, new Changes("a"), Optional.empty(), Optional.empty());
    assertFalse(page.contains("checkbox") || page.contains("/ui/many"), page);
  }

  @Test
  void onlyPiecesThatChangedAreSentAgain() {
    Changes changes = new Changes("a");
    RackView before = rack(List.of(node("a1", "dhcp", "ok"), node("b2", "dhcp", "ok")));
    String version = changes.version(before);
    assertEquals(Optional.of(""), changes.since(version, before));

    RackView after = rack(List.of(node("a1", "dhcp", "ok"), node("b2", "installing", "ok")));
    String sent = changes.since(version, after).orElseThrow();
    assertTrue(sent.contains("id=\"n-b2\"") && !sent.contains("id=\"n-a1\""), sent);
    String next = changes.version(after);
    assertTrue(sent.contains("since=" + next), sent);
    assertEquals(Optional.of(""), changes.since(next, after));
    assertEquals(sent, changes.since(version, after).orElseThrow(), "for another browser, too");

    assertEquals(Optional.empty(), changes.since(next, rack(List.of(node("a1", "dhcp", "ok")))));
    assertEquals(Optional.empty(), new Changes("b").since(next, after), "another start");
    for (String forged : List.of("", "a", "ax1-", "ax1--1", "ax1-" + "9".repeat(30), EVIL)) {
      assertEquals(Optional.empty(), changes.since(forged, after), forged);
    }
  }

  @Test
  void aThousandNodesCostOnePageAndThenOnlyTheirChanges() {
    List<NodeView> nodes = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      nodes.add(node("node-" + i, "dhcp", "ok"));
    }
    Changes changes = new Changes("a");
    String version = changes.version(rack(nodes));
    int whole = page(rack(nodes)).length();
    assertTrue(whole < 700_000, "characters: " + whole);
    nodes.set(500, node("node-500", "installing", "ok"));
    int sent = changes.since(version, rack(nodes)).orElseThrow().length();
    assertTrue(sent < 3_000, "characters: " + sent);
  }

  @Test
  void manyBrowsersOfAThousandNodesShareOneRenderingOfAChange() {
    List<NodeView> nodes = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      nodes.add(node("node-" + i, "dhcp", "ok"));
    }
    Changes changes = new Changes("a");
    String version = changes.version(rack(nodes));
    assertEquals(1000, changes.rendered());
    nodes.set(500, node("node-500", "installing", "ok"));
    for (int browser = 0; browser < 20; browser++) {
      assertTrue(
          changes.since(version, rack(nodes)).orElseThrow().contains("n-node-500"),
          "browser " + browser);
    }
    assertEquals(1001, changes.rendered(), "one cell, once");
  }

  @Test
  void aNodeThatWasMovedIsAnotherPicture() {
    Changes changes = new Changes("a");
    String version = changes.version(rack(List.of(mounted("a1", "r1", 3))));
    assertEquals(Optional.of(""), changes.since(version, rack(List.of(mounted("a1", "r1", 3)))));
    for (NodeView moved : List.of(mounted("a1", "r1", 4), mounted("a1", "r2", 4))) {
      assertEquals(Optional.empty(), changes.since(version, rack(List.of(moved))), "a new page");
    }
  }

  private static NodeView mounted(String name, String rack, int unit) {
    NodeView node = node(name, "dhcp", "ok");
    return new NodeView(
        node.name(),
        node.mac(),
        node.role(),
        node.profile(),
        node.stage(),
        node.step(),
        node.condition(),
        node.arrived(),
        node.since(),
        node.evidence(),
        node.evidenceAt(),
        node.run(),
        node.attempt(),
        node.diagnosis(),
        node.power(),
        node.powerSaid(),
        node.purpose(),
        node.access(),
        Optional.of(new NodeView.Place(rack, unit)),
        node.bmc(),
        Progress.NONE);
  }

  @Test
  void whatCanBeDoneFollowsWhereTheNodeStands() {
    NodeStory before =
        new NodeStory(
            node("w1", "dhcp", "ok"), STEPS, List.of(), List.of(), BmcView.NONE, Diagnosis.NONE);
    String have = Pieces.digests(NodePage.pieces(before, VISITOR));
    NodeStory after =
        new NodeStory(
            node("w1", "dhcp", "held"), STEPS, List.of(), List.of(), BmcView.NONE, Diagnosis.NONE);
    String sent = Pages.nodeSince(after, VISITOR, have, "m");
    assertTrue(sent.contains("/do/resume") && !sent.contains("/do/hold"), sent);
  }

  @Test
  void aNodesPageSendsOnlyWhatTheBrowserHasNot() {
    NodeStory before =
        new NodeStory(
            node("w1", "dhcp", "ok"), STEPS, List.of(), List.of(), BmcView.NONE, Diagnosis.NONE);
    String have = Pieces.digests(NodePage.pieces(before, VISITOR));
    assertEquals("", Pages.nodeSince(before, VISITOR, have, "m"));
    NodeStory after =
        new NodeStory(
            before.node(),
            STEPS,
            List.of(new NodeStory.Event(AT, "tftp.rrq", "a")),
            List.of(),
            BmcView.NONE,
            Diagnosis.NONE);
    String sent = Pages.nodeSince(after, VISITOR, have, "m");
    assertTrue(sent.contains("id=\"timeline\"") && !sent.contains("id=\"facts\""), sent);
  }
}
