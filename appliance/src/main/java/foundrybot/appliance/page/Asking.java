// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static foundrybot.appliance.page.Html.el;
import static foundrybot.appliance.page.Html.text;
import static foundrybot.appliance.page.Html.when;

/** The question before something is done: what is going to happen, and to whom. */
final class Asking {
  /** A BMC may take minutes to confirm; in milliseconds. */
  private static final String PATIENCE = "{\"timeout\":200000}";

  private Asking() {}

  /**
   * The question.
   *
   * @param command the id of what the form asks for
   * @param inPage whether it stands in the node's page, where a script sends it
   */
  static Html of(NodeView node, Action action, Visitor visitor, String command, boolean inPage) {
    String back = "/ui/node/" + node.name();
    return el(
            "section",
            el(inPage ? "h2" : "h1", action.title() + " " + node.name() + "?").at("id", "question"),
            el("p", Layout.tone(Tone.of(node)), text(" at " + node.stage() + ", " + node.role())),
            el("p", action.effect()),
            form(node, action, visitor, command, back, inPage))
        .classes(inPage ? "asking" : "card narrow");
  }

  private static Html form(
      NodeView node, Action action, Visitor visitor, String command, String back, boolean inPage) {
    Html.Element form =
        el(
                "form",
                Layout.proof(visitor),
                el("input").at("type", "hidden").at("name", "command").at("value", command),
                when(action.restarts(), sure(node)),
                el(
                        "p",
                        el("button", action.title() + " " + node.name())
                            .at("type", "submit")
                            .classes(action.restarts() ? "restarts" : "strong"),
                        el("a", "Cancel").at("href", back).classes("button quiet cancel"))
                    .classes("choice"),
                when(
                    inPage && action.takesLong(),
                    el("p", "Asking the BMC…").classes("busy dim").at("role", "status")))
            .at("method", "post")
            .at("action", back + "/do/" + action.key());
    return inPage
        ? form.at("hx-post", back + "/do/" + action.key())
            .at("hx-swap", "none")
            .at("hx-disabled-elt", "find button")
            .at("hx-request", PATIENCE)
        : form;
  }

  private static Html sure(NodeView node) {
    return el(
            "label",
            el("input")
                .at("type", "checkbox")
                .at("name", "sure")
                .at("value", "yes")
                .flag("required", true),
            text(" I know that what runs on " + node.name() + " ends."))
        .classes("sure");
  }
}
