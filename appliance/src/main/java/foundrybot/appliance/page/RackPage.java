// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static foundrybot.appliance.page.Html.all;
import static foundrybot.appliance.page.Html.el;
import static foundrybot.appliance.page.Html.text;
import static foundrybot.appliance.page.Html.when;

import foundrybot.appliance.lifecycle.Diagnosis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The rack as a picture, and before it who needs somebody. */
final class RackPage {
  /** Nodes that are told of one by one; more of them are a fault of something they share. */
  private static final int MOST_TOLD = 12;

  private RackPage() {}

  /**
   * What is shown of all nodes.
   *
   * @param words that a node's name, role, stage, ... must hold; empty for all
   * @param tone of {@link Tone#key}; empty for all
   */
  record Filter(String words, String tone) {
    boolean takes(NodeView node) {
      String text = searched(node);
      return (tone.isEmpty() || Tone.of(node).key().equals(tone))
          && Arrays.stream(words.toLowerCase(Locale.ROOT).split("\\s+", -1))
              .allMatch(text::contains);
    }
  }

  /**
   * The page.
   *
   * @param version of what is shown, from which changes are asked for
   */
  static Html of(RackView rack, Filter filter, String version, Visitor visitor) {
    Map<Tone, Long> counts = counts(rack);
    return all(
        el("h1", "Rack " + rack.cluster()),
        el("p").at("id", "spoken").at("role", "status").classes("spoken"),
        fault(rack),
        summary(rack, counts),
        attention(rack),
        phases(rack),
        picture(rack, filter, visitor),
        strangers(rack),
        Layout.stream("?have=" + version),
        poll(version));
  }

  /** The pieces that change beside the cells, by their ids; their roots replace the page's. */
  static Map<String, String> shared(RackView rack) {
    Map<String, String> pieces = new LinkedHashMap<>();
    pieces.put("summary", summary(rack, counts(rack)).written());
    pieces.put("fault", fault(rack).written());
    pieces.put("phases", phases(rack).written());
    pieces.put("attention", attention(rack).written());
    pieces.put("strangers", strangers(rack).written());
    return pieces;
  }

  /** Which cell stands where: the one thing that no piece can change. */
  static List<String> layout(RackView rack) {
    return rack.nodes().stream()
        .map(
            node ->
                node.name() + node.place().map(at -> " " + at.rack() + " " + at.unit()).orElse(""))
        .toList();
  }

  /** What a screen reader says when it changes. */
  static String spoken(RackView rack) {
    Map<Tone, Long> counts = counts(rack);
    return counts.getOrDefault(Tone.READY, 0L)
        + " of "
        + rack.nodes().size()
        + " ready, "
        + counts.getOrDefault(Tone.STUCK, 0L)
        + " stuck";
  }

  /** Asks for what has changed since then; it is replaced by the answer. */
  static Html poll(String version) {
    return el("div")
        .at("id", "poll")
        .at("data-mark", version)
        .at("hx-get", "/ui/changes?since=" + version)
        .at("hx-trigger", "again")
        .at("hx-swap", "outerHTML");
  }

  private static Map<Tone, Long> counts(RackView rack) {
    Map<Tone, Long> counts = new TreeMap<>();
    rack.nodes().forEach(node -> counts.merge(Tone.of(node), 1L, Long::sum));
    return counts;
  }

