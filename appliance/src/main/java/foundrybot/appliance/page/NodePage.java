// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static foundrybot.appliance.page.Html.all;
import static foundrybot.appliance.page.Html.el;
import static foundrybot.appliance.page.Html.text;
import static foundrybot.appliance.page.Html.when;

import foundrybot.appliance.lifecycle.Diagnosis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** One node: where it is, why, what happened to it, and what can be done. */
final class NodePage {
  private NodePage() {}

  static Html of(NodeStory story, Visitor visitor, String mark) {
    NodeView node = story.node();
    return all(
        el("p", el("a", "← Rack").at("href", "/ui/")).classes("back"),
        el("h1", node.name()),
        own(story),
        el("p").at("id", "spoken").at("role", "status").classes("spoken"),
        el(
                "div",
                el("div", where(story), findings(node), log(story), reported(story))
                    .classes("main"))
            .with(
                el("div", actions(node, visitor), bmc(story, visitor), facts(node), timeline(story))
                    .classes("side"))
            .classes("columns"),
        el("dialog").at("id", "ask").at("aria-labelledby", "question"),
        Layout.stream("?node=" + node.name() + "&have=" + mark),
        poll(node, pieces(story, visitor), mark));
  }

  /** The pieces that change, by their ids; their roots replace those of the page. */
  static Map<String, String> pieces(NodeStory story, Visitor visitor) {
    Map<String, String> pieces = new LinkedHashMap<>();
    pieces.put("own", own(story).written());
    pieces.put("where", where(story).written());
    pieces.put("why", findings(story.node()).written());
    pieces.put("do", actions(story.node(), visitor).written());
    pieces.put("bmc", bmc(story, visitor).written());
    pieces.put("facts", facts(story.node()).written());
    pieces.put("timeline", timeline(story).written());
    pieces.put("log", log(story).written());
    pieces.put("reported", reported(story).written());
    return pieces;
  }

  static String spoken(NodeStory story) {
    NodeView node = story.node();
    return node.name() + ": " + node.stage() + ", " + Tone.of(node).word();
  }

  /** Asks for what differs from what the browser has. */
  static Html poll(NodeView node, Map<String, String> pieces, String mark) {
    return el("div")
        .at("id", "poll")
        .at("data-mark", mark)
        .at("hx-get", "/ui/node/" + node.name() + "/changes?have=" + Pieces.digests(pieces))
        .at("hx-trigger", "again")
        .at("hx-swap", "outerHTML");
  }

  private static Html own(NodeStory story) {
    return el("div", Layout.ownTrouble(story.appliance()))
        .at("id", "own")
        .at("hx-swap-oob", "true");
  }

  private static Html where(NodeStory story) {
    NodeView node = story.node();
    List<Html> steps =
        IntStream.range(0, story.steps().size())
            .<Html>mapToObj(i -> step(node, story.steps().get(i), i))
            .toList();
    return el(
            "section",
            el("h2", "Where it stands").classes("spoken"),
            el(
                    "p",
                    Layout.tone(Tone.of(node)),
                    el("span", "at " + node.standing()).classes("at"),
                    el("span", Layout.since(node.since())).classes("dim"))
                .classes("standing"),
            when(!meaning(node).isEmpty(), el("p", meaning(node)).classes("meaning")),
            when(!node.access().isEmpty(), el("p", el("code", node.access())).classes("access")),
            el("ol").with(steps).classes("steps " + Tone.of(node).key()),
            progress(node),
            el(
                    "p",
                    text("Last heard "),
                    Layout.time(node.evidenceAt()),
                    text(": "),
                    el("code", node.evidence()))
                .classes("heard"))
        .at("id", "where")
        .at("hx-swap-oob", "true")
        .classes("card");
  }

  /** Bars where something is known, and when it will probably be there. */
  private static Html progress(NodeView node) {
    Progress progress = node.progress();
    Html expected =
        progress
            .until()
            .<Html>map(
                at ->
                    el(
                            "p",
                            text("Probably ready at "),
                            Layout.clock(at),
                            text(" UTC, by what others of its profile took."))
                        .classes("dim"))
            .orElseGet(
                () ->
                    when(
                        node.isUnderWay(),
                        el(
                                "p",
                                "How long it will take is not known: there is no earlier run of "
                                    + node.profile()
                                    + ".")
                            .classes("dim")));
    return all(
        when(progress.percent() >= 0, bar("Installed", progress.percent(), progress.step())),
        when(!progress.what().isEmpty(), bar("Transferred", progress.part(), progress.what())),
        expected);
  }

