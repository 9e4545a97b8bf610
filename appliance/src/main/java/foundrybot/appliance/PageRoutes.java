// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.LogIns.LogIn;
import foundrybot.appliance.LogIns.Way;
import foundrybot.appliance.logs.NodeLogs;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.operator.Operator;
import foundrybot.appliance.page.Action;
import foundrybot.appliance.page.Assets;
import foundrybot.appliance.page.Changes;
import foundrybot.appliance.page.NodeStory;
import foundrybot.appliance.page.Pages;
import foundrybot.appliance.page.RackView;
import foundrybot.appliance.page.Visitor;
import foundrybot.appliance.store.Store;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The page for operators, under {@code /ui/}. What it shows is for who has logged in, and what it
 * does goes through {@link ApiRoutes}: the same scopes, the same audit log.
 */
final class PageRoutes {
  static final String ROOT = "ui";

  /** What a form has at most. */
  private static final int MAX_FORM = 4 * 1024;

  private static final int MAX_EVENTS = 150;
  private static final int MAX_AUDIT = 500;
  private static final int MAX_LOG = 200;

  /** An hour, as the words of {@link Action#ARM} have it. */
  private static final String ARMED_SECONDS = "3600";

  private static final String HTML = "text/html; charset=utf-8";
  private static final Pattern OWN_PATH =
      Pattern.compile("/ui/[a-zA-Z0-9/_-]{0,200}(\\?[a-zA-Z0-9=&%._~-]{0,400})?");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  /** Only what this program serves, and nothing around it. */
  private static final Map<String, String> GUARDED =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
              + " connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
              + " base-uri 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          // With no-referrer a browser sends our own forms with "Origin: null" (Fetch, section
          // 3.2).
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  /** Who asks, and by which session. */
  private record Guest(Operator operator, Sessions.Session session, String id, String from) {}

  private final Fleet fleet;
  private final Store store;
  private final NodeLogs logs;
  private final FlightRecorder recorder;
  private final Supplier<FleetStatus> status;
  private final ApiRoutes api;
  private final LogIns logIns;
  private final Audit audit;
  private final Sessions sessions;
  private final Changes changes;
  private final Optional<URI> secure;
  private final Executor blocking;

  /**
   * Nobody is logged in.
   *
   * @param secure where the same is served by HTTPS
   */
  PageRoutes(
      Fleet fleet,
      Store store,
      NodeLogs logs,
      FlightRecorder recorder,
      Supplier<FleetStatus> status,
      ApiRoutes api,
      LogIns logIns,
      Audit audit,
      Sessions sessions,
      Optional<URI> secure,
      Executor blocking) {
    this.fleet = fleet;
    this.store = store;
    this.logs = logs;
    this.recorder = recorder;
    this.status = status;
    this.api = api;
    this.logIns = logIns;
    this.audit = audit;
    this.sessions = sessions;
    this.changes = new Changes(Audit.newId());
    this.secure = secure;
    this.blocking = blocking;
  }

  /** A form of ours is small; one of a stranger is a token and where to go. */
  int bodyLimit(HttpRequestView request, List<String> path, Way way) {
    boolean logIn = path.equals(List.of("login"));
    return logIn || guest(request, way).isPresent() ? MAX_FORM : 0;
  }

  /**
   * Answers a browser.
   *
   * @param path what follows {@code /ui/}
   */
  CompletionStage<HttpAnswer> handle(HttpRequestView request, List<String> path, Way way) {
    if (path.getFirst().equals(Assets.ROOT)) {
      return done(asset(path));
    }
    boolean reads = List.of("GET", "HEAD").contains(request.method());
    if (!reads && !request.method().equals("POST")) {
      return done(
          HttpAnswer.Body.text(405, "GET, HEAD or POST only\n", "page: not a GET").with(GUARDED));
    }
    if (!reads && !isOfOurs(request)) {
      return done(note(403, Optional.empty(), "Refused", "This form came from another site."));
    }
    if (path.equals(List.of("login"))) {
      return done(reads ? logIn(request, way, "") : loggedIn(request, way));
    }
    return guest(request, way)
        .map(guest -> reads ? look(request, path, guest) : change(request, path, guest))
        .orElseGet(() -> done(toLogIn(request)));
  }

