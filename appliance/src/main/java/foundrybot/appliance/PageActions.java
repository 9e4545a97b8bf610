// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.PageDoor.Guest;
import foundrybot.appliance.page.Action;
import foundrybot.appliance.page.Pages;
import foundrybot.appliance.page.Visitor;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * What is done from the page. It goes through {@link ApiRoutes}: the same scopes, the same audit
 * log, and a {@code Command-Id} of each form, so that a form sent twice is one command.
 */
final class PageActions {
  private static final Pattern COMMAND = Pattern.compile("[a-f0-9-]{36}");

  /** More than any rack has. */
  private static final int MOST_NODES = 5000;

  private final Fleet fleet;
  private final ApiRoutes api;
  private final PageBoard board;
  private final PageDoor door;

  PageActions(Fleet fleet, ApiRoutes api, PageBoard board, PageDoor door) {
    this.fleet = fleet;
    this.api = api;
    this.board = board;
    this.door = door;
  }

  /** Asks once more: a page of its own, or for a script the piece that is put into the node's. */
  HttpAnswer confirm(HttpRequestView request, Node node, Action action, Guest guest) {
    Visitor visitor = door.visitor(guest, "");
    if (!visitor.may().contains(action)) {
      return beyond(guest);
    }
    String command = UUID.randomUUID().toString();
    return isByScript(request)
        ? PageAnswers.part(Pages.ask(board.node(node).story().node(), action, visitor, command))
        : PageAnswers.html(
            200,
            Pages.confirm(
                fleet.rack().cluster(), board.node(node).story().node(), action, visitor, command),
            "page: confirm");
  }

  private static boolean isByScript(HttpRequestView request) {
    return request.header("hx-request").isPresent();
  }

  /** Does it, once for each form. */
  CompletionStage<HttpAnswer> act(
      Node node, Action action, HttpRequestView request, Map<String, String> form, Guest guest) {
    boolean asked = action.restarts() && !action.isNamed();
    if (asked && !"yes".equals(form.get("sure"))) {
      return CompletableFuture.completedStage(unconfirmed(guest));
    }
    return ask(node, action, request, form, command(form), guest)
        .thenApply(answer -> answered(node, action, request, guest, answer));
  }

  /** The id that came with the question; empty if it is none of ours. */
  private static Optional<String> command(Map<String, String> form) {
    return Optional.ofNullable(form.get("command")).filter(COMMAND.asMatchPredicate());
  }

  private CompletionStage<HttpAnswer> ask(
      Node node,
      Action action,
      HttpRequestView request,
      Map<String, String> form,
      Optional<String> command,
      Guest guest) {
    var path = action.path(node.name());
    HttpRequestView sent =
        new HttpRequestView(
            "POST",
            "/api/" + String.join("/", path),
            query(action, form),
            command.map(id -> Map.of("command-id", id)).orElse(Map.of()),
            request.peer(),
            action.body(node.name()).getBytes(StandardCharsets.UTF_8));
    return api.as(guest.operator(), guest.from(), sent, path);
  }

  /** Asks once more, with the name of each node that is meant. */
  HttpAnswer confirmMany(Action action, String whom, List<String> ticked, Guest guest) {
    Visitor visitor = door.visitor(guest, "");
    return visitor.may().contains(action)
        ? PageAnswers.html(
            200,
            Pages.askMany(
                board.rack(), whom, ticked, action, visitor, UUID.randomUUID().toString()),
            "page: confirm several")
        : beyond(guest);
  }

  /** Does it with each of them; each is a command and a line of the audit log of its own. */
  CompletionStage<HttpAnswer> actMany(
      Action action, HttpRequestView request, Map<String, String> form, Guest guest) {
    if (!door.visitor(guest, "").may().contains(action)) {
      return CompletableFuture.completedStage(beyond(guest));
    }
    if (action.restarts() && !"yes".equals(form.get("sure"))) {
      return CompletableFuture.completedStage(unconfirmed(guest));
    }
    List<CompletableFuture<Pages.Outcome>> all =
        Arrays.stream(form.getOrDefault("nodes", "").split(" +", MOST_NODES))
            .distinct()
            .flatMap(name -> fleet.nodeNamed(name).stream())
            .map(node -> one(node, action, request, command(form), guest))
            .toList();
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(
            _ ->
                PageAnswers.html(
                    200,
                    Pages.doneMany(
                        fleet.rack().cluster(),
                        action,
                        all.stream().map(CompletableFuture::join).toList(),
                        door.visitor(guest, "")),
                    "page: several done"));
  }

  /** Also what fails is an answer: the others' answers are not lost by that. */
  private CompletableFuture<Pages.Outcome> one(
      Node node, Action action, HttpRequestView request, Optional<String> command, Guest guest) {
    Optional<String> own =
        command.map(
            id ->
                UUID.nameUUIDFromBytes((id + node.name()).getBytes(StandardCharsets.UTF_8))
                    .toString());
    return ask(node, action, request, Map.of(), own, guest)
        .<Pages.Outcome>handle(
            (answer, problem) ->
                problem == null
                    ? outcome(node, action, answer)
                    : new Pages.Outcome(node.name(), "failed; the appliance's log says why", true))
        .toCompletableFuture();
  }

  private static Pages.Outcome outcome(Node node, Action action, HttpAnswer answer) {
    String said = PageViews.said(action, answer);
    return new Pages.Outcome(
        node.name(),
        said.startsWith(PageViews.NOT_DONE) ? said.substring(PageViews.NOT_DONE.length()) : said,
        PageViews.isRefused(answer));
  }

  private HttpAnswer unconfirmed(Guest guest) {
    return note(
        422,
        guest,
        "Not confirmed",
        "This ends what runs on the machine, and has to be confirmed.");
  }

  /** What the form says beside the action itself, as far as the API has it for that. */
  private static Map<String, List<String>> query(Action action, Map<String, String> form) {
    Map<String, List<String>> query = new HashMap<>(action.query());
    action.flags().stream()
        .filter(flag -> "yes".equals(form.get(flag)))
        .forEach(flag -> query.put(flag, List.of("yes")));
    if (action.isNamed()) {
      query.put("confirm", List.of(form.getOrDefault("confirm", "").strip()));
    }
    String disks = form.getOrDefault("disks", "").strip().replaceAll("[\\s,]+", ",");
    if (action == Action.ERASE && !disks.isEmpty()) {
      query.put("disks", List.of(disks));
    }
    return query;
  }

  private HttpAnswer answered(
      Node node, Action action, HttpRequestView request, Guest guest, HttpAnswer answer) {
    boolean refused = PageViews.isRefused(answer);
    if (answer instanceof HttpAnswer.Body body && body.status() == 403) {
      return beyond(guest);
    }
    String said = PageViews.said(action, answer);
    if (isByScript(request)) {
      // The script hears that it is over, and asks for what has changed.
      return PageAnswers.over(Pages.said(said, refused));
    }
    door.say(guest, said);
    return PageAnswers.seeOther("/ui/node/" + node.name());
  }

  private HttpAnswer beyond(Guest guest) {
    return note(
        403,
        guest,
        "Beyond your scope",
        "Your token has the scope '"
            + guest.operator().scope()
            + "', which does not cover this. Ask who administers the appliance.");
  }

  private HttpAnswer note(int code, Guest guest, String title, String words) {
    return PageAnswers.html(
        code,
        Pages.note(fleet.rack().cluster(), Optional.of(door.visitor(guest)), title, words),
        "page: a note");
  }
}
