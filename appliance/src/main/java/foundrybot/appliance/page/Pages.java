// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static foundrybot.appliance.page.Html.all;
import static foundrybot.appliance.page.Html.el;
import static foundrybot.appliance.page.Html.text;
import static foundrybot.appliance.page.Html.when;

import foundrybot.appliance.operator.AuditEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** All pages: values in, documents out. */
public final class Pages {
  private Pages() {}

  /**
   * The rack.
   *
   * @param words that a node must hold to be shown
   * @param tone that it must have to be shown
   */
  public static String rack(
      RackView rack,
      Visitor visitor,
      Changes changes,
      Optional<String> words,
      Optional<String> tone) {
    Html main = RackPage.of(rack, RackPage.filter(words, tone), changes.version(rack), visitor);
    return Layout.document("Rack", rack.cluster(), Optional.of(visitor), "/ui/", main);
  }

  /**
   * What of the rack has changed since a version, for htmx.
   *
   * @return empty if the whole page has to be loaded; an empty text if nothing has changed
   */
  public static Optional<String> rackSince(RackView rack, Changes changes, String version) {
    return changes.since(version, rack);
  }

  /**
   * A node's page.
   *
   * @param mark by which what is shown is known
   */
  public static String node(String cluster, NodeStory story, Visitor visitor, String mark) {
    String name = story.node().name();
    return Layout.document(
        name, cluster, Optional.of(visitor), "/ui/node/" + name, NodePage.of(story, visitor, mark));
  }

  /**
   * What of a node's page the browser has not, for htmx; empty if it has all.
   *
   * @param have the digests that it names
   * @param mark by which what is shown is known
   */
  public static String nodeSince(NodeStory story, Visitor visitor, String have, String mark) {
    Map<String, String> pieces = NodePage.pieces(story, visitor);
    String missing = Pieces.missing(pieces, have);
    return missing.isEmpty()
        ? ""
        : NodePage.poll(story.node(), pieces, mark).written()
            + missing
            + spoken(NodePage.spoken(story)).written();
  }

  static Html spoken(String words) {
    return el("div", words).at("hx-swap-oob", "innerHTML:#spoken");
  }

  /**
   * Asks once more, and says what is going to happen.
   *
   * @param command the id of what the form asks for, however often it is sent
   */
  public static String confirm(
      String cluster, NodeView node, Action action, Visitor visitor, String command) {
    String back = "/ui/node/" + node.name();
    Html main = Asking.of(node, action, visitor, command, false);
    return Layout.document(action.title(node), cluster, Optional.of(visitor), back, main);
  }

  /** The same as a piece of the node's page. */
  public static String ask(NodeView node, Action action, Visitor visitor, String command) {
    return Asking.of(node, action, visitor, command, true).written();
  }

  /** What one of several nodes answered. */
  public record Outcome(String node, String said, boolean refused) {}

  /**
   * Asks once more about several nodes, by their names.
   *
   * @param whom as the rack's page has it: those that are ticked, that are stuck, or of a role
   * @param ticked names
   * @param command from which the id of what is asked for each node is made
   */
  public static String askMany(
      RackView rack,
      String whom,
      List<String> ticked,
      Action action,
      Visitor visitor,
      String command) {
    Html main = ManyPage.question(ManyPage.chosen(rack, whom, ticked), action, visitor, command);
    return Layout.document(action.title(), rack.cluster(), Optional.of(visitor), "", main);
  }

  /** What came of that. */
  public static String doneMany(
      String cluster, Action action, List<Outcome> outcomes, Visitor visitor) {
    Html main = ManyPage.outcome(action, outcomes);
    return Layout.document(action.title(), cluster, Optional.of(visitor), "", main);
  }

  /** What came of it, as a piece of the node's page. */
  public static String said(String words, boolean refused) {
    return el("div", Layout.said(words, refused)).at("hx-swap-oob", "innerHTML:#said").written();
  }

  /**
   * The audit log, newest first.
   *
   * @param entries oldest first
   * @param nameOf of the node of a MAC; empty if there is none
   */
  public static String audit(
      String cluster, List<AuditEntry> entries, Function<String, String> nameOf, Visitor visitor) {
    List<Html> rows =
        entries.reversed().stream()
            .<Html>map(
                e ->
                    el(
                            "tr",
                            el("td", Layout.time(Instant.parse(e.at()))),
                            cell("Who", e.who()),
                            cell("From", e.from()),
                            cell("Node", e.mac().isEmpty() ? "" : nameOf.apply(e.mac())),
                            cell("What", e.what()),
                            cell("Outcome", e.result()))
                        .classes(e.result().equals("refused") ? "bad" : "plain"))
            .toList();
    Html head =
        el(
            "thead",
            el("tr")
                .with(
                    List.of("When", "Who", "From", "Node", "What", "Outcome").stream()
                        .map(name -> el("th", name).at("scope", "col"))
                        .toList()));
    Html main =
        all(
            el("h1", "Audit log"),
            rows.isEmpty()
                ? el("p", "Nobody changed anything, and nobody was refused anything.")
                : el("table", head, el("tbody").with(rows)).classes("audit"));
    return Layout.document("Audit log", cluster, Optional.of(visitor), "/ui/audit", main);
  }

  private static Html cell(String title, String text) {
    return el("td", text).at("data-title", title);
  }

  /**
   * The log-in.
   *
   * @param to the path to go on to
   * @param why the one before was refused; else empty
   */
  public static String login(String cluster, String to, String why) {
    Html form =
        el(
                "form",
                el("input").at("type", "hidden").at("name", "to").at("value", to),
                el("label", "Operator's token").at("for", "token"),
                el("input")
                    .at("id", "token")
                    .at("name", "token")
                    .at("type", "password")
                    .at("autocomplete", "current-password")
                    .at("spellcheck", "false")
                    .flag("required", true)
                    .flag("autofocus", true)
                    .at("aria-describedby", "hint"),
                el("button", "Log in").at("type", "submit").classes("strong"))
            .at("method", "post")
            .at("action", "/ui/login");
    Html main =
        el(
                "section",
                el("h1", "Log in"),
                when(!why.isEmpty(), el("p", why).classes("banner stuck").at("role", "alert")),
                form,
                el(
                        "p",
                        text("Who administers the appliance makes one by "),
                        el("code", "bootserver operator add NAME --scope operate"),
                        text("."))
                    .at("id", "hint")
                    .classes("dim"))
            .classes("card narrow");
    return Layout.document("Log in", cluster, Optional.empty(), "", main);
  }

  /** Something that is not there, or may not be had. */
  public static String note(String cluster, Optional<Visitor> visitor, String title, String words) {
    Html main =
        el(
                "section",
                el("h1", title),
                el("p", words),
                el("p", el("a", "To the rack").at("href", "/ui/")))
            .classes("card narrow");
    return Layout.document(title, cluster, visitor, "", main);
  }
}