  private static Html summary(RackView rack, Map<Tone, Long> counts) {
    int all = rack.nodes().size();
    List<Html> parts = new ArrayList<>();
    List<Html> bars = new ArrayList<>();
    double from = 0;
    for (Tone tone : Tone.values()) {
      long count = counts.getOrDefault(tone, 0L);
      if (count > 0) {
        parts.add(el("li", el("strong", String.valueOf(count)), text(" "), Layout.tone(tone)));
      }
    }
    for (Tone tone : Arrays.asList(Tone.values()).reversed()) {
      double width = all == 0 ? 0 : counts.getOrDefault(tone, 0L) * 100.0 / all;
      if (width > 0) {
        bars.add(
            el("rect")
                .classes(tone.key())
                .at("x", number(from))
                .at("y", "0")
                .at("height", "4")
                .at("width", number(width)));
      }
      from += width;
    }
    long ready = counts.getOrDefault(Tone.READY, 0L);
    return el(
            "div",
            el("p", el("strong", ready + " of " + all), text(" ready")).classes("score"),
            el("svg")
                .with(bars)
                .classes("bar")
                .at("viewBox", "0 0 100 4")
                .at("preserveAspectRatio", "none")
                .at("aria-hidden", "true"),
            el("ul").with(parts).classes("counts"))
        .classes("summary")
        .at("id", "summary")
        .at("hx-swap-oob", "true");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static Html fault(RackView rack) {
    return el("div")
        .with(
            Layout.ownTrouble(rack.appliance()),
            when(
                !rack.brake().isEmpty(),
                el(
                        "p",
                        el("strong", "Stuck nodes are not power-cycled any more: "),
                        text(rack.brake()),
                        text(". Mend that, then "),
                        el("code", "bootserver resume --all"))
                    .classes("banner stuck")),
            when(
                !rack.fault().isEmpty(),
                el("p", el("strong", "The changed rack file is not in force: "), text(rack.fault()))
                    .classes("banner stuck")))
        .at("id", "fault")
        .at("hx-swap-oob", "true");
  }

  private static Html phases(RackView rack) {
    Set<String> told =
        rack.nodes().stream()
            .filter(node -> !node.diagnosis().why().isEmpty())
            .map(NodeView::name)
            .collect(Collectors.toSet());
    List<Html> steps = rack.phases().stream().map(phase -> phase(phase, told)).toList();
    return el("div")
        .with(
            when(
                !steps.isEmpty(),
                el("section", el("h2", "Phases"), el("ol").with(steps).classes("phases"))))
        .at("id", "phases")
        .at("hx-swap-oob", "true");
  }

  /**
   * A phase.
   *
   * @param told nodes whose trouble stands on the page already
   */
  private static Html phase(RackView.Phase phase, Set<String> told) {
    List<Html> blockers =
        phase.pending().stream()
            .limit(MOST_TOLD)
            .<Html>map(
                b -> el("li", link(b.node()), text(told.contains(b.node()) ? "" : ": " + b.why())))
            .toList();
    return el(
            "li",
            el("span", phase.number() + " " + phase.name()).classes("name"),
            el("span", phase.state()).classes("state"),
            el("span", phase.ready() + " of " + phase.of() + " ready, needs " + phase.need())
                .classes("gate"),
            when(!blockers.isEmpty(), el("ul").with(blockers)))
        .classes("phase " + phase.state());
  }

  private static Html attention(RackView rack) {
    List<NodeView> told =
        rack.nodes().stream()
            .filter(node -> !node.diagnosis().why().isEmpty())
            .sorted(Comparator.comparing(Tone::of))
            .toList();
    List<Html> items = told.stream().limit(MOST_TOLD).map(RackPage::trouble).toList();
    int more = told.size() - items.size();
    return el("div")
        .with(
            when(
                !items.isEmpty(),
                el(
                    "section",
                    el("h2", "Needs you"),
                    el("ul").with(items).classes("troubles"),
                    when(more > 0, el("p", "and " + more + " more, marked in the picture")))))
        .at("id", "attention")
        .at("hx-swap-oob", "true");
  }

  private static Html trouble(NodeView node) {
    Diagnosis found = node.diagnosis();
    return el(
            "li",
            el(
                "p",
                link(node.name()).at("id", "see-" + node.name()),
                text(" "),
                Layout.tone(Tone.of(node)),
                el("span", " at " + node.standing() + " ").classes("dim"),
                Layout.since(node.since())),
            el("p", found.why()).classes("why"),
            when(
                !found.tries().isEmpty(),
                el("p", el("b", "Try: "), text(found.tryNext())).classes("try")))
        .classes("trouble " + Tone.of(node).key());
  }

  static Html.Element link(String node) {
    return el("a", node).at("href", "/ui/node/" + node);
  }

  private static Html picture(RackView rack, Filter filter, Visitor visitor) {
    List<Html> parts = new ArrayList<>();
    Map<String, List<NodeView>> racks = new TreeMap<>(CountedNames.ORDER);
    List<NodeView> elsewhere = new ArrayList<>();
    for (NodeView node : rack.nodes()) {
      node.place()
          .ifPresentOrElse(
              place -> racks.computeIfAbsent(place.rack(), _ -> new ArrayList<>()).add(node),
              () -> elsewhere.add(node));
    }
    if (!racks.isEmpty()) {
      parts.add(
          el("div")
              .with(
                  racks.entrySet().stream()
                      .map(r -> cabinet(r.getKey(), r.getValue(), filter, visitor))
                      .toList())
              .classes("cabinets"));
    }
    if (!elsewhere.isEmpty()) {
      parts.add(when(!racks.isEmpty(), el("h3", "Without a place in the rack file")));
      parts.add(
          el("ul")
              .with(elsewhere.stream().map(node -> slot(node, filter, visitor)).toList())
              .classes("grid"));
    }
    return el(
            "section",
            el("h2", "Machines").at("id", "machines"),
            form(filter),
            ManyPage.choice(rack, visitor))
        .with(parts)
        .with(
            el("p", "No machine fits the filter.")
                .at("id", "none")
                .flag("hidden", rack.nodes().stream().anyMatch(filter::takes)))
        .at("aria-labelledby", "machines");
  }

  private static Html form(Filter filter) {
    List<Html> tones = new ArrayList<>();
    tones.add(option("", "all", filter));
    for (Tone tone : Tone.values()) {
      tones.add(option(tone.key(), tone.word(), filter));
    }
    return el(
            "form",
            el("label", "Search").at("for", "words"),
            el("input")
                .at("id", "words")
                .at("name", "q")
                .at("type", "search")
                .at("autocomplete", "off")
                .at("placeholder", "name, role, stage, MAC")
                .at("value", filter.words()),
            el("label", "Show").at("for", "tone"),
            el("select").with(tones).at("id", "tone").at("name", "show"),
            el("button", "Filter").at("type", "submit").classes("quiet"))
        .at("method", "get")
        .at("action", "/ui/")
        .at("role", "search")
        .at("id", "filter")
        .classes("filter");
  }

  private static Html option(String key, String word, Filter filter) {
    return el("option", word).at("value", key).flag("selected", filter.tone().equals(key));
  }

  /**
   * From the top down, as one stands before it; runs of empty units are one line. A single one is
   * most likely the upper half of the machine below.
   */
  private static Html cabinet(String name, List<NodeView> nodes, Filter filter, Visitor visitor) {
    List<NodeView> down =
        nodes.stream()
            .sorted(
                Comparator.comparing((NodeView n) -> n.place().map(NodeView.Place::unit).orElse(0))
                    .reversed())
            .toList();
    List<Html> units = new ArrayList<>();
    int above = down.getFirst().place().orElseThrow().unit() + 1;
    for (NodeView node : down) {
      int unit = node.place().orElseThrow().unit();
      int empty = above - unit - 1;
      if (empty > 1) {
        units.add(el("li", empty + " empty").classes("gap"));
      }
      units.add(slot(node, filter, visitor));
      above = unit;
    }
    return el("div", el("h3", name), el("ol").with(units).classes("units")).classes("cabinet");
  }

  private static Html slot(NodeView node, Filter filter, Visitor visitor) {
    return el("li", ManyPage.tick(node, visitor), cell(node))
        .classes("slot")
        .flag("hidden", !filter.takes(node));
  }

  static String id(NodeView node) {
    return "n-" + node.name();
  }

  private static String searched(NodeView node) {
    return String.join(
            " ",
            node.name(),
            node.mac(),
            node.role(),
            node.profile(),
            node.standing(),
            node.condition())
        .toLowerCase(Locale.ROOT);
  }

  static Html cell(NodeView node) {
    Tone tone = Tone.of(node);
    return el(
            "a",
            el(
                    "span",
                    node.place()
                        .<Html>map(p -> el("span", "U" + p.unit()).classes("unit"))
                        .orElse(Html.none()),
                    text(node.name()))
                .classes("name"),
            el("span", node.role()).classes("role"),
            el("span", node.standingInNumbers()).classes("stage"),
            Layout.tone(tone),
            el("span")
                .classes("way w" + (node.arrived() ? "-all" : Math.max(0, node.step())))
                .at("aria-hidden", "true"))
        .classes("cell " + tone.key())
        .at("id", id(node))
        .at("href", "/ui/node/" + node.name())
        .at("data-tone", tone.key())
        .at("data-text", searched(node))
        .at("hx-swap-oob", "true");
  }

  private static Html strangers(RackView rack) {
    List<Html> rows =
        rack.strangers().stream()
            .limit(MOST_TOLD)
            .<Html>map(
                s ->
                    el("li", el("code", s.mac()), text(" " + s.said() + ", "), Layout.time(s.at())))
            .toList();
    return el("div")
        .with(
            when(
                !rows.isEmpty(),
                el(
                    "section",
                    el("h2", "Not in the rack file"),
                    el("ul").with(rows).classes("strangers"))))
        .at("id", "strangers")
        .at("hx-swap-oob", "true");
  }

  /** The filter of a query. */
  static Filter filter(Optional<String> words, Optional<String> tone) {
    return new Filter(cut(words.orElse("")), cut(tone.orElse("")));
  }

  private static String cut(String text) {
    return text.length() > 100 ? text.substring(0, 100) : text;
  }
}
