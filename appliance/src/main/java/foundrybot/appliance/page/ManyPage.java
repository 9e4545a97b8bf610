// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static foundrybot.appliance.page.Html.all;
import static foundrybot.appliance.page.Html.el;
import static foundrybot.appliance.page.Html.none;
import static foundrybot.appliance.page.Html.text;
import static foundrybot.appliance.page.Html.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** One action on several nodes: whom, the question, and what each of them answered. */
final class ManyPage {
  private static final String FORM = "many";
  private static final String TICKED = "ticked";
  private static final String STUCK = "stuck";
  private static final String ROLE = "role:";

  private ManyPage() {}

  /** The box before a machine; nothing for who may do nothing. */
  static Html tick(NodeView node, Visitor visitor) {
    return visitor.may().isEmpty()
        ? none()
        : el("input")
            .at("type", "checkbox")
            .at("name", "node")
            .at("value", node.name())
            .at("form", FORM)
            .at("aria-label", node.name());
  }

  /** Whom and what; a form whose boxes stand at the machines. */
  static Html choice(RackView rack, Visitor visitor) {
    List<Html> whom = new ArrayList<>();
    whom.add(el("option", "those that are ticked").at("value", TICKED));
    whom.add(el("option", "all that are stuck").at("value", STUCK));
    rack.nodes().stream()
        .map(NodeView::role)
        .distinct()
        .forEach(role -> whom.add(el("option", "all of role " + role).at("value", ROLE + role)));
    List<Html> what =
        visitor.may().stream()
            .filter(Action::isForMany)
            .<Html>map(action -> el("option", action.title()).at("value", action.key()))
            .toList();
    return when(
        !what.isEmpty(),
        el(
                "form",
                Layout.proof(visitor),
                el("label", "Do").at("for", "what"),
                el("select").with(what).at("id", "what").at("name", "action"),
                el("label", "with").at("for", "whom"),
                el("select").with(whom).at("id", "whom").at("name", "whom"),
                el("button", "Ask…").at("type", "submit").at("id", "to-many"),
                el("button", "Tick all shown")
                    .at("type", "button")
                    .at("id", "tick")
                    .classes("quiet")
                    .flag("hidden", true),
                el("span").at("id", TICKED).at("role", "status").classes("dim"))
            .at("method", "post")
            .at("action", "/ui/many")
            .at("id", FORM)
            .at("aria-label", "Several machines at once")
            .classes("filter"));
  }

  /** The nodes that a form means, in the order of the rack file. */
  static List<NodeView> chosen(RackView rack, String whom, List<String> ticked) {
    return rack.nodes().stream()
        .filter(
            node ->
                switch (whom) {
                  case TICKED -> ticked.contains(node.name());
                  case STUCK -> Tone.of(node) == Tone.STUCK;
                  default -> whom.equals(ROLE + node.role());
                })
        .toList();
  }

  /**
   * The question, with everybody's name in it.
   *
   * @param command from which the id of what is asked for each node is made
   */
  static Html question(List<NodeView> chosen, Action action, Visitor visitor, String command) {
    List<NodeView> fit = chosen.stream().filter(action::fits).toList();
    List<NodeView> others = chosen.stream().filter(node -> !action.fits(node)).toList();
    Html left =
        when(
            !others.isEmpty(),
            el(
                "p",
                el("b", "Left out, as it makes no sense where they stand: "),
                text(others.stream().map(NodeView::name).collect(Collectors.joining(", ")))));
    if (fit.isEmpty()) {
      String nobody = chosen.isEmpty() ? "No machine is chosen." : "There is nobody to do it with.";
      return el("section", el("h1", action.title()), el("p", nobody), left, back())
          .classes("card narrow");
    }
    List<Html> rows =
        fit.stream()
            .<Html>map(
                node ->
                    el(
                        "li",
                        RackPage.link(node.name()),
                        Layout.tone(Tone.of(node)),
                        el("span", node.standing()).classes("dim")))
            .toList();
    return el(
            "section",
            el("h1", action.title() + " " + machines(fit.size()) + "?"),
            el("p", "Each of them: " + lower(action.effect())),
            el("ul").with(rows).classes("chosen"),
            left,
            form(fit, action, visitor, command))
        .classes("card narrow");
  }

  private static Html form(List<NodeView> nodes, Action action, Visitor visitor, String command) {
    String names = nodes.stream().map(NodeView::name).collect(Collectors.joining(" "));
    return el(
            "form",
            Layout.proof(visitor),
            hidden("action", action.key()),
            hidden("command", command),
            hidden("nodes", names),
            when(
                action.restarts(),
                Asking.box(
                    "sure", "I know that what runs on " + machines(nodes.size()) + " ends.", true)),
            el(
                    "p",
                    el("button", action.title() + " " + machines(nodes.size()))
                        .at("type", "submit")
                        .classes(action.restarts() ? "restarts" : "strong"),
                    el("a", "Cancel").at("href", "/ui/").classes("button quiet cancel"))
                .classes("choice"))
        .at("method", "post")
        .at("action", "/ui/many/do");
  }

  private static Html hidden(String name, String value) {
    return el("input").at("type", "hidden").at("name", name).at("value", value);
  }

  /** What each of them answered, those that did nothing first. */
  static Html outcome(Action action, List<Pages.Outcome> outcomes) {
    long refused = outcomes.stream().filter(Pages.Outcome::refused).count();
    List<Html> rows =
        outcomes.stream()
            .sorted(Comparator.comparing(Pages.Outcome::refused).reversed())
            .<Html>map(
                one ->
                    el(
                            "tr",
                            el("th", RackPage.link(one.node())).at("scope", "row"),
                            el("td", one.refused() ? "not done" : "done"),
                            el("td", one.said()))
                        .classes(one.refused() ? "bad" : "plain"))
            .toList();
    Html head =
        el(
            "thead",
            el("tr")
                .with(
                    Arrays.asList("Node", "Outcome", "What it answered").stream()
                        .map(name -> el("th", name).at("scope", "col"))
                        .toList()));
    String title =
        action.title()
            + ": "
            + (outcomes.size() - refused)
            + " of "
            + machines(outcomes.size())
            + " done";
    return all(
        el("h1", title),
        el("table", head, el("tbody").with(rows)).classes("audit outcomes"),
        back());
  }

  private static Html back() {
    return el("p", el("a", "To the rack").at("href", "/ui/"));
  }

  private static String machines(int count) {
    return count == 1 ? "1 machine" : count + " machines";
  }

  private static String lower(String text) {
    return Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}
