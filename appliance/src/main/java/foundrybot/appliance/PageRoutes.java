// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.LogIns.Way;
import foundrybot.appliance.PageDoor.Guest;
import foundrybot.appliance.live.Live;
import foundrybot.appliance.live.Marks;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.page.Action;
import foundrybot.appliance.page.Assets;
import foundrybot.appliance.page.Pages;
import foundrybot.appliance.store.Store;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The page for operators, under {@code /ui/}. What it shows is for who has logged in ({@link
 * PageDoor}), what it shows comes from {@link PageBoard}, and what it does goes through {@link
 * PageActions}.
 */
final class PageRoutes {
  static final String ROOT = "ui";
  private static final String MANY = "many";

  /** What a form has at most. */
  private static final int MAX_FORM = 4 * 1024;

  /** And one that names every machine of a large rack. */
  private static final int MAX_NAMES = 256 * 1024;

  private static final int MAX_AUDIT = 500;
  private static final Pattern MARK = Pattern.compile("[a-zA-Z0-9-]{1,64}");

  private final Fleet fleet;
  private final Store store;
  private final FlightRecorder recorder;
  private final PageBoard board;
  private final Marks marks;
  private final PageDoor door;
  private final PageActions actions;
  private final OperatorLimits limits;
  private final Executor blocking;

  PageRoutes(
      Fleet fleet,
      Store store,
      FlightRecorder recorder,
      PageBoard board,
      Marks marks,
      PageDoor door,
      PageActions actions,
      OperatorLimits limits,
      Executor blocking) {
    this.fleet = fleet;
    this.store = store;
    this.recorder = recorder;
    this.board = board;
    this.marks = marks;
    this.door = door;
    this.actions = actions;
    this.limits = limits;
    this.blocking = blocking;
  }

  /** A form of ours is small; one of a stranger is a token and where to go. */
  int bodyLimit(HttpRequestView request, List<String> path, Way way) {
    boolean logIn = path.equals(List.of("login"));
    int most = path.getFirst().equals(MANY) ? MAX_NAMES : MAX_FORM;
    return logIn || door.guest(request, way).isPresent() ? most : 0;
  }

  /**
   * Answers a browser.
   *
   * @param path what follows {@code /ui/}
   */
  CompletionStage<HttpAnswer> handle(HttpRequestView request, List<String> path, Way way) {
    if (path.getFirst().equals(Assets.ROOT)) {
      return done(PageAnswers.asset(path));
    }
    boolean reads = List.of("GET", "HEAD").contains(request.method());
    if (!reads && !request.method().equals("POST")) {
      return done(
          HttpAnswer.Body.text(405, "GET, HEAD or POST only\n", "page: not a GET")
              .with(PageAnswers.GUARDED));
    }
    if (!reads && !PageDoor.isOfOurs(request)) {
      return done(note(403, Optional.empty(), "Refused", "This form came from another site."));
    }
    if (path.equals(List.of("login"))) {
      return done(reads ? door.logIn(request, way, "") : door.loggedIn(request, way));
    }
    return door.guest(request, way)
        .map(guest -> known(request, path, guest))
        .orElseGet(() -> done(door.toLogIn(request)));
  }

  private CompletionStage<HttpAnswer> known(
      HttpRequestView request, List<String> path, Guest guest) {
    OperatorLimits.Kind kind = OperatorLimits.Kind.of(request);
    Optional<OperatorLimits.Spent> spent = limits.spend(guest.operator(), guest.from(), kind);
    if (spent.isPresent()) {
      return done(
          PageAnswers.told(
              note(429, Optional.of(guest), "Too many requests", spent.get().text()),
              "Retry-After",
              spent.get().seconds()));
    }
    return switch (kind) {
      case READS -> look(request, path, guest);
      case CHANGES -> change(request, path, guest);
    };
  }

  private CompletionStage<HttpAnswer> look(
      HttpRequestView request, List<String> path, Guest guest) {
    if (path.getFirst().equals("node") && path.size() >= 2) {
      return fleet
          .nodeNamed(path.get(1))
          .map(node -> look(request, node, path.subList(2, path.size()), guest))
          .orElseGet(() -> done(nothing(guest)));
    }
    return switch (String.join("/", path)) {
      case "" -> answer(() -> rack(request, guest));
      case "changes" -> answer(() -> rackChanges(request));
      case "stream" -> stream(request, guest);
      // Who had to log in before the question comes back to where it was asked.
      case MANY -> done(PageAnswers.seeOther("/ui/"));
      case "audit" -> answer(() -> auditLog(guest));
      default -> done(nothing(guest));
    };
  }

  private CompletionStage<HttpAnswer> look(
      HttpRequestView request, Node node, List<String> rest, Guest guest) {
    if (rest.isEmpty()) {
      return answer(() -> page(node, guest));
    }
    if (rest.equals(List.of("changes"))) {
      String have = request.parameter("have").orElse("");
      return answer(() -> nodeChanges(node, have, guest));
    }
    Optional<Action> action = action(rest);
    return action.isPresent()
        ? answer(() -> actions.confirm(request, node, action.get(), guest))
        : done(nothing(guest));
  }

  private static Optional<Action> action(List<String> rest) {
    return rest.size() == 2 && rest.getFirst().equals("do")
        ? Action.of(rest.get(1))
        : Optional.empty();
  }