  private static Html bar(String what, int percent, String words) {
    return el(
            "p",
            el("progress")
                .at("value", String.valueOf(percent))
                .at("max", "100")
                .at("aria-label", what),
            el("span", what + " " + percent + " %: " + words))
        .classes("progress");
  }

  /** What it means to be where no installation comes by. */
  private static String meaning(NodeView node) {
    return switch (node.stage()) {
      case "erased" ->
          "Its disks were read back, and nothing but zeroes was on them. It boots from its disk"
              + " until it is deployed or reinstalled.";
      case "released" ->
          "It is out of the cluster: it is given nothing and counted nowhere. To deploy it takes it"
              + " back.";
      default ->
          switch (node.purpose()) {
            case "inspect" -> "It says what it is made of. Its run waits, and goes on behind that.";
            case "rescue" -> "Nothing is installed while people look at it. Its run waits.";
            case "erase" -> "Its disks are overwritten and read back.";
            default -> "";
          };
    };
  }

  private static Html step(NodeView node, String name, int place) {
    boolean here = name.equals(node.stage());
    String kind = here ? "here" : place < node.step() ? "done" : "ahead";
    return el("li", el("span", name))
        .classes(node.arrived() && here ? "done here" : kind)
        .at("aria-current", here ? Optional.of("step") : Optional.empty());
  }

  private static Html findings(NodeView node) {
    Diagnosis found = node.diagnosis();
    return el("div")
        .with(
            when(
                !found.why().isEmpty(),
                el(
                        "section",
                        el("h2", "Why it does not go on"),
                        el("p", found.why()).classes("why"),
                        Layout.list("Try", "ol", found.tries()),
                        Layout.list("Likely causes", "ol", found.causes()),
                        Layout.list("Evidence", "ul", found.evidence()),
                        when(!found.code().isEmpty(), el("p", found.code()).classes("code dim")))
                    .classes("card trouble " + Tone.of(node).key())))
        .at("id", "why")
        .at("hx-swap-oob", "true");
  }

  private static Html actions(NodeView node, Visitor visitor) {
    List<Html> buttons = buttons(node, visitor, false);
    return el("div")
        .with(
            when(
                !buttons.isEmpty(),
                el("section", el("h2", "Do"), el("ul").with(buttons).classes("actions"))
                    .classes("card")))
        .at("id", "do")
        .at("hx-swap-oob", "true");
  }

  private static List<Html> buttons(NodeView node, Visitor visitor, boolean ofPower) {
    return visitor.may().stream()
        .filter(action -> action.fits(node) && action.isOfPower() == ofPower)
        .<Html>map(
            action ->
                el(
                    "li",
                    el("a", action.title(node) + "…")
                        .classes("button" + (action.restarts() ? " restarts" : ""))
                        .at("id", "to-" + action.key())
                        .at("href", path(node, action))
                        .at("hx-get", path(node, action))
                        .at("hx-target", "#ask")
                        .at("aria-haspopup", "dialog")))
        .toList();
  }

  /** What is known of the BMC, and since when: nothing here asks it. */
  private static Html bmc(NodeStory story, Visitor visitor) {
    NodeView node = story.node();
    BmcView bmc = story.bmc();
    List<Html> rows = new ArrayList<>();
    known(rows, "Power", bmc.power(), "nothing heard lately");
    known(rows, "Start", bmc.progress(), "");
    known(rows, "Answers", bmc.who(), "");
    known(rows, "Last error", bmc.error(), "none lately");
    List<Html> health = bmc.health().stream().<Html>map(line -> el("li", line)).toList();
    return el("div")
        .with(
            when(
                !node.bmc().isEmpty(),
                el(
                        "section",
                        el("h2", "BMC"),
                        when(
                            !bmc.mismatch().isEmpty(),
                            el("p", el("strong", "Another machine? "), text(bmc.mismatch()))
                                .classes("banner stuck")),
                        el("p", el("code", node.bmc())),
                        el("dl").with(rows),
                        when(
                            !health.isEmpty(),
                            all(
                                el(
                                    "h3",
                                    text("Its event log, "),
                                    bmc.healthAt().map(Layout::time).orElse(Html.none())),
                                el("ul").with(health).classes("health"))),
                        el("ul").with(buttons(node, visitor, true)).classes("actions"))
                    .classes("card")))
        .at("id", "bmc")
        .at("hx-swap-oob", "true");
  }