  /** Browsers say where a form came from (Fetch Metadata, section 2.3; RFC 6454, section 7). */
  private static boolean isOfOurs(HttpRequestView request) {
    Optional<String> site = request.header("sec-fetch-site");
    if (site.isPresent()) {
      return site.get().equals("same-origin");
    }
    Optional<String> origin = request.header("origin");
    return origin.isEmpty()
        || request.header("host").filter(host -> origin.get().endsWith("://" + host)).isPresent();
  }

  private Optional<Guest> guest(HttpRequestView request, Way way) {
    Optional<String> id = cookie(request, way);
    if (id.isEmpty() || !logIns.isPrivate(request.peer().getAddress(), way)) {
      return Optional.empty();
    }
    String from = request.peer().getAddress().getHostAddress();
    return sessions
        .find(id.get(), way)
        .flatMap(
            session ->
                logIns
                    .ofHash(session.tokenHash())
                    .map(operator -> new Guest(operator, session, id.get(), from)));
  }

  private static String cookieName(Way way) {
    return way instanceof Way.Tls ? "__Host-foundrybot" : "foundrybot";
  }

  private static Optional<String> cookie(HttpRequestView request, Way way) {
    String start = cookieName(way) + "=";
    return Arrays.stream(request.header("cookie").orElse("").split("[;,] *", 64))
        .filter(pair -> pair.startsWith(start))
        .map(pair -> pair.substring(start.length()))
        .filter(ID.asMatchPredicate())
        .findFirst();
  }

  private static Map<String, String> cookieOf(Way way, String value, long seconds) {
    return Map.of(
        "Set-Cookie",
        cookieName(way)
            + "="
            + value
            + "; Path=/; HttpOnly; SameSite=Strict; Max-Age="
            + seconds
            + (way instanceof Way.Tls ? "; Secure" : ""));
  }

  private HttpAnswer logIn(HttpRequestView request, Way way, String why) {
    if (!logIns.isPrivate(request.peer().getAddress(), way)) {
      return inClear();
    }
    String to = request.parameter("to").filter(OWN_PATH.asMatchPredicate()).orElse("/ui/");
    int code = why.isEmpty() ? 200 : 401;
    return html(code, Pages.login(cluster(), to, why), "page: log-in");
  }

  private HttpAnswer inClear() {
    String words =
        secure
            .map(uri -> "What you type here could be read on the way. Use " + uri.resolve("/ui/"))
            .orElse(
                "What you type here could be read on the way, and this appliance serves no HTTPS"
                    + " (appliance.ports.https of the rack file). Use a browser on its own machine,"
                    + " or a tunnel to it by SSH.");
    return note(403, Optional.empty(), "Not without TLS", words);
  }

  /** The same decision and the same limits as for who comes with a token to the API. */
  private HttpAnswer loggedIn(HttpRequestView request, Way way) {
    Map<String, String> form = form(request);
    String token = form.getOrDefault("token", "").strip();
    String from = request.peer().getAddress().getHostAddress();
    LogIn decided = logIns.of(token, request.peer().getAddress(), way);
    if (!logIns.isPrivate(request.peer().getAddress(), way)) {
      audit.refused(Audit.Attempt.IN_CLEAR, Optional.empty(), AuditEntry.NOBODY, from, "");
      return inClear();
    }
    return switch (decided) {
      case LogIn.In _ -> {
        cookie(request, way).ifPresent(sessions::end);
        String to = form.getOrDefault("to", "");
        yield seeOther(OWN_PATH.matcher(to).matches() ? to : "/ui/")
            .with(
                joined(
                    GUARDED,
                    cookieOf(way, sessions.begin(token, way), Sessions.LONGEST.toSeconds()),
                    "Location",
                    OWN_PATH.matcher(to).matches() ? to : "/ui/"));
      }
      case LogIn.Out out -> {
        audit.refused(out.why(), Optional.empty(), AuditEntry.NOBODY, from, "");
        yield logIn(
            request,
            way,
            out.status() == 429
                ? "Too many refused log-ins from your address; wait a minute."
                : "That token opens nothing. Is it whole, and was it not removed?");
      }
    };
  }

  private static Map<String, String> joined(
      Map<String, String> some, Map<String, String> others, String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(some);
    all.putAll(others);
    all.put(name, value);
    return all;
  }