  private HttpAnswer rack(HttpRequestView request, Guest guest) {
    return PageAnswers.html(
        200,
        Pages.rack(
            board.rack(),
            door.visitor(guest),
            board.changes(),
            request.parameter("q"),
            request.parameter("show")),
        "page: rack");
  }

  private HttpAnswer rackChanges(HttpRequestView request) {
    String since = request.parameter("since").orElse("");
    return Pages.rackSince(board.rack(), board.changes(), since)
        .map(PageAnswers::part)
        .orElseGet(
            () ->
                PageAnswers.told(HttpAnswer.Body.none("page: another rack"), "HX-Refresh", "true"));
  }

  private HttpAnswer page(Node node, Guest guest) {
    PageBoard.Marked now = board.node(node);
    return PageAnswers.html(
        200, Pages.node(cluster(), now.story(), door.visitor(guest), now.mark()), "page: a node");
  }

  private HttpAnswer nodeChanges(Node node, String have, Guest guest) {
    PageBoard.Marked now = board.node(node);
    return PageAnswers.part(
        Pages.nodeSince(now.story(), door.visitor(guest, ""), have, now.mark()));
  }

  /** Tells that the rack, or one node, has another mark than the browser has. */
  private CompletionStage<HttpAnswer> stream(HttpRequestView request, Guest guest) {
    Optional<String> name = request.parameter("node");
    Optional<Node> node = name.flatMap(fleet::nodeNamed);
    if (name.isPresent() && node.isEmpty()) {
      return done(nothing(guest));
    }
    String have =
        request
            .header("last-event-id")
            .or(() -> request.parameter("have"))
            .filter(MARK.asMatchPredicate())
            .orElse("");
    String thing = node.map(Node::name).orElse(PageBoard.RACK);
    return CompletableFuture.supplyAsync(
        () -> opened(marks.open(thing, have, () -> door.isStill(guest))), blocking);
  }

  private static HttpAnswer opened(Live.Opened opened) {
    return switch (opened) {
      case Live.Opened.Listening(var feed) ->
          HttpAnswer.Stream.of(
              "text/event-stream",
              Map.of("Cache-Control", "no-store", "X-Accel-Buffering", "no"),
              feed,
              "page: stream");
      case Live.Opened.Full() ->
          PageAnswers.told(
              HttpAnswer.Body.text(
                  503,
                  "page: "
                      + Marks.MOST_LISTENERS
                      + " listen already (expected: fewer); the page asks by itself\n",
                  "page: too many listeners"),
              "Retry-After",
              "10");
    };
  }

  private HttpAnswer auditLog(Guest guest) {
    List<AuditEntry> all = Audit.read(store, Instant.EPOCH, Optional.empty());
    List<AuditEntry> newest = all.subList(Math.max(0, all.size() - MAX_AUDIT), all.size());
    String page = Pages.audit(cluster(), newest, this::nameOf, door.visitor(guest));
    return PageAnswers.html(200, page, "page: audit log");
  }

  private String nameOf(String mac) {
    return Mac.parse(mac).flatMap(fleet::node).map(Node::name).orElse(mac);
  }

  private CompletionStage<HttpAnswer> change(
      HttpRequestView request, List<String> path, Guest guest) {
    Map<String, String> form = PageAnswers.form(request);
    if (!guest.session().isProvedBy(form.getOrDefault("proof", ""))) {
      return done(
          note(
              403,
              Optional.of(guest),
              "Refused",
              "This form is not of a page of yours, or you have logged in again since. Load the"
                  + " page once more."));
    }
    if (path.equals(List.of("logout"))) {
      return done(door.loggedOut(guest));
    }
    if (path.getFirst().equals(MANY)) {
      return many(request, path, form, guest);
    }
    Optional<Node> node =
        path.size() == 4 && path.getFirst().equals("node")
            ? fleet.nodeNamed(path.get(1))
            : Optional.empty();
    Optional<Action> action =
        node.isPresent() ? action(path.subList(2, path.size())) : Optional.empty();
    return action.isPresent()
        ? actions.act(node.orElseThrow(), action.get(), request, form, guest)
        : done(nothing(guest));
  }

  private CompletionStage<HttpAnswer> many(
      HttpRequestView request, List<String> path, Map<String, String> form, Guest guest) {
    Optional<Action> action = Action.of(form.getOrDefault("action", "")).filter(Action::isForMany);
    if (action.isEmpty()) {
      return done(nothing(guest));
    }
    return switch (String.join("/", path)) {
      case MANY ->
          answer(
              () ->
                  actions.confirmMany(
                      action.get(),
                      form.getOrDefault("whom", ""),
                      PageAnswers.values(request, "node"),
                      guest));
      case MANY + "/do" -> actions.actMany(action.get(), request, form, guest);
      default -> done(nothing(guest));
    };
  }

  private HttpAnswer nothing(Guest guest) {
    return note(404, Optional.of(guest), "Not found", "There is no such page, or no such node.");
  }

  private HttpAnswer.Body note(int code, Optional<Guest> guest, String title, String words) {
    return PageAnswers.html(
        code, Pages.note(cluster(), guest.map(door::visitor), title, words), "page: a note");
  }

  private String cluster() {
    return fleet.rack().cluster();
  }

  /** Off the event loop, and with all that was told before the question. */
  private CompletionStage<HttpAnswer> answer(Supplier<HttpAnswer> made) {
    return recorder.settled().handleAsync((_, _) -> made.get(), blocking);
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