  /** The state itself; behind it stands how that was read. */
  private static String head(String text) {
    int end = text.indexOf("; ");
    return end < 0 || end > 30 ? "" : text.substring(0, end);
  }

  private static void known(
      List<Html> rows, String name, Optional<BmcView.Known> known, String otherwise) {
    Html value =
        known
            .<Html>map(
                one ->
                    el(
                        "dd",
                        el("b", head(one.text())),
                        text(one.text().substring(head(one.text()).length()) + " "),
                        el("span", text("("), Layout.time(one.at()), text(")")).classes("dim")))
            .orElseGet(() -> el("dd", otherwise));
    if (known.isPresent() || !otherwise.isEmpty()) {
      rows.add(el("div", el("dt", name), value));
    }
  }

  private static String path(NodeView node, Action action) {
    return "/ui/node/" + node.name() + "/do/" + action.key();
  }

  private static Html facts(NodeView node) {
    List<Html> rows = new ArrayList<>();
    row(rows, "Role", node.role());
    row(rows, "System", node.profile());
    row(rows, "MAC", node.mac());
    node.place().ifPresent(p -> row(rows, "Place", p.rack() + ", unit " + p.unit()));
    row(rows, "BMC", node.bmc().isEmpty() ? "none; people switch it on" : "");
    row(rows, "Deployment", node.power().equals("none") ? "" : node.power());
    row(rows, "Said there", node.powerSaid());
    row(rows, "Run", node.run() + (node.attempt() > 1 ? ", attempt " + node.attempt() : ""));
    return el("section", el("h2", "Machine and power"), el("dl").with(rows))
        .classes("card")
        .at("id", "facts")
        .at("hx-swap-oob", "true");
  }

  private static void row(List<Html> rows, String name, String value) {
    if (!value.isEmpty()) {
      rows.add(el("div", el("dt", name), el("dd", value)));
    }
  }

  private static Html timeline(NodeStory story) {
    List<Html> rows =
        story.events().reversed().stream()
            .<Html>map(
                event ->
                    el(
                            "li",
                            Layout.clock(event.at()),
                            el("span", el("b", event.kind()), text(" " + event.detail())))
                        .classes("event " + kind(event.kind())))
            .toList();
    return el(
            "section",
            el("h2", "Timeline"),
            rows.isEmpty()
                ? el("p", "Nothing was heard of it yet.")
                : el("ol").with(rows).classes("timeline"))
        .classes("card")
        .at("id", "timeline")
        .at("hx-swap-oob", "true");
  }

  private static String kind(String fact) {
    return fact.contains("failed") || fact.contains("refused") || fact.contains("aborted")
        ? "bad"
        : fact.startsWith("operator.") ? "ours" : "plain";
  }

  private static Html log(NodeStory story) {
    List<Html> lines =
        story.log().stream()
            .<Html>map(
                line ->
                    el(
                        "span",
                        Layout.clock(line.at()),
                        text(" " + line.from() + " "),
                        text(line.text() + "\n")))
            .toList();
    return el("div")
        .with(
            when(
                !lines.isEmpty(),
                el(
                        "section",
                        el("h2", "Its log").at("id", "log-title"),
                        el("pre")
                            .with(lines)
                            .classes("log")
                            .at("tabindex", "0")
                            .at("role", "region")
                            .at("aria-labelledby", "log-title"))
                    .classes("card")))
        .at("id", "log")
        .at("hx-swap-oob", "true");
  }

  /** What its machine said of its hardware, each with what is to be made of it. */
  private static Html reported(NodeStory story) {
    return el("div")
        .with(story.reported().stream().map(NodePage::reported).toList())
        .at("id", "reported")
        .at("hx-swap-oob", "true");
  }

  private static Html reported(Reported one) {
    return el(
            "section",
            el("h2", one.title()),
            el("p", text("Reported "), Layout.time(one.at())).classes("dim"),
            when(!one.verdict().isEmpty(), el("p", el("b", one.verdict()))),
            when(
                !one.lines().isEmpty(),
                el("ul").with(one.lines().stream().map(line -> el("li", line)).toList())),
            all(one.tables().stream().map(Layout::table).toList()))
        .classes("card" + (one.good() ? "" : " trouble retrying"));
  }
}