  /** What htmx asks in the background takes the whole page there, too. */
  private static HttpAnswer toLogIn(HttpRequestView request) {
    String asked = request.path() + query(request);
    String to = OWN_PATH.matcher(asked).matches() ? asked : "/ui/";
    String location = "/ui/login?to=" + inUri(to).replace("%2F", "/");
    return request.header("hx-request").isPresent()
        ? HttpAnswer.Body.text(401, "log in\n", "page: not logged in")
            .with(joined(GUARDED, Map.of(), "HX-Redirect", "/ui/login"))
        : seeOther(location);
  }

  /** The query as it came, or as good; empty if there was none. */
  private static String query(HttpRequestView request) {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    request
        .query()
        .forEach(
            (name, values) -> values.forEach(value -> query.add(inUri(name) + "=" + inUri(value))));
    return query.toString();
  }

  /** Percent-encoded (RFC 3986, section 2.1): in a query of ours a plus stays a plus. */
  private static String inUri(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  private static HttpAnswer.Body seeOther(String location) {
    return HttpAnswer.Body.text(303, "", "page: see other")
        .with(joined(GUARDED, Map.of(), "Location", location));
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
      case "audit" -> answer(() -> auditLog(guest));
      default -> done(nothing(guest));
    };
  }

  private CompletionStage<HttpAnswer> look(
      HttpRequestView request, Node node, List<String> rest, Guest guest) {
    if (rest.isEmpty()) {
      return answer(
          () -> html(200, Pages.node(cluster(), story(node), visitor(guest)), "page: a node"));
    }
    if (rest.equals(List.of("changes"))) {
      String have = request.parameter("have").orElse("");
      return answer(() -> part(Pages.nodeSince(story(node), have)));
    }
    Optional<Action> action = action(rest);
    return action.isPresent()
        ? answer(() -> confirm(node, action.get(), guest))
        : done(nothing(guest));
  }

  private static Optional<Action> action(List<String> rest) {
    return rest.size() == 2 && rest.getFirst().equals("do")
        ? Action.of(rest.get(1))
        : Optional.empty();
  }

  private HttpAnswer rack(HttpRequestView request, Guest guest) {
    RackView rack = PageViews.rack(status.get(), fleet);
    return html(
        200,
        Pages.rack(
            rack, visitor(guest), changes, request.parameter("q"), request.parameter("show")),
        "page: rack");
  }

  private HttpAnswer rackChanges(HttpRequestView request) {
    RackView rack = PageViews.rack(status.get(), fleet);
    return Pages.rackSince(rack, changes, request.parameter("since").orElse(""))
        .map(PageRoutes::part)
        .orElseGet(
            () ->
                HttpAnswer.Body.none("page: another rack")
                    .with(joined(GUARDED, Map.of(), "HX-Refresh", "true")));
  }

  /** A piece of a page; nothing at all leaves the browser as it is. */
  private static HttpAnswer part(String text) {
    return text.isEmpty()
        ? HttpAnswer.Body.none("page: no change").with(GUARDED)
        : html(200, text, "page: changes");
  }

