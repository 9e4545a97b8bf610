// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import static foundrybot.appliance.page.Html.all;
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
            el(inPage ? "h2" : "h1", action.title(node) + " " + node.name() + "?")
                .at("id", "question"),
            el(
                "p",
                Layout.tone(Tone.of(node)),
                text(" at " + node.standing() + ", " + node.role())),
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
                when(action == Action.ERASE, disks()),
                choices(node, action),
                when(action.restarts() && !action.isNamed(), sure(node)),
                when(action.isNamed(), name(node)),
                el(
                        "p",
                        el("button", action.title(node) + " " + node.name())
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
    return box("sure", "I know that what runs on " + node.name() + " ends.", true);
  }

  static Html box(String name, String words, boolean required) {
    return el(
            "label",
            el("input")
                .at("type", "checkbox")
                .at("name", name)
                .at("value", "yes")
                .flag("required", required),
            text(" " + words))
        .classes("sure");
  }

  private static Html choices(NodeView node, Action action) {
    return all(
        action.flags().stream()
            .filter(flag -> !flag.equals("force") || action.isForced(node))
            .map(flag -> box(flag, words(flag, node), false))
            .toList());
  }

  private static String words(String flag, NodeView node) {
    return switch (flag) {
      case "quick" -> "Read back samples only, not the whole.";
      case "keep-on" -> "Leave its power alone.";
      default -> "Break off what it is at (" + node.standing() + ").";
    };
  }

  private static Html disks() {
    return all(
        el("label", "Disks; empty for all that are fixed and can be written").at("for", "disks"),
        el("input")
            .at("id", "disks")
            .at("name", "disks")
            .at("type", "text")
            .at("autocomplete", "off")
            .at("spellcheck", "false")
            .at("maxlength", "410")
            .at("placeholder", "such as sda,nvme0n1"));
  }

  /** It cannot be taken back, so that a click is not enough. */
  private static Html name(NodeView node) {
    return all(
        el("label", text("Type the node's name, "), el("b", node.name())).at("for", "confirm"),
        el("input")
            .at("id", "confirm")
            .at("name", "confirm")
            .at("type", "text")
            .at("autocomplete", "off")
            .at("autocapitalize", "off")
            .at("spellcheck", "false")
            .at("maxlength", "63")
            .at("pattern", node.name())
            .at("title", node.name())
            .flag("required", true));
  }
}