  private NodeStory story(Node node) {
    FleetStatus.NodeStatus found =
        status.get().nodes().stream()
            .filter(each -> each.name().equals(node.name()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException(node.name() + " is not in the status"));
    return PageViews.story(
        PageViews.node(found, fleet),
        store.history(node.mac().toString(), MAX_EVENTS),
        logs.tail(node.mac(), MAX_LOG));
  }

  private HttpAnswer auditLog(Guest guest) {
    List<AuditEntry> all = Audit.read(store, Instant.EPOCH, Optional.empty());
    List<AuditEntry> newest = all.subList(Math.max(0, all.size() - MAX_AUDIT), all.size());
    String page = Pages.audit(cluster(), newest, this::nameOf, visitor(guest));
    return html(200, page, "page: audit log");
  }

  private String nameOf(String mac) {
    return Mac.parse(mac).flatMap(fleet::node).map(Node::name).orElse(mac);
  }

  private HttpAnswer confirm(Node node, Action action, Guest guest) {
    Visitor visitor = visitor(guest);
    return visitor.may().contains(action)
        ? html(200, Pages.confirm(cluster(), story(node).node(), action, visitor), "page: confirm")
        : beyond(guest);
  }

  private HttpAnswer beyond(Guest guest) {
    return note(
        403,
        Optional.of(visitor(guest)),
        "Beyond your scope",
        "Your token has the scope '"
            + guest.operator().scope()
            + "', which does not cover this. Ask who administers the appliance.");
  }

  private CompletionStage<HttpAnswer> change(
      HttpRequestView request, List<String> path, Guest guest) {
    Map<String, String> form = form(request);
    if (!guest.session().isProvedBy(form.getOrDefault("proof", ""))) {
      return done(
          note(
              403,
              Optional.of(visitor(guest)),
              "Refused",
              "This form is not of a page of yours, or you have logged in again since. Load the"
                  + " page once more."));
    }
    if (path.equals(List.of("logout"))) {
      sessions.end(guest.id());
      return done(
          seeOther("/ui/login")
              .with(
                  joined(
                      GUARDED, cookieOf(guest.session().way(), "", 0), "Location", "/ui/login")));
    }
    Optional<Node> node =
        path.size() == 4 && path.getFirst().equals("node")
            ? fleet.nodeNamed(path.get(1))
            : Optional.empty();
    Optional<Action> action =
        node.isPresent() ? action(path.subList(2, path.size())) : Optional.empty();
    if (action.isPresent() && action.get().restarts() && !"yes".equals(form.get("sure"))) {
      return done(
          note(
              422,
              Optional.of(visitor(guest)),
              "Not confirmed",
              "This ends what runs on the machine, and has to be confirmed."));
    }
    return action.isPresent()
        ? act(node.orElseThrow(), action.get(), request, guest)
        : done(nothing(guest));
  }

  private CompletionStage<HttpAnswer> act(
      Node node, Action action, HttpRequestView request, Guest guest) {
    List<String> path =
        action == Action.DEPLOY
            ? List.of("v1", "deploy")
            : List.of("v1", "nodes", node.name(), action.key());
    byte[] body = (action == Action.DEPLOY ? node.name() : "").getBytes(StandardCharsets.UTF_8);
    Map<String, List<String>> query =
        action == Action.ARM ? Map.of("for", List.of(ARMED_SECONDS)) : Map.of();
    HttpRequestView asked =
        new HttpRequestView(
            "POST", "/api/" + String.join("/", path), query, Map.of(), request.peer(), body);
    return api.as(guest.operator(), guest.from(), asked, path)
        .thenApply(
            answer -> {
              if (answer instanceof HttpAnswer.Body refused && refused.status() == 403) {
                return beyond(guest);
              }
              sessions.say(guest.id(), PageViews.said(action, answer));
              return seeOther("/ui/node/" + node.name());
            });
  }

  private Visitor visitor(Guest guest) {
    List<Action> may =
        Arrays.stream(Action.values())
            .filter(action -> ApiRoute.may(guest.operator().scope(), action.key()))
            .toList();
    return new Visitor(
        guest.operator().name(),
        guest.operator().scope().toString(),
        guest.session().proof(),
        sessions.said(guest.id()),
        may);
  }

  private HttpAnswer nothing(Guest guest) {
    return note(
        404, Optional.of(visitor(guest)), "Not found", "There is no such page, or no such node.");
  }

  private HttpAnswer note(int code, Optional<Visitor> visitor, String title, String words) {
    return html(code, Pages.note(cluster(), visitor, title, words), "page: a note");
  }

  private String cluster() {
    return fleet.rack().cluster();
  }

  private static HttpAnswer asset(List<String> path) {
    return path.size() == 3
        ? Assets.find(path.get(1), path.get(2))
            .<HttpAnswer>map(
                asset ->
                    HttpAnswer.Body.of(200, asset.contentType(), asset.bytes(), "page: a file")
                        .with(
                            Map.of(
                                "X-Content-Type-Options", "nosniff",
                                "Cache-Control", "public, max-age=31536000, immutable")))
            .orElseGet(() -> Answers.notFound("page: no such file"))
        : Answers.notFound("page: no such file");
  }

  private static HttpAnswer html(int code, String text, String label) {
    return HttpAnswer.Body.of(code, HTML, text.getBytes(StandardCharsets.UTF_8), label)
        .with(GUARDED);
  }

  /** A form (URL Standard, section 5.1); of a field that comes twice the first one counts. */
  private static Map<String, String> form(HttpRequestView request) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String pair : request.text().split("&", 64)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        try {
          fields.putIfAbsent(
              URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          // A broken escape: as if the field were not there.
        }
      }
    }
    return fields;
  }

  /** Off the event loop, and with all that was told before the question. */
  private CompletionStage<HttpAnswer> answer(Supplier<HttpAnswer> made) {
    return recorder.settled().handleAsync((_, _) -> made.get(), blocking);
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedStage(answer);
  }
}
